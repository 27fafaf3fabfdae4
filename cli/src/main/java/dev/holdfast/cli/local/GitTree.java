package dev.holdfast.cli.local;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What git says of a working tree. Nothing that the repository's configuration names is run. */
public record GitTree(Path root) {
  /** More than any sensible tree's list of files has. */
  private static final int MOST_BYTES = 256 * 1024 * 1024;

  /** Paths below the root of all files that are tracked, or untracked and not ignored. */
  public List<String> files() throws InterruptedException {
    byte[] listed =
        git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
            .orElseThrow(() ->
                new Refusal(
                    ExitCode.USAGE,
                    root
                        + " is not a git repository, and git says which files a run gets;"
                        + " run: git init"));
    var files = new ArrayList<String>();
    int from = 0;
    for (int i = 0; i < listed.length; i++) {
      if (listed[i] == 0) {
        files.add(new String(listed, from, i - from, StandardCharsets.UTF_8));
        from = i + 1;
      }
    }
    return files.stream().distinct().toList();
  }

  /** The commit that is checked out; empty before the first one. */
  public Optional<CommitId> head() throws InterruptedException {
    return line("rev-parse", "-q", "--verify", "HEAD^{commit}").map(CommitId::new);
  }

  /** The branch that is checked out; empty if it is none. */
  public Optional<RefName> branch() throws InterruptedException {
    return line("symbolic-ref", "-q", "--short", "HEAD").map(RefName::new);
  }

  private Optional<String> line(String... arguments) throws InterruptedException {
    return git(arguments).map(b -> new String(b, StandardCharsets.UTF_8).strip());
  }

  private Optional<byte[]> git(String... arguments) throws InterruptedException {
    var command = new ArrayList<String>();
    command.addAll(List.of("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    // Others would point git at another repository, as inside a hook.
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder.environment().put("GIT_OPTIONAL_LOCKS", "0");
    try {
      Process process = builder.start();
      byte[] said = process.getInputStream().readNBytes(MOST_BYTES);
      process.getInputStream().close();
      return process.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "git cannot be started ("
              + Plain.of(String.valueOf(e.getMessage()), 200)
              + "); install git",
          e);
    }
  }
}
