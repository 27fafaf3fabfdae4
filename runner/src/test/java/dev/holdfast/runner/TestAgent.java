package dev.holdfast.runner;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.SecretValues;
import dev.holdfast.model.wire.channel.ToRunner;
import dev.holdfast.runner.channel.AgentChannel;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The agent's side of the channel, over a real socket, with the runner in this process. */
final class TestAgent implements AutoCloseable {
  static final CommitId COMMIT = new CommitId("0123456789abcdef0123456789abcdef01234567");

  /** What a runner said: control messages in order, and its whole log. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Heard(
      List<FromRunner> messages, byte[] log, byte @Nullable [] classes, List<byte[]> frames) {
    String text() {
      return new String(log, StandardCharsets.UTF_8);
    }

    Outcome outcome() {
      return ((FromRunner.JobFinished) messages.getLast()).outcome();
    }

    FromRunner.Evaluated evaluated() {
      return (FromRunner.Evaluated) messages.getLast();
    }

    List<StepResult> results() {
      return messages.stream()
          .filter(FromRunner.StepFinished.class::isInstance)
          .map(m -> ((FromRunner.StepFinished) m).result())
          .toList();
    }

    Map<String, String> outputs() {
      var outputs = new LinkedHashMap<String, String>();
      for (FromRunner message : messages) {
        if (message instanceof FromRunner.Output(var name, var value)) {
          outputs.put(name.value(), value);
        }
      }
      return outputs;
    }

    String summary() {
      var all = new StringBuilder();
      for (FromRunner message : messages) {
        if (message instanceof FromRunner.Summary(var markdown)) {
          all.append(markdown);
        }
      }
      return all.toString();
    }
  }

  private final Path directory;
  final Path workspace;
  final SocketChannel socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  final CountDownLatch lost = new CountDownLatch(1);
  private final @Nullable Thread runner;

  /** With a runner in this process. */
  TestAgent() throws IOException {
    this(false);
  }

