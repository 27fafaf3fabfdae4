package dev.holdfast.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real git, real repositories, some of them hostile. */
class GitTest {
  @TempDir Path folder;
  private Path bare;
  private Path work;
  private Path mirror;
  private Git git;

  @BeforeEach
  void makeARepository() throws Exception {
    bare = folder.resolve("app.git");
    work = folder.resolve("work");
    mirror = folder.resolve("mirror");
    git = new Git(folder.resolve("home"), Duration.ofSeconds(20));
    git.initMirror(mirror);
    sh("git init -q --bare -b main app.git && git init -q -b main work");
    in(
        work,
        "git remote add origin ../app.git && mkdir .holdfast && echo 'on: push' > .holdfast/ci.yaml");
  }

  @Test
  void aCommitIsFetchedAndCheckedOutWithAGitFolderOfItsOwn() throws Exception {
    in(work, "printf '#!/bin/sh\\n' > run.sh && chmod +x run.sh && mkdir a && echo x > a/b");
    CommitId commit = push("main");
    Path target = folder.resolve("target");
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
    git.checkout(mirror, commit, target);
    assertThat(target.resolve("a/b")).hasContent("x");
    assertThat(target.resolve("run.sh")).isExecutable();
    assertThat(in(target, "git rev-parse HEAD").strip()).isEqualTo(commit.value());
    assertThat(in(target, "git status --porcelain")).isEmpty();
    assertThat(in(target, "git remote; cat .git/config")).doesNotContain(folder.toString());
    // It needs nothing outside itself: the sandbox has no mirror.
    Files.move(mirror, folder.resolve("mirror-away"));
    Files.move(bare, folder.resolve("bare-away"));
    assertThat(in(target, "git fsck 2>&1 && git log --format=%s")).contains("commit");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$(touch${IFS}pwned)",
        "--upload-pack=touch${IFS}pwned",
        "`touch${IFS}pwned`",
        "a;b'c\"d"
      })
  void hostileBranchNamesAreOnlyNames(String branch) throws Exception {
    CommitId commit = commit();
    run(work, List.of("git", "push", "-q", "origin", "HEAD:refs/heads/" + branch));
    assertThat(git.resolve(bare, "refs/heads/" + branch)).contains(commit);
    assertThat(git.refs(new Remote.Folder(bare), folder))
        .containsEntry("refs/heads/" + branch, commit);
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/" + branch, commit);
    git.checkout(mirror, commit, folder.resolve("target"));
    assertThat(sh("find . -name pwned")).isEmpty();
  }

  @Test
  void nothingThatARepositorySaysIsRun() throws Exception {
    String touch = "touch " + folder.resolve("pwned");
    in(work, "echo '* filter=evil diff=evil' > .gitattributes && echo x > f");
    CommitId commit = push("main");
    // What would run, were the repository's own word taken.
    for (Path repository : List.of(bare, mirror)) {
      in(repository, "git config filter.evil.smudge '" + touch + "; cat'");
      in(repository, "git config core.fsmonitor '" + touch + "'");
      in(repository, "git config core.sshCommand '" + touch + "'");
      in(repository, "git config core.alternateRefsCommand '" + touch + "'");
      in(repository, "git config uploadpack.packObjectsHook '" + touch + "; exec git'");
      for (String hook : List.of("post-checkout", "post-index-change", "reference-transaction")) {
        in(
            repository,
            "mkdir -p hooks; printf '#!/bin/sh\\n"
                + touch
                + "\\n' > hooks/"
                + hook
                + "; chmod +x hooks/"
                + hook);
      }
    }
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
    git.checkout(mirror, commit, folder.resolve("target"));
    git.changedFiles(mirror, commit, commit, 10);
    git.readFolder(mirror, commit, ".holdfast", 1000);
    assertThat(folder.resolve("pwned")).doesNotExist();

    // The control: an ordinary clone with this configuration runs it.
    sh("git -c filter.evil.smudge='" + touch + "; cat' clone -q app.git control");
    assertThat(folder.resolve("pwned")).exists();
  }

  @Test
  void linksInTheTreeAreWrittenAsLinksAndNeverFollowed() throws Exception {
    Path outside = folder.resolve("outside");
    Files.createDirectories(outside);
    in(work, "ln -s " + outside + " link && ln -s /etc/passwd .holdfast/passwd");
    CommitId commit = push("main");
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
    Path target = folder.resolve("target");
    git.checkout(mirror, commit, target);
    assertThat(Files.isSymbolicLink(target.resolve("link"))).isTrue();
    assertThat(git.readFolder(mirror, commit, ".holdfast", 1000)).containsOnlyKeys("ci.yaml");
    // The control: the link is one that would lead out.
    assertThat(Files.isReadable(target.resolve(".holdfast/passwd"))).isTrue();
  }

  @Test
  void submodulesStayEmpty() throws Exception {
    sh(
        "git init -q sub && git -C sub -c user.name=a -c user.email=a@b commit -q --allow-empty -m x");
    in(
        work,
        "git -c protocol.file.allow=always submodule add -q " + folder.resolve("sub") + " sub");
    CommitId commit = push("main");
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
    git.checkout(mirror, commit, folder.resolve("target"));
    assertThat(folder.resolve("target/sub")).isEmptyDirectory();
  }

  @Test
  void aFolderIsReadWithinItsLimit() throws Exception {
    in(
        work,
        "printf 'a\\nb' > .holdfast/b.yaml && mkdir .holdfast/deep && echo x > .holdfast/deep/x");
    CommitId commit = push("main");
    Map<String, byte[]> files = git.readFolder(bare, commit, ".holdfast", 1000);
    assertThat(files).containsOnlyKeys("b.yaml", "ci.yaml");
    assertThat(new String(files.get("b.yaml"), StandardCharsets.UTF_8)).isEqualTo("a\nb");
    assertThat(git.readFolder(bare, commit, "nowhere", 1000)).isEmpty();
    assertThatThrownBy(() -> git.readFolder(bare, commit, ".holdfast", 5))
        .isInstanceOf(GitFailed.class)
        .hasMessageContaining("holds more than 5 bytes");
  }

  @Test
  void changesAndAncestryAreTold() throws Exception {
    CommitId first = push("main");
    in(work, "printf x > 'odd\nname' && echo y > z");
    CommitId second = push("main");
    assertThat(git.changedFiles(bare, first, second, 10).orElseThrow())
        .containsExactlyInAnyOrder("odd\nname", "z");
    assertThat(git.changedFiles(bare, first, second, 1)).isEmpty();
    assertThat(git.changedFiles(bare, new CommitId("1".repeat(40)), second, 9)).isEmpty();
    assertThat(git.isAncestor(bare, first, second)).isTrue();
    assertThat(git.isAncestor(bare, second, first)).isFalse();
    assertThat(git.defaultBranch(bare)).isEqualTo("refs/heads/main");
    assertThat(git.resolve(bare, "refs/heads/none")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ext::sh -c touch% pwned",
        "file:///etc",
        "-x",
        "ssh://-oProxyCommand=x/y",
        "https://u:p@h/x",
        "relative"
      })
  void otherKindsOfUrlAreRefused(String url) {
    assertThatThrownBy(() -> Remote.of(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRepositoryThatVanishedIsNamed() throws Exception {
    CommitId commit = push("main");
    sh("mv app.git gone.git");
    assertThatThrownBy(() -> git.readFolder(bare, commit, ".holdfast", 1000))
        .isInstanceOf(GitFailed.class)
        .hasMessageStartingWith("there is no repository at " + bare);
    assertThatThrownBy(() -> git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit))
        .isInstanceOf(GitFailed.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").contains(bare.toString()));
  }

  @Test
  void aServerThatNeverAnswersIsGivenUp() throws Exception {
    var impatient = new Git(folder.resolve("home"), Duration.ofMillis(500));
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var remote = Remote.of("http://127.0.0.1:" + silent.getLocalPort() + "/x.git");
      assertThatThrownBy(() -> impatient.refs(remote, folder))
          .isInstanceOf(GitFailed.class)
          .hasMessageContaining("git gave no answer within");
    }
  }

  private CommitId push(String branch) throws Exception {
    CommitId commit = commit();
    in(work, "git push -q origin HEAD:refs/heads/" + branch);
    return commit;
  }

  private CommitId commit() throws Exception {
    in(
        work,
        "git add -A && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m commit");
    return new CommitId(in(work, "git rev-parse HEAD").strip());
  }

  private String sh(String script) throws Exception {
    return in(folder, script);
  }

  private static String in(Path directory, String script) throws Exception {
    return run(directory, List.of("sh", "-ec", script));
  }

  private static String run(Path directory, List<String> command)
      throws IOException, InterruptedException {
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
