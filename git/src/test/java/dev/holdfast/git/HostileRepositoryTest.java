package dev.holdfast.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.event.CommitId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each attack beside a control that shows that it works on a git that is not told otherwise. */
class HostileRepositoryTest {
  @TempDir Path folder;
  private Pit pit;
  private Path pwned;

  @BeforeEach
  void makeARepository() throws Exception {
    pit = new Pit(folder);
    pwned = folder.resolve("pwned");
  }

  private void ask(CommitId commit) throws Exception {
    Path target = pit.checkout(commit);
    for (Path repository : List.of(pit.bare, pit.mirror)) {
      pit.git.changedFiles(repository, commit, commit, 10);
      pit.git.isAncestor(repository, commit, commit);
      pit.git.readFolder(repository, commit, ".holdfast", 1000);
      pit.git.defaultBranch(repository);
    }
    pit.git.resolve(pit.bare, "refs/heads/main");
    pit.git.refs(new Remote.Folder(pit.bare), pit.mirror);
    assertThat(target.resolve(".holdfast/ci.yaml")).exists();
    for (Path repository : List.of(pit.bare, pit.work)) {
      Path direct = Files.createTempDirectory(folder, "direct");
      pit.git.checkoutFrom(new Remote.Folder(repository), commit, direct);
      assertThat(direct.resolve(".holdfast/ci.yaml")).exists();
    }
    new WorkTree(folder.resolve("home"), pit.work, java.time.Duration.ofSeconds(20)).files();
  }

  @Test
  void filtersOfAttributesDoNotRun() throws Exception {
    Pit.in(pit.work, "echo '* filter=evil diff=evil' > .gitattributes && echo x > f");
    CommitId commit = pit.push("main");
    for (Path repository : List.of(pit.bare, pit.mirror, pit.work)) {
      Pit.in(repository, "git config filter.evil.smudge 'touch " + pwned + "; cat'");
      Pit.in(repository, "git config filter.evil.process 'touch " + pwned + "'");
      Pit.in(repository, "git config diff.evil.textconv 'touch " + pwned + "; cat'");
      Pit.in(repository, "git config diff.external 'touch " + pwned + "'");
    }
    ask(commit);
    assertThat(pwned).doesNotExist();
    pit.sh("git -c filter.evil.smudge='touch " + pwned + "; cat' clone -q app.git control");
    assertThat(pwned).exists();
  }

