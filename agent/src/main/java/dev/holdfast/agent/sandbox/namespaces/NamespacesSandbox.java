package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One bubblewrap: a process on the host that waits, and the first process of the pid namespace. */
final class NamespacesSandbox implements Sandbox {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SandboxSpec spec;
  private final HostUser user;
  private final List<String> command;
  private final List<String> arguments;
  private final Slots.@Nullable Slot slot;
  private final Optional<Cgroup> cgroup;
  private final Map<String, String> environment;
  private final boolean endProcesses;
  private final Optional<Reused> reused;
  private final LastWords lastWords = new LastWords();
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private volatile @Nullable Process process;
  private volatile Processes.@Nullable Living first;
  private boolean closed;

  /**
   * @param slot where {@code user} is one of ours; the sandbox gives it back
   * @param cgroup that the command enters; the sandbox removes it
   * @param reused there only in a control, which leaves files to the next job
   * @param endProcesses false only in a control, which shows what would be left
   */
  NamespacesSandbox(
      SandboxSpec spec,
      HostUser user,
      List<String> command,
      List<String> arguments,
      Map<String, String> environment,
      Slots.@Nullable Slot slot,
      Optional<Cgroup> cgroup,
      boolean endProcesses,
      Optional<Reused> reused) {
    this.spec = spec;
    this.user = user;
    this.command = command;
    this.arguments = arguments;
    this.slot = slot;
    this.cgroup = cgroup;
    this.environment = environment;
    this.endProcesses = endProcesses;
    this.reused = reused;
  }

  @Override
  public HostUser user() {
    return user;
  }

  @Override
  public boolean userOfItsOwn() {
    return slot != null;
  }

  @Override
  public Map<String, String> imageEnvironment() {
    return Map.of();
  }

  @Override
  public boolean sealedUntilHandOver() {
    // Nothing but the host's own programs and the runner, which waits, is in it until then.
    return true;
  }

  @Override
  public void start() throws SandboxUnavailable, InterruptedException {
    var builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
    builder.directory(new java.io.File("/"));
    builder.environment().clear();
    builder.command().add("--");
    builder.command().addAll(spec.command());
    try {
      Process made = Spawner.start(builder);
      process = made;
      var _ = made.onExit().thenAccept(ended -> exited.complete(ended.exitValue()));
      mark(made.pid());
      try (OutputStream in = made.getOutputStream()) {
        in.write(nulTerminated(environment));
      }
      Thread.ofVirtual().name("sandbox-output").start(() -> lastWords.drain(made.getInputStream()));
      first = findFirst(made);
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "bubblewrap does not start: " + e.getMessage() + " " + lastWords.text(), e);
    }
  }

  private byte[] nulTerminated(Map<String, String> environment) {
    var text = new StringBuilder();
    arguments.forEach(argument -> text.append(argument).append('\0'));
    environment.forEach((name, value) ->
        text.append("--setenv\0").append(name).append('\0').append(value).append('\0'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void mark(long pid) throws IOException {
    OptionalLong started = Processes.startTime(pid);
    if (started.isPresent()) {
      Files.writeString(
          spec.directory().resolve(Leftovers.MARK),
          pid + " " + started.getAsLong() + " " + user.uid() + "\n");
    }
  }

  /**
   * The first process of the pid namespace. The kernel ends it last, so that its end proves the end
   * of all of them.
   */
  private static Processes.@Nullable Living findFirst(Process bwrap) throws InterruptedException {
    // It appears within a few milliseconds, or bubblewrap ends and says why.
    while (bwrap.isAlive()) {
      OptionalLong child = Processes.firstChild(bwrap.pid());
      if (child.isPresent()) {
        return Processes.Living.of(child.getAsLong()).orElse(null);
      }
      bwrap.waitFor(1, TimeUnit.MILLISECONDS);
    }
    return null;
  }

  @Override
  public long process() throws SandboxUnavailable {
    Processes.Living inside = first;
    if (inside == null) {
      throw new SandboxUnavailable("the sandbox of " + spec.attempt() + " has ended already");
    }
    return inside.pid();
  }

  @Override
  public void handOver() throws SandboxUnavailable {
    try {
      if (reused.isPresent()) {
        reused.get().restore(spec.workspace());
      }
      if (slot != null) {
        Workspace.give(spec.workspace(), user);
      }
      Files.setPosixFilePermissions(spec.workspace(), PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot give the workspace to the job: " + e.getMessage(), e);
    }
  }

  @Override
  public CompletableFuture<Integer> exited() {
    return exited;
  }

  @Override
  public String diagnostics() {
    return lastWords.text();
  }

  @Override
  public boolean ranOutOfMemory() {
    return cgroup.isPresent() && cgroup.get().outOfMemory() > 0;
  }

  @Override
  public void kill() {
    if (!endProcesses) {
      return;
    }
    Processes.Living inside = first;
    if (inside != null) {
      inside.kill();
    }
    Process outside = process;
    if (outside != null) {
      outside.destroyForcibly();
    }
  }

  @Override
  public void close() throws SandboxUnavailable {
    if (closed || !endProcesses) {
      return;
    }
    kill();
    try {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      Process outside = process;
      Processes.Living inside = first;
      boolean gone =
          (outside == null || outside.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS))
              && (inside == null || inside.awaitEnd(deadline));
      if (!gone) {
        throw new SandboxUnavailable(
            "a process of the sandbox of " + spec.attempt() + " does not end even when killed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while a sandbox was destroyed", e);
    }
    if (slot != null) {
      Leftovers.end(user);
      try {
        slot.close();
      } catch (IOException e) {
        throw new SandboxUnavailable(
            "cannot give back the sandbox's user " + user.uid() + ": " + e.getMessage(), e);
      }
    }
    if (cgroup.isPresent()) {
      cgroup.get().destroy();
    }
    if (reused.isPresent()) {
      try {
        reused.get().keep(spec.workspace());
      } catch (IOException e) {
        throw new SandboxUnavailable("the control cannot keep its files: " + e.getMessage(), e);
      }
    }
    closed = true;
  }
}