  /**
   * With a runner in this process, or one of its own, started by {@code command} and the socket's
   * path.
   */
  TestAgent(boolean external, String... command) throws IOException {
    directory = Files.createTempDirectory("holdfast-test");
    workspace = Files.createDirectory(directory.resolve("workspace"));
    Path path = directory.resolve("s");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      if (external) {
        var words = new ArrayList<>(List.of(command));
        words.add(path.toString());
        process = new ProcessBuilder(words).inheritIO().start();
        runner = null;
      } else {
        process = null;
        var channel = AgentChannel.connect(path);
        runner = new Thread(() -> session(channel), "runner under test");
        runner.setDaemon(true);
        runner.start();
      }
      socket = server.accept();
    }
    in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(socket), 256 * 1024));
    out = new DataOutputStream(Channels.newOutputStream(socket));
  }

  final @Nullable Process process;

  private void session(AgentChannel channel) {
    try (channel) {
      new Session(channel, lost::countDown).run();
    } catch (IOException | InterruptedException e) {
      lost.countDown();
    }
  }

  void send(ToRunner message) throws IOException {
    new Frame(FrameKind.CONTROL, Records.utf8(ToRunner.class, message)).write(out);
    out.flush();
  }

  void sendClasses(byte[] zip) throws IOException {
    new Frame(FrameKind.CLASSES, zip).write(out);
    out.flush();
  }

  /** Lets every step in that asks, each with these secrets. */
  Heard giving(Map<String, byte[]> secrets, Map<String, String> withheld) throws IOException {
    return answering(message -> {
      if (message instanceof FromRunner.StepWaits(int step)) {
        if (!secrets.isEmpty()) {
          new Frame(FrameKind.SECRETS, SecretValues.payload(secrets)).write(out);
        }
        send(new ToRunner.StepMayStart(step, withheld, false));
      }
    });
  }

  FromRunner.Hello hello() throws IOException {
    return (FromRunner.Hello) Records.read(FromRunner.class, Frame.read(in).payload());
  }

  /** Reads to the last message of a job or evaluation. */
  Heard hear() throws IOException {
    return hear(frame -> {});
  }

  Heard hear(Consumer<Frame> each) throws IOException {
    return hear(each, message -> {});
  }

  /** What the agent does when the runner says something. */
  interface Reply {
    void to(FromRunner message) throws IOException;
  }

  Heard answering(Reply reply) throws IOException {
    return hear(frame -> {}, reply);
  }

  private Heard hear(Consumer<Frame> each, Reply said) throws IOException {
    var messages = new ArrayList<FromRunner>();
    var frames = new ArrayList<byte[]>();
    var log = new ByteArrayOutputStream();
    byte[] classes = null;
    while (true) {
      Frame frame = Frame.read(in);
      switch (frame.kind()) {
        case CONTROL -> messages.add(Records.read(FromRunner.class, frame.payload()));
        case LOG -> {
          log.writeBytes(frame.payload());
          if (frames.size() < 100) {
            frames.add(frame.payload());
          }
        }
        case CLASSES -> classes = frame.payload();
        case SECRETS -> throw new IOException("a runner sent secrets");
      }
      each.accept(frame);
      if (frame.kind() == FrameKind.CONTROL) {
        said.to(messages.getLast());
      }
      if (frame.kind() == FrameKind.CONTROL
          && (messages.getLast() instanceof FromRunner.JobFinished
              || messages.getLast() instanceof FromRunner.Evaluated)) {
        return new Heard(messages, log.toByteArray(), classes, frames);
      }
    }
  }

  /** Runs one job with a fresh runner. */
  static Heard run(ToRunnerOrder order) throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order.at(agent.workspace));
      return agent.hear();
    }
  }

  static Heard run(Step... steps) throws IOException {
    return run(workspace -> order(workspace, steps));
  }

  /** A job's order, once its workspace is known. */
  interface ToRunnerOrder {
    ToRunner.RunJob at(Path workspace);
  }

  static ToRunner.RunJob order(Path workspace, Step... steps) {
    return order(workspace, push("main"), job(steps));
  }

  static ToRunner.RunJob order(Path workspace, Happening happening, Job job) {
    return new ToRunner.RunJob(
        new Name("ci"),
        new PlannedJob(job.name().value(), Map.of(), List.of(), job),
        new Event(
            "delivery-1",
            "rep_1",
            Instant.parse("2026-01-31T12:00:00Z"),
            Optional.empty(),
            happening),
        workspace.toString(),
        Map.of("PATH", "/usr/bin:/bin", "CI", "true", "HOLDFAST_RUN", "run_1"),
        Optional.empty(),
        Map.of());
  }

  static ToRunner.RunJob with(ToRunner.RunJob order, Sources sources) {
    return new ToRunner.RunJob(
        order.workflow(),
        order.job(),
        order.event(),
        order.workspace(),
        order.env(),
        Optional.of(sources),
        order.outputs());
  }

  static Happening push(String branch) {
    return new Happening.Push(new RefName(branch), COMMIT, Optional.empty(), false);
  }

  static Job job(Step... steps) {
    return new Job(
        new Name("test"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(steps));
  }

  static Step.Command sh(String name, String script) {
    return new Step.Command(
        name, script, Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static Step.Command sh(String name, String script, When when) {
    return new Step.Command(
        name, script, Map.of(), Optional.empty(), Optional.of(when), Optional.empty());
  }

  static Step.Command sh(String name, String script, TimeLimit limit) {
    return new Step.Command(
        name, script, Map.of(), Optional.empty(), Optional.empty(), Optional.of(limit));
  }

  /** A command that is given the secret, as the variable {@code TOKEN}. */
  static Step.Command secret(String name, String script, String secret) {
    return new Step.Command(
        name,
        script,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("TOKEN", new SecretName(secret)),
        Optional.empty());
  }

  static Step.Code code(String name) {
    return new Step.Code(name, Optional.empty(), Optional.empty());
  }

  @Override
  public void close() throws IOException {
    socket.close();
    if (process != null) {
      process.destroyForcibly();
    }
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
