package dev.holdfast.agent.sandbox.process;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Inside;
import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.namespaces.Leftovers;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import dev.holdfast.agent.sandbox.namespaces.Spawner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The processes of one job: all of one user, which nobody else has at the same time. */
final class ProcessSandbox implements Sandbox {
  private static final String HOME = "home";
  private static final String TEMPORARY = "tmp";

  /** Besides workspace and channel. */
  static final List<String> PLACES = List.of(HOME, TEMPORARY);

  /** Where programs leave files whatever they are told. */
  private static final List<String> SHARED = List.of("/tmp", "/var/tmp", "/dev/shm");

  /** Enters the cgroup, and becomes the rest of its arguments. */
  private static final String ENTER =
      """
      while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done
      shift
      exec "$@"
      """;

  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");
  private static final Pattern PATTERN = Pattern.compile("[\\\\*?\\[\\]]");

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SandboxSpec spec;
  private final Slots.Slot slot;
  private final Cgroup cgroup;
  private final LastWords lastWords = new LastWords();
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private volatile @Nullable Process process;
  private boolean closed;

  ProcessSandbox(SandboxSpec spec, Slots.Slot slot, Cgroup cgroup) {
    this.spec = spec;
    this.slot = slot;
    this.cgroup = cgroup;
  }

  @Override
  public HostUser user() {
    return slot.user();
  }

  @Override
  public boolean userOfItsOwn() {
    return true;
  }

  @Override
  public Inside inside() {
    return new Inside(
        spec.workspace().toAbsolutePath().toString(),
        own(HOME).toString(),
        own(TEMPORARY).toString(),
        false);
  }

  private Path own(String place) {
    return spec.directory().resolve(place).toAbsolutePath();
  }

  @Override
  public Map<String, String> imageEnvironment() {
    return Map.of();
  }

  @Override
  public boolean sealedUntilHandOver() {
    // The workspace is root's, and closed, until then.
    return true;
  }

  @Override
  public void start() throws SandboxUnavailable, InterruptedException {
    String uid = Integer.toString(user().uid());
    var command = new ArrayList<>(List.of("/bin/sh", "-c", ENTER, "enter"));
    cgroup.doors().forEach(door -> command.add(door.toString()));
    command.addAll(List.of("--", "setpriv", "--pdeathsig", "KILL"));
    command.addAll(List.of("--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"));
    command.addAll(List.of("--bounding-set", "-all", "--inh-caps", "-all", "--", "setsid", "-w"));
    command.addAll(program());
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(new java.io.File("/"));
    builder.environment().clear();
    spec.environment().forEach((name, value) -> builder.environment().put(name, outside(value)));
    builder.environment().put("TMPDIR", own(TEMPORARY).toString());
    try {
      Process made = Spawner.start(builder);
      process = made;
      var _ = made.onExit().thenAccept(ended -> exited.complete(ended.exitValue()));
      made.getOutputStream().close();
      Thread.ofVirtual().name("process-output").start(() -> lastWords.drain(made.getInputStream()));
    } catch (IOException e) {
      throw new SandboxUnavailable("the job's process does not start: " + e.getMessage(), e);
    }
  }

  /** The runner's Java is made for its place in a sandbox, and has to be told where it is now. */
  private List<String> program() throws SandboxUnavailable {
    List<String> given = spec.command().stream().map(this::outside).toList();
    Path home = spec.distribution().toAbsolutePath().resolve("java");
    if (!given.getFirst().equals(home.resolve("bin/java").toString())) {
      return given;
    }
    Path libraries = home.resolve("glibc");
    var all = new ArrayList<String>();
    all.add(loader(libraries).toString());
    all.add("--library-path");
    all.add(libraries + ":" + home.resolve("lib") + ":" + home.resolve("lib/server"));
    // The other one is closed to readers, of which a loader is one; here is no wall to hold.
    all.add(home.resolve("bin/java-by-loader").toString());
    // Its helper for starting programs is bound to that place as well.
    all.add("-Djdk.lang.Process.launchMechanism=VFORK");
    all.add("-Djava.io.tmpdir=" + own(TEMPORARY));
    all.addAll(given.subList(1, given.size()));
    return all;
  }

  private static Path loader(Path libraries) throws SandboxUnavailable {
    try (var found = Files.newDirectoryStream(libraries, "ld-*")) {
      for (Path loader : found) {
        return loader;
      }
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot read " + libraries + ": " + e.getMessage(), e);
    }
    throw new SandboxUnavailable(
        libraries + " has no loader; install the distribution again, as script/build makes it");
  }

  /** Paths of a sandbox as they are on the host. */
  private String outside(String text) {
    return text.replace(SandboxPaths.DISTRIBUTION, spec.distribution().toAbsolutePath().toString())
        .replace(SandboxPaths.CHANNEL, spec.channel().toAbsolutePath().toString())
        .replace(SandboxPaths.HOME, own(HOME).toString());
  }

  @Override
  public long process() throws SandboxUnavailable {
    throw new SandboxUnavailable("a plain process has no namespaces of its own");
  }

  @Override
  public void handOver() throws SandboxUnavailable {
    try {
      Workspace.give(spec.workspace(), user());
      Files.setPosixFilePermissions(spec.workspace(), PosixFilePermissions.fromString("rwxr-x---"));
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
    return cgroup.outOfMemory() > 0;
  }

  @Override
  public void kill() {
    Process first = process;
    if (first != null) {
      first.destroyForcibly();
    }
  }

  @Override
  public void close() throws SandboxUnavailable {
    if (closed) {
      return;
    }
    kill();
    cgroup.destroy();
    Leftovers.end(user());
    try {
      removeFiles();
      slot.close();
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "something of the job's user " + user().uid() + " is left: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while a job's files were removed", e);
    }
    closed = true;
  }

  /** What the user has in places that all share. Nothing of it runs any more. */
  private void removeFiles() throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("find"));
    command.addAll(SHARED);
    command.addAll(List.of("-xdev", "-uid", Integer.toString(user().uid())));
    // What is in the attempt's own directory goes with that.
    String own = literally(spec.directory().toAbsolutePath().toString());
    command.addAll(List.of("!", "-path", own, "!", "-path", own + "/*"));
    // A job mounts nothing: a disk mounted there is another attempt's, from before.
    for (String point : mountPoints()) {
      command.addAll(List.of("!", "-path", literally(point)));
    }
    command.add("-delete");
    Process find = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] said = find.getInputStream().readNBytes(2000);
    find.getInputStream().skip(Long.MAX_VALUE);
    if (!find.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS) || find.exitValue() != 0) {
      find.destroyForcibly();
      throw new IOException(new String(said, StandardCharsets.UTF_8).strip());
    }
  }

  private static List<String> mountPoints() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      // The kernel writes blanks and backslashes in it as three octal digits.
      return lines
          .map(line -> OCTAL.matcher(line.split(" ", -1)[4]).replaceAll(ProcessSandbox::decoded))
          .filter(point -> SHARED.stream().anyMatch(shared -> point.startsWith(shared + "/")))
          .toList();
    }
  }

  private static String decoded(MatchResult octal) {
    return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8)));
  }

  /** As a pattern of find that matches this and nothing else. */
  private static String literally(String path) {
    return PATTERN.matcher(path).replaceAll("\\\\$0");
  }
}
