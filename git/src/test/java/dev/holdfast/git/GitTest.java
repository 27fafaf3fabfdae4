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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real git, real repositories, some of them hostile. */
class GitTest {
  @TempDir Path folder;
  private Pit pit;
  private Path bare;
  private Path work;
  private Path mirror;
  private Git git;

  @BeforeEach
  void makeARepository() throws Exception {
    pit = new Pit(folder);
    bare = pit.bare;
    work = pit.work;
    mirror = pit.mirror;
    git = pit.git;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCommitIsCheckedOutWithAGitFolderOfItsOwn(boolean mirrored) throws Exception {
    pit.push("main");
    Pit.in(work, "printf '#!/bin/sh\\n' > run.sh && chmod +x run.sh && mkdir a && echo x > a/b");
    CommitId commit = pit.push("main");
    Path target = folder.resolve("target");
    if (mirrored) {
      git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", commit);
      git.checkout(mirror, commit, target);
    } else {
      git.checkoutFrom(new Remote.Folder(bare), commit, target);
    }
    assertThat(target.resolve("a/b")).hasContent("x");
    assertThat(target.resolve("run.sh")).isExecutable();
    assertThat(Pit.in(target, "git rev-parse HEAD").strip()).isEqualTo(commit.value());
    assertThat(Pit.in(target, "git status --porcelain")).isEmpty();
    assertThat(Pit.in(target, "git remote; cat .git/config")).doesNotContain(folder.toString());
    // It needs nothing outside itself: the sandbox has no mirror.
    Files.move(mirror, folder.resolve("mirror-away"));
    Files.move(bare, folder.resolve("bare-away"));
    assertThat(Pit.in(target, "git fsck 2>&1")).isEmpty();
    assertThat(Pit.in(target, "git log --format=%s")).isEqualTo("commit\n");
    assertThat(Pit.in(target, "git describe --always")).startsWith(commit.abbreviated());
  }

  @Test
  void aCommitIsCheckedOutOntoAnotherFileSystem_fromAFolderThatStaysAsItWas() throws Exception {
    Path memory = Path.of("/dev/shm");
    Assumptions.assumeTrue(
        Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(folder)),
        "needs two file systems");
    CommitId commit = pit.push("main");
    Path odd = Files.move(bare, folder.resolve("a:b \"c\\d.git"));
    Pit.in(odd, "chmod -R a-w .");
    Path target = Files.createTempDirectory(memory, "holdfast-");
    try {
      List<Path> before = files(odd);
      git.checkoutFrom(new Remote.Folder(odd), commit, target);
      assertThat(files(odd)).isEqualTo(before);
      assertThat(Pit.in(target, "git status --porcelain; git fsck 2>&1")).isEmpty();
    } finally {
      Pit.in(folder, "rm -rf " + target);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      return all.sorted().toList();
    }
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
    CommitId commit = pit.commit();
    Pit.run(work, List.of("git", "push", "-q", "origin", "HEAD:refs/heads/" + branch));
    assertThat(git.resolve(bare, "refs/heads/" + branch)).contains(commit);
    assertThat(git.refs(new Remote.Folder(bare), folder))
        .containsEntry("refs/heads/" + branch, commit);
    git.fetch(mirror, new Remote.Folder(bare), "refs/heads/" + branch, commit);
    git.checkout(mirror, commit, folder.resolve("target"));
    assertThat(pit.sh("find . -name pwned")).isEmpty();
  }

