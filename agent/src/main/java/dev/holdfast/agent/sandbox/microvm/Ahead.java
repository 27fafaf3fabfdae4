package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.snapshot.BadSnapshot;
import dev.holdfast.agent.sandbox.microvm.snapshot.SnapshotKey;
import dev.holdfast.agent.sandbox.microvm.snapshot.SnapshotStore;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is made before a job wants it, by one thread: the snapshot of each kind of machine that a
 * job wanted, and then machines that wait. A job never waits for it: where there is nothing yet, or
 * where it failed, its machine boots.
 *
 * <p>{@code DATA/waiting/ID/} is the directory of each machine that it makes.
 */
final class Ahead implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ahead.class);

  /** Each is as large as what its machine had touched of its memory. */
  private static final int MOST_SNAPSHOTS = 8;

  /** How often it looks for what has ended or aged, where nobody wakes it. */
  private static final Duration LOOKS = Duration.ofSeconds(20);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final MachineHost host;
  private final Path data;
  private final String prefix;
  private final SnapshotStore store;
  private final WarmPool<Shape, Housed> pool;
  private final Set<Shape> wanted = ConcurrentHashMap.newKeySet();

  /** Of which no snapshot can be made or used, and why; until this agent's end. */
  private final Map<Shape, String> failed = new ConcurrentHashMap<>();

  private final LinkedBlockingQueue<Boolean> wakes = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Housed making;

  /**
   * @param data the agent's data directory
   * @param prefix of the names of its machines
   */
  Ahead(MachineHost host, Warm warm, Path data, String prefix, SnapshotStore store) {
    this.host = host;
    this.data = data;
    this.prefix = prefix;
    this.store = store;
    this.pool = new WarmPool<>(warm.pool(), warm.poolMemory(), new Machines());
    this.thread = Thread.ofPlatform().daemon().name("machines-ahead").start(this::run);
  }

  /** A job of this kind has come. */
  void wanted(Shape shape) {
    wanted.add(shape);
    wakes.add(true);
  }

  /** A machine that waits, which is the caller's from now on. */
  Optional<Housed> take(Shape shape) {
    return pool.take(shape);
  }

  int waiting() {
    return pool.waiting();
  }

  /** What a machine may be restored from, or why it has to boot. */
  sealed interface Found {
    record Kept(Snapshot snapshot) implements Found {}

    record None(String why) implements Found {}
  }

  Found find(Shape shape) {
    String why = failed.get(shape);
    if (why != null) {
      return new Found.None(why);
    }
    try {
      return store
          .find(key(shape), host.clock().instant())
          .<Found>map(Found.Kept::new)
          .orElseGet(() -> new Found.None("there is no snapshot yet for " + shape));
    } catch (BadSnapshot | IOException e) {
      return new Found.None(String.valueOf(e.getMessage()));
    }
  }

  /** No machine starts from it; the next ones boot. */
  void failed(Shape shape, String why) {
    failed.put(shape, "an earlier one could not be restored: " + why);
  }

  private SnapshotKey key(Shape shape) throws IOException {
    return SnapshotKey.here(
        shape.image().base(),
        shape.image().kernel() + " " + shape.image().initramfs() + " " + Housed.ARGUMENTS,
        host.driver().vmm().what(),
        shape.memoryMib(),
        shape.vcpus(),
        shape.limits().disk(),
        shape.network());
  }

  private void run() {
    try {
      while (!closing) {
        if (!snapshots() && !pool.step(host.clock().instant())) {
          wakes.poll(LOOKS.toMillis(), TimeUnit.MILLISECONDS);
          wakes.clear();
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread.
      Thread.currentThread().interrupt();
    }
  }

  /** Makes one that is missing; whether there was one to make. */
  private boolean snapshots() throws InterruptedException {
    for (Shape shape : List.copyOf(wanted)) {
      wanted.remove(shape);
      if (failed.containsKey(shape)) {
        continue;
      }
      try {
        boolean missing = missing(shape);
        if (missing) {
          make(shape);
        }
        // Only now: what waits starts from it.
        pool.wanted(shape, host.clock().instant());
        if (missing) {
          return true;
        }
      } catch (SandboxUnavailable e) {
        refuse(shape, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        refuse(shape, e.toString());
      }
    }
    return false;
  }

  private void refuse(Shape shape, String why) {
    if (!closing) {
      failed.put(shape, "no snapshot could be made: " + why);
      LOG.warn("machines with {} boot cold: no snapshot could be made: {}", shape, why);
    }
  }

  private boolean missing(Shape shape) throws IOException {
    try {
      return store.find(key(shape), host.clock().instant()).isEmpty();
    } catch (BadSnapshot e) {
      LOG.warn("{}; it is removed and made again", e.getMessage());
      store.forget(key(shape));
      return true;
    }
  }

  private void make(Shape shape) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Path into = store.begin();
    boolean kept = false;
    try {
      Housed template = housed(shape);
      try {
        Snapshot made = template.keep(into);
        store.keep(key(shape), into, made, host.clock().instant());
        kept = true;
      } finally {
        end(template);
      }
      store.collect(MOST_SNAPSHOTS);
      LOG.info(
          "machines with {} start from a snapshot from now on; it took {} ms to make",
          shape,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    } finally {
      if (!kept) {
        store.abandon(into);
      }
    }
  }

  /** One more in {@code DATA/waiting}; {@link #close} ends the newest at once. */
  private Housed housed(Shape shape) throws IOException {
    byte[] random = new byte[6];
    RANDOM.nextBytes(random);
    String id = prefix + "w" + HexFormat.of().formatHex(random);
    var closed = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path directory =
        Files.createDirectory(Files.createDirectories(at(data), closed).resolve(id), closed);
    try {
      Housed taken = Housed.take(host, id, directory, shape);
      making = taken;
      if (closing) {
        taken.kill();
      }
      return taken;
    } catch (SandboxUnavailable e) {
      Files.delete(directory);
      throw e;
    }
  }

  private void end(Housed machine) throws IOException {
    making = null;
    machine.close();
    Files.deleteIfExists(machine.directory());
  }

  private static Path at(Path data) {
    return data.resolve("waiting");
  }

  /** Removes what machines of an earlier agent left here. Only once none of them lives. */
  static void removeLeftovers(Path data) throws IOException {
    if (!Files.isDirectory(at(data))) {
      return;
    }
    try (var machines = Files.newDirectoryStream(at(data))) {
      for (Path machine : machines) {
        try (var files = Files.newDirectoryStream(machine)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(machine);
      }
    }
  }

  private final class Machines implements WarmPool.Maker<Shape, Housed> {
    @Override
    public Optional<Housed> make(Shape shape) {
      if (!(find(shape) instanceof Found.Kept(Snapshot snapshot))) {
        return Optional.empty();
      }
      try {
        Housed machine = housed(shape);
        try {
          machine.up(Optional.of(snapshot));
          making = null;
          return Optional.of(machine);
        } catch (SandboxUnavailable e) {
          end(machine);
          throw e;
        } catch (InterruptedException e) {
          end(machine);
          Thread.currentThread().interrupt();
          return Optional.empty();
        }
      } catch (IOException e) {
        if (!closing) {
          LOG.warn("no machine waits for a job with {}: {}", shape, e.getMessage());
        }
        return Optional.empty();
      }
    }

    @Override
    public boolean lives(Housed waiting) {
      return waiting.lives();
    }

    @Override
    public void end(Housed waiting) {
      try {
        Ahead.this.end(waiting);
      } catch (IOException e) {
        LOG.warn(
            "a machine that waited is not all gone, the next start removes it: {}", e.getMessage());
      }
    }

    @Override
    public long memory(Shape shape) {
      return shape.limits().memory();
    }

    @Override
    public long free() {
      return HostMemory.available();
    }
  }

  /** Ends what waits and what is being made, and returns once nothing of it is there. */
  @Override
  public void close() {
    closing = true;
    wakes.add(true);
    Housed made = making;
    if (made != null) {
      made.kill();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    try {
      pool.close();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
