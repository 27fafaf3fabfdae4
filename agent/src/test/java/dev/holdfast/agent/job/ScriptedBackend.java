package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.wire.agent.AgentApi;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Sandboxes without a wall, in which a scripted runner says what the test wants. */
final class ScriptedBackend implements SandboxBackend {
  /** What plays the runner. */
  interface Script {
    void play(Path socket) throws Exception;
  }

  /** What plays the runner, once connected. */
  interface Talk {
    void talk(Wire wire) throws Exception;
  }

  private final Script script;
  final AtomicInteger alive = new AtomicInteger();

  /** How many times a sandbox says that something of it is left. */
  final AtomicInteger stubborn = new AtomicInteger();

  /** How often somebody looked for what is left. */
  final AtomicInteger looks = new AtomicInteger();

  /** What an engine would have under the attempt's label. */
  final List<String> labelled = new CopyOnWriteArrayList<>();

  /** The user that a sandbox says it has for itself; none if it is 0. */
  final AtomicInteger user = new AtomicInteger();

  ScriptedBackend(Script script) {
    this.script = script;
  }

  static ScriptedBackend talking(Talk talk) {
    return new ScriptedBackend(socket -> {
      try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        talk.talk(new Wire(channel));
      }
    });
  }

  @Override
  public AgentApi.Backend kind() {
    return AgentApi.Backend.NAMESPACES;
  }

  @Override
  public Readiness check() {
    return new Readiness.Usable("a script");
  }

  @Override
  public Sandbox create(SandboxSpec spec) {
    alive.incrementAndGet();
    return new Scripted(spec);
  }

  @Override
  public List<String> labelled(String attempt) {
    looks.incrementAndGet();
    return List.copyOf(labelled);
  }

  @Override
  public void reconcile() {}

  @Override
  public void close() {}

  private final class Scripted implements Sandbox {
    private final SandboxSpec spec;
    private final CompletableFuture<Integer> exited = new CompletableFuture<>();
    private volatile Thread thread = new Thread();

    Scripted(SandboxSpec spec) {
      this.spec = spec;
    }

    @Override
    public HostUser user() {
      return userOfItsOwn() ? new HostUser(user.get(), user.get()) : HostUser.self();
    }

    @Override
    public boolean userOfItsOwn() {
      return user.get() != 0;
    }

    @Override
    public Map<String, String> imageEnvironment() {
      return Map.of();
    }

    @Override
    public boolean sealedUntilHandOver() {
      return true;
    }

    @Override
    public void start() {
      thread = Thread.ofVirtual().start(this::play);
    }

    private void play() {
      try {
        script.play(spec.channel().resolve("channel.sock"));
        exited.complete(0);
      } catch (Exception | AssertionError e) {
        // What a script finds wrong is for its test to see; it must not hold up the end.
        System.err.println("the scripted runner ended: " + e);
        exited.complete(137);
      }
    }

    @Override
    public long process() {
      return ProcessHandle.current().pid();
    }

    @Override
    public void handOver() {}

    @Override
    public CompletableFuture<Integer> exited() {
      return exited;
    }

    @Override
    public String diagnostics() {
      return "";
    }

    @Override
    public boolean ranOutOfMemory() {
      return false;
    }

    @Override
    public void kill() {
      thread.interrupt();
    }

    @Override
    public void close() throws SandboxUnavailable {
      if (stubborn.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new SandboxUnavailable("process 7 of it does not end");
      }
      thread.interrupt();
      exited.join();
      alive.decrementAndGet();
    }
  }
}