  @Test
  void aFolderIsReadWithinItsLimit() throws Exception {
    Pit.in(
        work,
        "printf 'a\\nb' > .holdfast/b.yaml && mkdir .holdfast/deep && echo x > .holdfast/deep/x");
    CommitId commit = pit.push("main");
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
    CommitId first = pit.push("main");
    Pit.in(work, "printf x > 'odd\nname' && echo y > z");
    CommitId second = pit.push("main");
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
    CommitId commit = pit.push("main");
    pit.sh("mv app.git gone.git");
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

  @Test
  void aServerThatGivesCommitsOnlyByRefIsAskedForTheRef() throws Exception {
    CommitId first = pit.push("main");
    CommitId second = pit.push("main");
    try (var server = new SmartServer(folder)) {
      Remote remote = Remote.of(server.url("app.git"));
      assertThat(git.refs(remote, folder)).containsEntry("refs/heads/main", second);
      git.fetch(mirror, remote, "refs/heads/main", first);
      git.checkout(mirror, first, folder.resolve("target"));
      assertThat(folder.resolve("target/.holdfast/ci.yaml")).exists();
      var nowhere = new CommitId("1".repeat(40));
      for (String ref : List.of("refs/heads/main", "refs/heads/none")) {
        assertThatThrownBy(() -> git.fetch(mirror, remote, ref, nowhere))
            .isInstanceOf(GitGone.class)
            .message()
            .hasLineCount(1);
      }
      // The control: by its hash alone this server does not give it.
      assertThatThrownBy(
              () -> pit.sh("git init -q c && cd c && git fetch " + server.url("app.git ") + first))
          .hasMessageContaining("does not allow request for unadvertised object");
    }
  }

  @Test
  void aCommitThatIsNotThereIsGone() throws Exception {
    pit.push("main");
    var nowhere = new CommitId("1".repeat(40));
    assertThatThrownBy(() -> git.fetch(mirror, new Remote.Folder(bare), "refs/heads/main", nowhere))
        .isInstanceOf(GitGone.class)
        .hasMessageContaining("cannot fetch 1111111 from " + bare);
    assertThatThrownBy(
            () -> git.checkoutFrom(new Remote.Folder(bare), nowhere, folder.resolve("target")))
        .isInstanceOf(GitGone.class);
    assertThatThrownBy(() -> git.readFolder(bare, nowhere, ".holdfast", 10))
        .isInstanceOf(GitGone.class)
        .hasMessageContaining("it has no such commit any more; push it again");
  }

  @Test
  void aCheckoutWritesOnlyIntoAnEmptyFolder() throws Exception {
    CommitId commit = pit.push("main");
    pit.checkout(commit);
    assertThatThrownBy(() -> git.checkout(mirror, commit, folder.resolve("target")))
        .isInstanceOf(GitFailed.class)
        .hasMessageEndingWith("it is not empty");
  }

  @Test
  void aCommitsMessageIsReadFromItsBeginningAndNoFurther() throws Exception {
    CommitId plain = raw("echo; printf 'Say what\\n\\nand why\\n'");
    assertThat(git.message(bare, plain, 1000)).contains("Say what\n\nand why\n");
    assertThat(git.message(bare, plain, 5)).contains("Say w");
    assertThat(git.message(bare, raw("echo"), 1000)).contains("");
    CommitId tree = new CommitId(Pit.in(bare, "git mktree </dev/null").strip());
    for (CommitId none : List.of(tree, new CommitId("1".repeat(40)))) {
      assertThatThrownBy(() -> git.message(bare, none, 10))
          .isInstanceOf(GitGone.class)
          .hasMessageEndingWith("it has no such commit any more; push it again");
    }
  }

  /** Whoever writes commits by hand can put anything into them. */
  @Test
  void aCommitWithMegabytesOfNotesHasNoMessage() throws Exception {
    CommitId noted = raw("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo; echo hidden");
    assertThat(git.message(bare, noted, 1000)).isEmpty();
    // The control: with few of them it is read.
    assertThat(git.message(bare, raw("echo x y; echo; echo seen"), 1000)).contains("seen\n");
  }

  /** A commit of what {@code script} prints behind the notes that git has to have. */
  private CommitId raw(String script) throws Exception {
    return new CommitId(
        Pit.in(
                bare,
                "{ echo tree $(git mktree </dev/null); echo 'author a <a@b> 0 +0000'; echo"
                    + " 'committer a <a@b> 0 +0000'; "
                    + script
                    + "; } | git hash-object -t commit -w --stdin --literally")
            .strip());
  }

  @Test
  void aRepositoryWithSha256IsRefusedByThatName() throws Exception {
    pit.sh("git init -q --object-format=sha256 long; cd long; mkdir .holdfast; touch .holdfast/a");
    Path other = folder.resolve("long");
    Pit.in(other, "git add -A && git -c user.name=a -c user.email=a@b commit -q -m x");
    var commit = new CommitId(Pit.in(other, "git rev-parse HEAD").strip());
    assertThatThrownBy(() -> git.fetch(mirror, new Remote.Folder(other), "refs/heads/main", commit))
        .isInstanceOf(GitFailed.class)
        .hasMessageEndingWith(
            "repositories with SHA-256 object names are not supported yet; convert it to SHA-1");
    // What only reads works all the same.
    assertThat(git.readFolder(other.resolve(".git"), commit, ".holdfast", 10)).containsKey("a");
  }

  /** Prints what each costs, for those who change something here. */
  @Test
  void eachIsQuick() throws Exception {
    CommitId first = pit.push("main");
    Pit.in(work, "for i in $(seq 20); do echo $i > f$i; done");
    CommitId second = pit.push("main");
    var from = new Remote.Folder(bare);
    for (int round = 0; round < 8; round++) {
      Path fresh = folder.resolve("mirror" + round);
      Path target = folder.resolve("target" + round);
      var out = new StringBuilder();
      time(out, "make mirror", () -> git.initMirror(fresh));
      time(out, "fetch", () -> git.fetch(fresh, from, "refs/heads/main", second));
      time(out, "fetch again", () -> git.fetch(fresh, from, "refs/heads/main", second));
      time(out, "check out", () -> git.checkout(fresh, second, target));
      var direct = folder.resolve("direct" + round);
      time(out, "check out directly", () -> git.checkoutFrom(from, second, direct));
      time(out, "read folder", () -> git.readFolder(bare, second, ".holdfast", 1000));
      time(out, "changed files", () -> git.changedFiles(bare, first, second, 100));
      time(out, "ancestor", () -> git.isAncestor(bare, first, second));
      time(out, "resolve", () -> git.resolve(bare, "refs/heads/main"));
      time(out, "refs", () -> git.refs(from, folder));
      if (round == 7) {
        System.out.println("git, ms:" + out);
      }
    }
    assertThat(folder.resolve("target7/f20")).hasContent("20");
  }

  private interface Call {
    void run() throws GitFailed;
  }

  private static void time(StringBuilder out, String name, Call call) throws GitFailed {
    long began = System.nanoTime();
    call.run();
    out.append(" %s %.1f".formatted(name, (System.nanoTime() - began) / 1e6));
  }
}
