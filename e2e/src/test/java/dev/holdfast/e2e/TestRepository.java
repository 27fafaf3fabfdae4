package dev.holdfast.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real bare repository and a work tree that pushes to it. */
record TestRepository(Path bare, Path work) {
  private static final Map<String, String> ENV =
      Map.of(
          "GIT_CONFIG_GLOBAL", "/dev/null",
          "GIT_CONFIG_NOSYSTEM", "1",
          "GIT_AUTHOR_NAME", "Ada",
          "GIT_AUTHOR_EMAIL", "ada@example.org",
          "GIT_COMMITTER_NAME", "Ada",
          "GIT_COMMITTER_EMAIL", "ada@example.org");

  static TestRepository create(Path folder) throws IOException {
    Files.createDirectories(folder);
    var repository = new TestRepository(folder.resolve("app.git"), folder.resolve("app"));
    Dist.finish(folder, ENV, List.of("git", "init", "-q", "--bare", "-b", "main", "app.git")).ok();
    Dist.finish(folder, ENV, List.of("git", "init", "-q", "-b", "main", "app")).ok();
    repository.git("remote", "add", "origin", repository.bare().toString());
    return repository;
  }

  Dist.Finished git(String... arguments) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return Dist.finish(work, ENV, command);
  }

  TestRepository write(String path, String text) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** Commits everything and answers the commit. */
  String commit(String message) {
    git("add", "-A").ok();
    git("commit", "-q", "--allow-empty", "-m", message).ok();
    return git("rev-parse", "HEAD").ok().out().strip();
  }

  TestRepository push(String... refspecs) {
    var arguments = new ArrayList<>(List.of("push", "-q", "origin"));
    arguments.addAll(List.of(refspecs));
    git(arguments.toArray(String[]::new)).ok();
    return this;
  }
}