  @Test
  void hooksDoNotRun() throws Exception {
    CommitId commit = pit.push("main");
    for (Path gitDir : List.of(pit.bare, pit.mirror, pit.work.resolve(".git"))) {
      for (String hook : List.of("post-checkout", "post-index-change", "reference-transaction")) {
        Path file = Files.createDirectories(gitDir.resolve("hooks")).resolve(hook);
        Files.writeString(file, "#!/bin/sh\ntouch " + pwned + "\n");
        Pit.in(gitDir, "chmod +x hooks/" + hook);
      }
    }
    ask(commit);
    assertThat(pwned).doesNotExist();
    Pit.in(pit.mirror, "git update-ref refs/heads/control " + commit);
    assertThat(pwned).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "core.fsmonitor,              work,   git status",
    "core.alternateRefsCommand,   mirror, git fetch -q ../app.git main || true",
    "core.sshCommand,             mirror, git ls-remote ssh://127.0.0.1/x || true"
  })
  void programsThatAConfigurationNamesDoNotRun(String key, String where, String control)
      throws Exception {
    CommitId commit = pit.push("main");
    for (Path repository : List.of(pit.bare, pit.mirror, pit.work)) {
      Pit.in(repository, "git config " + key + " 'touch " + pwned + "; false'");
      Path info = Pit.gitDir(repository).resolve("objects/info");
      Files.writeString(info.resolve("alternates"), folder.resolve("other/objects") + "\n");
    }
    pit.sh("git clone -q --bare app.git other && mv other o && mkdir other && mv o/* other");
    ask(commit);
    assertThatThrownBy(() -> pit.git.refs(Remote.of("ssh://127.0.0.1/x"), pit.mirror))
        .isInstanceOf(GitFailed.class);
    assertThat(pwned).doesNotExist();
    Pit.in(folder.resolve(where), control);
    assertThat(pwned).exists();
  }

  @Test
  void anObjectThatIsMissingIsNotFetchedByAProgramOfTheRepositorysChoice() throws Exception {
    CommitId commit = pit.push("main");
    String blob = Pit.in(pit.work, "git rev-parse HEAD:.holdfast/ci.yaml").strip();
    pit.sh("git clone -q --bare work evil.git");
    Path evil = folder.resolve("evil.git");
    Path lost = evil.resolve("objects/" + blob.substring(0, 2) + "/" + blob.substring(2));
    Pit.in(
        evil,
        "git config core.repositoryformatversion 1; git config extensions.partialClone origin;"
            + " git config remote.origin.promisor true; git config remote.origin.url "
            + pit.work
            + "; git config remote.origin.uploadpack 'touch "
            + pwned
            + "; git-upload-pack'");
    Files.delete(lost);
    assertThatThrownBy(() -> pit.git.readFolder(evil, commit, ".holdfast", 1000))
        .isInstanceOf(GitFailed.class)
        .hasMessageContaining("an object of it is missing");
    assertThatThrownBy(
            () -> pit.git.checkoutFrom(new Remote.Folder(evil), commit, folder.resolve("direct")))
        .isInstanceOf(GitFailed.class);
    assertThatThrownBy(
            () -> pit.git.fetch(pit.mirror, new Remote.Folder(evil), "refs/heads/main", commit))
        .isInstanceOf(GitFailed.class)
        .message()
        .hasLineCount(1);
    assertThat(pwned).doesNotExist();
    Pit.in(evil, "echo " + blob + " | git cat-file --batch");
    assertThat(pwned).exists();
  }

  @Test
  void settingsOfARepositoryAroundAreNotTaken() throws Exception {
    CommitId commit = pit.push("main");
    Path around = Files.createDirectories(folder.resolve("around/data"));
    Pit.in(
        folder.resolve("around"), "git init -q && git config url./nowhere.insteadOf " + pit.bare);
    assertThat(pit.git.refs(new Remote.Folder(pit.bare), around)).containsValue(commit);
    assertThat(pit.git.defaultBranch(new Remote.Folder(pit.bare), around))
        .isEqualTo("refs/heads/main");
    // A mirror that was half made when the power went is not taken for a part of what is around.
    Path half = Files.createDirectories(around.resolve("half"));
    Files.writeString(half.resolve("HEAD"), "ref: refs/heads/main\n");
    pit.git.initMirror(half);
    pit.git.fetch(half, new Remote.Folder(pit.bare), "refs/heads/main", commit);
    assertThat(pit.git.readFolder(half, commit, ".holdfast", 1000)).isNotEmpty();
    assertThatThrownBy(() -> Pit.in(around, "git ls-remote " + pit.bare))
        .hasMessageContaining("/nowhere");
  }

  @Test
  void linksAreWrittenAsLinksAndNeverRead() throws Exception {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "s");
    Pit.in(pit.work, "ln -s ../outside link && ln -s ../../outside/secret .holdfast/secret");
    CommitId commit = pit.push("main");
    Path target = pit.checkout(commit);
    assertThat(Files.isSymbolicLink(target.resolve("link"))).isTrue();
    assertThat(pit.git.readFolder(pit.mirror, commit, ".holdfast", 1000))
        .containsOnlyKeys("ci.yaml");
    assertThat(target.resolve(".holdfast/secret")).hasContent("s");
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    // A tree that holds "link" twice: as a link that leads out, and as a folder with a file in it.
    CommitId commit = crafted(linkOut("link") + folderWithAFile("link"));
    refusedOrContained(commit, outside.resolve("file"));
    // The control: it is what a write through the link would make.
    Files.createSymbolicLink(folder.resolve("link"), outside);
    Files.writeString(folder.resolve("link/file"), "x");
    assertThat(outside.resolve("file")).exists();
  }

  @ParameterizedTest
  @CsvSource({".git", ".GIT", "git~1", ".g\u200cit"})
  void aTreeCannotBringItsOwnGitFolder(String name) throws Exception {
    refusedOrContained(crafted(folderWithAFile(name)), folder.resolve("target/.git/file"));
    refusedOrContained(crafted(linkOut(name)), folder.resolve("outside/HEAD"));
    assertThat(Pit.in(pit.work, "git ls-tree $(cat ../tree)")).contains("120000");
  }

  /** An entry of a tree: a link to a folder beside the checkout. */
  private String linkOut(String name) throws Exception {
    Files.createDirectories(folder.resolve("outside"));
    String id = Pit.in(pit.work, "printf ../outside | git hash-object -w --stdin").strip();
    return "120000 blob " + id + "\t" + name + "\n";
  }

  private String folderWithAFile(String name) throws Exception {
    String file = Pit.in(pit.work, "echo x | git hash-object -w --stdin").strip();
    Files.writeString(folder.resolve("entries"), "100755 blob " + file + "\tfile\n");
    return "040000 tree "
        + Pit.in(pit.work, "git mktree < ../entries").strip()
        + "\t"
        + name
        + "\n";
  }

  /** A commit of a tree that an honest git would not write, pushed to the bare repository. */
  private CommitId crafted(String entries) throws Exception {
    Files.writeString(folder.resolve("entries"), entries);
    CommitId commit =
        new CommitId(
            Pit.in(
                    pit.work,
                    "git mktree < ../entries > ../tree;"
                        + " git -c user.name=a -c user.email=a@b commit-tree -m x $(cat ../tree)")
                .strip());
    Pit.in(pit.work, "git push -q -f origin " + commit + ":refs/heads/main");
    return commit;
  }

  private void refusedOrContained(CommitId commit, Path mark) {
    assertThatThrownBy(() -> pit.checkout(commit))
        .isInstanceOf(GitFailed.class)
        .message()
        .hasLineCount(1);
    assertThatThrownBy(() ->
            pit.git.checkoutFrom(
                new Remote.Folder(pit.bare), commit, folder.resolve("direct-" + commit)))
        .isInstanceOf(GitFailed.class)
        .hasMessageContaining("error: object ");
    assertThat(folder.resolve("direct-" + commit).toFile().list()).containsExactly(".git");
    assertThat(mark).doesNotExist();
  }

  @Test
  void submodulesStayEmpty() throws Exception {
    pit.sh(
        "git init -q sub && git -C sub -c user.name=a -c user.email=a@b commit -q --allow-empty -m x");
    Pit.in(pit.work, "git -c protocol.file.allow=always submodule add -q " + folder + "/sub sub");
    CommitId commit = pit.push("main");
    assertThat(pit.checkout(commit).resolve("sub")).isEmptyDirectory();
    pit.sh("git -c protocol.file.allow=always clone -q --recurse-submodules app.git control");
    assertThat(folder.resolve("control/sub/.git")).exists();
  }

  @Test
  void aHistoryWithOldFormsIsFetched() throws Exception {
    String tree = Pit.in(pit.work, "git add -A; git write-tree").strip();
    String text = "tree " + tree + "\nauthor a<a> 1 +051800\ncommitter <> 01 +0000\n\nold\n";
    Files.writeString(folder.resolve("commit"), text);
    CommitId commit =
        new CommitId(
            Pit.in(pit.work, "git hash-object -t commit -w --literally ../commit").strip());
    Pit.in(pit.work, "git push -q origin " + commit + ":refs/heads/main");
    assertThat(pit.checkout(commit).resolve(".holdfast/ci.yaml")).exists();
    assertThatThrownBy(() ->
            pit.sh(
                "git init -q control; cd control; git -c fetch.fsckObjects=true fetch ../app.git main"))
        .hasMessageContaining("fsck error");
  }
}
