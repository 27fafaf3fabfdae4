package dev.holdfast.probe;

import dev.holdfast.agent.channel.ChannelListener;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * The control of the attacks on the channel: an agent that believes every word. It listens for some
 * seconds, keeps a little more than the real one would, and says what it came to believe.
 */
final class NaiveAgent {
  private static final Pattern STEP =
      Pattern.compile("\"type\":\"step-started\",\"step\":(-?\\d+)");

  private final Bench bench;
  private final SandboxBackend backend;

  private boolean greeted;
  private boolean succeeded;
  private boolean again;
  private final List<Integer> steps = new ArrayList<>();
  private String words = "";
  private long logged;
  private int outputs;
  private long largest;
  private volatile Optional<String> other = Optional.empty();

  NaiveAgent(Bench bench, SandboxBackend backend) {
    this.bench = bench;
    this.backend = backend;
  }

  /** Runs the job of {@code lease} and believes what is said of it. */
  Belief listen(Lease lease) throws IOException, InterruptedException {
    Path directory = bench.directories().create(lease.attempt());
    var spec =
        new SandboxSpec(
            lease.attempt(),
            directory,
            bench.installation().distribution().directory(),
            Optional.empty(),
            Limits.standard(),
            Optional.empty(),
            RunnerDistribution.command(),
            RunnerDistribution.environment());
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Sandbox sandbox = backend.create(spec)) {
      Path socket = spec.channel().resolve(ChannelListener.SOCKET);
      bind(server, spec.channel());
      if (HostUser.self().isRoot()) {
        Workspace.own(socket, sandbox.user());
      }
      sandbox.handOver();
      sandbox.start();
      var _ = sandbox.exited().thenRun(() -> closeAfterTheLastWord(server));
      converse(server, lease);
    } catch (SandboxRefused e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      bench.directories().remove(directory);
    }
    return belief();
  }

  private Belief belief() {
    return new Belief(succeeded, again, steps, words, logged, outputs, largest, other);
  }

  /** By a detour, since the kernel takes only short paths for sockets. */
  private static void bind(ServerSocketChannel server, Path channel) throws IOException {
    Path detour = Files.createTempDirectory("hfp");
    Path link = detour.resolve("c");
    try {
      Files.createSymbolicLink(link, channel.toAbsolutePath());
      server.bind(UnixDomainSocketAddress.of(link.resolve(ChannelListener.SOCKET)), 8);
    } finally {
      Files.deleteIfExists(link);
      Files.delete(detour);
    }
  }

  private static void closeAfterTheLastWord(ServerSocketChannel server) {
    try {
      server.close();
    } catch (IOException e) {
      // Whoever waits for a connection is told by the same failure.
      return;
    }
  }

  private void converse(ServerSocketChannel server, Lease lease)
      throws IOException, InterruptedException {
    try (SocketChannel runner = server.accept()) {
      var late = new AtomicBoolean();
      Thread patience =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Thread.sleep(bench.listening());
                  late.set(true);
                  hangUp(runner);
                } catch (InterruptedException | IOException e) {
                  Thread.currentThread().interrupt();
                }
              });
      try {
        converse(runner, server, lease);
      } catch (EOFException | ClosedChannelException e) {
        if (late.get() && words.isEmpty() && !succeeded && other.isEmpty()) {
          other = Optional.of("the listener would wait for ever");
        }
      } finally {
        patience.interrupt();
        patience.join();
      }
    }
  }

  private static void hangUp(SocketChannel runner) throws IOException {
    runner.shutdownInput();
    runner.shutdownOutput();
  }

  private void converse(SocketChannel runner, ServerSocketChannel server, Lease lease)
      throws IOException {
    var in = new DataInputStream(Channels.newInputStream(runner));
    var out = new DataOutputStream(Channels.newOutputStream(runner));
    while (belief().lie().isEmpty()) {
      int length = in.readInt();
      int kind = in.readUnsignedByte();
      if (length < 0 || length > 16 * 1024 * 1024) {
        largest = Integer.toUnsignedLong(length);
        return;
      }
      byte[] payload = in.readNBytes(length);
      if (payload.length < length) {
        throw new EOFException();
      }
      take(kind, payload);
      if (!greeted) {
        greeted = true;
        send(out, lease);
        accept(server);
      }
    }
  }

  /** Whoever else connects is listened to as well. */
  private void accept(ServerSocketChannel server) {
    Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel second = server.accept()) {
            var in = new DataInputStream(Channels.newInputStream(second));
            int length = in.readInt();
            other = Optional.of("the listener heard a second runner say " + length + " bytes");
          } catch (IOException e) {
            // Nobody else came.
            return;
          }
        });
  }

  private static void send(DataOutputStream out, Lease lease) throws IOException {
    var job =
        new ToRunner.RunJob(
            lease.workflow(),
            lease.job(),
            lease.event(),
            SandboxPaths.WORKSPACE,
            Map.of(),
            Optional.empty(),
            Map.of());
    new Frame(FrameKind.CONTROL, Records.utf8(ToRunner.class, job)).write(out);
    out.flush();
  }

  private void take(int kind, byte[] payload) {
    switch (kind) {
      case 1 -> control(new String(payload, StandardCharsets.UTF_8));
      case 2 -> {
        logged += payload.length;
        if (steps.isEmpty()) {
          other = Optional.of("the listener took output of no step");
        }
        if (payload.length == 0) {
          outputs++;
        }
      }
      case 3 -> other = Optional.of("the listener keeps classes that nobody asked for");
      default -> {}
    }
  }

  private void control(String json) {
    largest = Math.max(largest, json.length());
    var step = STEP.matcher(json);
    if (step.find()) {
      steps.add(Integer.parseInt(step.group(1)));
    }
    if (json.contains("\"type\":\"output\"") || json.contains("\"type\":\"summary\"")) {
      outputs++;
      if (json.contains("../")) {
        other = Optional.of("the listener would write an output to a path outside");
      }
    }
    if (json.contains("\"type\":\"job-finished\"")) {
      succeeded = json.contains("\"type\":\"succeeded\"");
      again = json.contains("\"type\":\"broken\"") && !steps.isEmpty();
      words = json.replace("\\u001b", "\u001b");
    }
  }
}
