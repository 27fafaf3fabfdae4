package dev.holdfast.agent.keep;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories in one directory, of bounded size in all. When each was last used is its own time of
 * modification, so that it outlives this process. Thread-safe; for one process at a time.
 *
 * <p>What goes is renamed first, so that a half removed one is never taken for a whole one; the
 * next start removes the rest.
 */
public final class Trees {
  private static final Logger LOG = LoggerFactory.getLogger(Trees.class);

  /** No name of ours begins like this. */
  private static final String GOING = ".going-";

  private final Path root;
  private final String what;
  private final long most;
  private final InstantSource clock;
  private final Map<String, Integer> users = new HashMap<>();
  private final Map<String, Long> sizes = new HashMap<>();

  /** Makes {@code root} if it is not there, and removes what was going when a process ended. */
  public static Trees open(Path root, String what, long most, InstantSource clock)
      throws IOException {
    Files.createDirectories(root);
    var trees = new Trees(root, what, most, clock);
    for (Path left : trees.listed(GOING + "*")) {
      LOG.info("{}: removing the rest of a {} that was going", left, what);
      delete(left);
    }
    return trees;
  }

  private Trees(Path root, String what, long most, InstantSource clock) {
    this.root = root;
    this.what = what;
    this.most = most;
    this.clock = clock;
  }

  /** One that is in use until it is closed, and stays until then. */
  public final class Use implements AutoCloseable {
    private final String name;

    private Use(String name) {
      this.name = name;
    }

    /** Where it is; not there if it was never made, or was forgotten. */
    public Path path() {
      return root.resolve(name);
    }

    /** Marks it as used now, and lets what is too much go, in the background. */
    @Override
    public void close() {
      release(name);
      Thread.ofVirtual().name("trim-" + what).start(Trees.this::trim);
    }
  }

  /**
   * @param name a safe file name that begins with a letter or a digit
   */
  public synchronized Use use(String name) {
    users.merge(name, 1, Integer::sum);
    return new Use(name);
  }

  private synchronized void release(String name) {
    users.compute(name, (n, count) -> count == null || count == 1 ? null : count - 1);
    sizes.remove(name);
    try {
      Files.setLastModifiedTime(root.resolve(name), FileTime.from(clock.instant()));
    } catch (NoSuchFileException e) {
      // It was never made: the fetch failed.
      return;
    } catch (IOException e) {
      LOG.warn("{} cannot be marked as used: {}", root.resolve(name), e.toString());
    }
  }

  /** Lets go what is beyond the bound and in nobody's use. */
  void trim() {
    try {
      for (Kept one : Kept.beyond(most, all(), this::busy)) {
        if (evict(one)) {
          LOG.info("forgot the {} {}: all together were beyond {} bytes", what, one.shown(), most);
        }
      }
    } catch (IOException e) {
      LOG.warn("{} may be larger than {} bytes: {}", root, most, e.toString());
    }
  }

  private synchronized boolean busy(String name) {
    return users.containsKey(name);
  }

  private boolean evict(Kept one) throws IOException {
    Path going = root.resolve(GOING + one.name() + "-" + System.nanoTime());
    synchronized (this) {
      // Somebody may have begun to use it since it was chosen.
      if (users.containsKey(one.name()) || !Files.exists(root.resolve(one.name()))) {
        return false;
      }
      Files.move(root.resolve(one.name()), going, StandardCopyOption.ATOMIC_MOVE);
      sizes.remove(one.name());
    }
    delete(going);
    return true;
  }

  private List<Kept> all() throws IOException {
    var found = new ArrayList<Kept>();
    for (Path tree : listed("[A-Za-z0-9]*")) {
      try {
        found.add(
            new Kept(
                String.valueOf(tree.getFileName()),
                size(tree),
                Files.getLastModifiedTime(tree).toInstant()));
      } catch (NoSuchFileException e) {
        LOG.debug("another thread let {} go meanwhile", tree);
      }
    }
    return found;
  }

  private long size(Path tree) throws IOException {
    String name = String.valueOf(tree.getFileName());
    synchronized (this) {
      Long known = sizes.get(name);
      if (known != null) {
        return known;
      }
    }
    long measured = measure(tree);
    synchronized (this) {
      // What is in use grows: it is measured again when that is over.
      if (!users.containsKey(name)) {
        sizes.put(name, measured);
      }
    }
    return measured;
  }

  private List<Path> listed(String glob) throws IOException {
    var found = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(root, glob)) {
      entries.forEach(found::add);
    }
    return found;
  }

  private static long measure(Path tree) throws IOException {
    var sum = new long[1];
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sum[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            // A fetch removes its temporary files while this looks.
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return sum[0];
  }

  private static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
