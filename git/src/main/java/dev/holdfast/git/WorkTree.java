package dev.holdfast.git;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A tree that somebody works in, on this host. Only looked at, never changed; nothing that its
 * configuration names is run. Thread-safe.
 */
public final class WorkTree {
  private static final int SMALL = 64 * 1024;
  private static final int LIST = 256 * 1024 * 1024;

  private final GitProcess process;
  private final Path root;

  /**
   * @param home an empty folder of ours, in which git looks for a user's settings
   * @param root where the tree begins
   * @param timeout for each call
   */
  public WorkTree(Path home, Path root, Duration timeout) {
    this.process = new GitProcess(home, timeout);
    this.root = root;
  }

  /** Paths below the root of all files that are tracked, or neither tracked nor ignored. */
  public List<String> files() throws GitFailed {
    String listed =
        run(
                "list the files of " + root,
                LIST,
                List.of(),
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard")
            .text();
    return Stream.of(listed.split("\0", -1)).filter(f -> !f.isEmpty()).distinct().toList();
  }

  /** The commit that is checked out; empty before the first one. */
  public Optional<CommitId> head() throws GitFailed {
    var result =
        run(
            "find the commit of " + root,
            SMALL,
            List.of(1),
            "rev-parse",
            "-q",
            "--verify",
            "HEAD^{commit}");
    return result.exit() == 0 ? Optional.of(new CommitId(result.text().strip())) : Optional.empty();
  }

  /** The branch that is checked out; empty if it is none. */
  public Optional<RefName> branch() throws GitFailed {
    String start = "refs/heads/";
    var result = run("find the branch of " + root, SMALL, List.of(1), "symbolic-ref", "-q", "HEAD");
    String ref = result.text().strip();
    return result.exit() == 0 && ref.startsWith(start)
        ? Optional.of(new RefName(ref.substring(start.length())))
        : Optional.empty();
  }

  private GitProcess.Result run(String doing, int most, List<Integer> alsoFine, String... arguments)
      throws GitFailed {
    return process.run(doing, root, "", new byte[0], most, alsoFine, List.of(arguments));
  }
}
