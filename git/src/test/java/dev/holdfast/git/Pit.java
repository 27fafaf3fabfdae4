package dev.holdfast.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A bare repository, a tree that pushes to it, and an empty mirror. */
final class Pit {
  final Path folder;
  final Path bare;
  final Path work;
  final Path mirror;
  final Git git;

  Pit(Path folder) throws Exception {
    this.folder = folder;
    this.bare = folder.resolve("app.git");
    this.work = folder.resolve("work");
    this.mirror = folder.resolve("mirror");
    this.git = new Git(folder.resolve("home"), Duration.ofSeconds(30));
    git.initMirror(mirror);
    sh("git init -q --bare -b main app.git && git init -q -b main work");
    in(
        work,
        "git remote add origin ../app.git && mkdir .holdfast && echo 'on: push' > .holdfast/ci.yaml");
  }

  /** Brings a commit from the bare repository into the mirror and writes its files. */
  Path checkout(CommitId commit) throws GitFailed {
    Path target = folder.resolve("target");
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
    git.checkout(mirror, commit, target);
    return target;
  }

  static Path gitDir(Path repository) {
    Path inner = repository.resolve(".git");
    return java.nio.file.Files.isDirectory(inner) ? inner : repository;
  }

  CommitId push(String branch) throws Exception {
    CommitId commit = commit();
    in(work, "git push -q origin HEAD:refs/heads/" + branch);
    return commit;
  }

  CommitId commit() throws Exception {
    in(
        work,
        "git add -A && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m commit");
    return new CommitId(in(work, "git rev-parse HEAD").strip());
  }

  String sh(String script) throws Exception {
    return in(folder, script);
  }

  static String in(Path directory, String script) throws Exception {
    return run(directory, List.of("sh", "-ec", script));
  }

  static String run(Path directory, List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }
}
