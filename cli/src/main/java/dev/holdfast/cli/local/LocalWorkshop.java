package dev.holdfast.cli.local;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.compile.DefinitionCompiler;
import dev.holdfast.agent.job.ClassCache;
import dev.holdfast.agent.job.JobNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.cli.terminal.Distribution;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What one call of a command needs to make sandboxes: a folder of its own, locked, that goes with
 * it, and beside it the folders of calls that were killed, which it removes.
 */
public final class LocalWorkshop implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final long KEPT_CLASSES = 400L << 20;

  /** Far more than any honest definition takes. */
  private static final Duration COMPILING = Duration.ofMinutes(2);

  private final Path folder;
  private final FileChannel lock;
  private final SandboxBackend backend;
  private final JobDirectories directories;
  private final RunnerDistribution distribution;
  private final ClassCache classes;
  private final InstantSource clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("timer").factory());

  private LocalWorkshop(
      Path folder,
      FileChannel lock,
      SandboxBackend backend,
      RunnerDistribution distribution,
      ClassCache classes,
      InstantSource clock)
      throws IOException {
    this.folder = folder;
    this.lock = lock;
    this.backend = backend;
    this.directories = new JobDirectories(folder);
    this.distribution = distribution;
    this.classes = classes;
    this.clock = clock;
  }

  /** Opens one. */
  public static LocalWorkshop open(Terminal terminal, LocalBackend choice)
      throws InterruptedException {
    RunnerDistribution distribution = distribution(terminal);
    try {
      Path cache = cache(terminal);
      Path runs = passable(passable(cache).resolve("run"));
      sweep(runs, choice);
      // Swept only by its last name, which it gets when it is locked.
      Path made =
          Files.createTempDirectory(
              runs,
              "new-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
      FileChannel lock =
          FileChannel.open(made.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock.lock();
      Path folder =
          Files.move(
              made,
              runs.resolve(made.getFileName().toString().replaceFirst("^new-", "run-")),
              StandardCopyOption.ATOMIC_MOVE);
      return new LocalWorkshop(
          folder,
          lock,
          choice.open(folder),
          distribution,
          new ClassCache(cache, KEPT_CLASSES, terminal.clock()),
          terminal.clock());
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, "no place for sandboxes: " + e.getMessage(), e);
    }
  }

  private static RunnerDistribution distribution(Terminal terminal) {
    Path home = Distribution.home(terminal, "no runner to put into a sandbox");
    try {
      return RunnerDistribution.of(home.resolve("runner"));
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL, e.getMessage() + "; build it again: script/build --clean", e);
    }
  }

  /** For root not in its home: sandboxes there have users of their own, who must pass. */
  private static Path cache(Terminal terminal) throws IOException {
    boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    return terminal
        .variable("XDG_CACHE_HOME")
        .map(Path::of)
        .or(() ->
            root
                ? java.util.Optional.of(Path.of("/var/cache"))
                : terminal.variable("HOME").map(h -> Path.of(h, ".cache")))
        .map(p -> terminal.resolve(p).resolve("holdfast"))
        .orElseThrow(() -> new IOException("neither XDG_CACHE_HOME nor HOME is set"));
  }

  private static Path passable(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return folder;
  }

  /** Removes what killed calls left: what is theirs is locked as long as they live. */
  private static void sweep(Path runs, LocalBackend choice)
      throws IOException, InterruptedException {
    List<Path> left = new ArrayList<>();
    try (var listed = Files.newDirectoryStream(runs, "run-*")) {
      listed.forEach(left::add);
    }
    for (Path folder : left) {
      Path file = folder.resolve(LOCK);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
          FileLock held = channel.tryLock()) {
        if (held != null) {
          try (SandboxBackend backend = choice.open(folder)) {
            backend.reconcile();
          } catch (SandboxUnavailable e) {
            throw new IOException(e.getMessage(), e);
          }
          remove(folder);
        }
      }
    }
  }

  /** What jobs of this run share. */
  public Workshop workshop(Checkout checkout) {
    return new Workshop(
        backend,
        AgentPolicy.standard(),
        JobNetworks.none(),
        checkout,
        directories,
        distribution,
        classes,
        Limits.standard(),
        Bounds.standard(),
        Workshop.Patience.standard(),
        clock,
        timer);
  }

  /** Evaluates workflows in a sandbox of this. */
  public DefinitionCompiler compiler() {
    return new DefinitionCompiler(backend, directories, distribution, COMPILING, timer);
  }

  /** As {@code namespaces}. */
  public String backend() {
    return backend.kind().name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The runner that sandboxes are given. */
  public RunnerDistribution distribution() {
    return distribution;
  }

  /** A folder in which the caller may keep what is to go with this. */
  public Path folder() {
    return folder;
  }

  private static void remove(Path folder) throws IOException, InterruptedException {
    // What jobs wrote may be nested deeper than Java can walk; rm can.
    Process rm =
        new ProcessBuilder("rm", "-rf", "--one-file-system", "--", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (rm.waitFor() != 0) {
      throw new IOException(folder + " cannot be removed");
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    backend.close();
    try {
      remove(folder);
      lock.close();
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, e.getMessage() + "; remove it by hand", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
