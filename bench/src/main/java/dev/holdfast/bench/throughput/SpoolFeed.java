package dev.holdfast.bench.throughput;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Puts pushes where the hook of a bare repository puts them: one file for each push, one line for
 * each branch. Each line is an event of its own.
 */
final class SpoolFeed {
  private static final String NEW_BRANCH = "0".repeat(40);

  /** Lines of one file: a push of so many branches. */
  private static final int BRANCHES = 500;

  private final Path spool;
  private final String commit;
  private int pushes;
  private int branches;

  /**
   * @param commit that every push is of
   */
  SpoolFeed(Path bare, String commit) {
    this.spool = bare.resolve("holdfast/spool");
    this.commit = commit;
  }

  /** Pushes {@code count} new branches. */
  void push(int count) throws IOException {
    for (int left = count; left > 0; left -= BRANCHES) {
      pushOnce(Math.min(left, BRANCHES));
    }
  }

  private void pushOnce(int count) throws IOException {
    var lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines
          .append(NEW_BRANCH)
          .append(' ')
          .append(commit)
          .append(" refs/heads/bench/")
          .append(branches++)
          .append('\n');
    }
    String name = String.format(java.util.Locale.ROOT, "%019d-bench", pushes++);
    Path beside = spool.resolve(".new-" + name);
    Files.write(beside, lines.toString().getBytes(StandardCharsets.UTF_8));
    Files.move(beside, spool.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
