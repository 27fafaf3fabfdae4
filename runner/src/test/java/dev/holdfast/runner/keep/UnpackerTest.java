package dev.holdfast.runner.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.archive.ArchiveReader;
import dev.holdfast.model.archive.ArchiveWriter;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Name;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Archives that a real tar made to do harm, each shown to do it where a trusting tar unpacks it.
 */
class UnpackerTest {
  @TempDir Path folder;
  private Path making;
  private Path outside;
  private Path workspace;
  private Path archive;

  @BeforeEach
  void make() throws Exception {
    folder = folder.toRealPath();
    making = Files.createDirectories(folder.resolve("one/making"));
    outside = Files.createDirectories(folder.resolve("outside"));
    workspace = Files.createDirectories(folder.resolve("two/workspace"));
    archive = folder.resolve("archive.tar.gz");
  }

  /** In {@code making}. */
  private void sh(String script) throws Exception {
    Process shell =
        new ProcessBuilder("/bin/sh", "-ec", script)
            .directory(making.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(said).isZero();
  }

  private String tar() {
    return "tar --format=ustar -b1 -P ";
  }

  private void unpack() throws IOException {
    try (InputStream in = Files.newInputStream(archive)) {
      new Unpacker()
          .unpack(
              new ArchiveReader(in, Caps.standard(), 0),
              name -> new Unpacker.Place(workspace, workspace.resolve(name)));
    }
  }

  private void refused(String why) {
    assertThatThrownBy(this::unpack).isInstanceOf(IOException.class).hasMessageContaining(why);
  }

  /** The control: a tar that trusts what it unpacks. */
  private void trusting() throws Exception {
    sh("cd " + workspace + "; tar -xzPf " + archive);
  }

  @Test
  void positiveControl_whatAnHonestTarMadeIsUnpacked() throws Exception {
    sh("mkdir d; echo hello >d/f; chmod 755 d/f; ln -s f d/l; " + tar() + "-czf " + archive + " d");
    unpack();
    assertThat(workspace.resolve("d/f")).hasContent("hello\n").isExecutable();
    assertThat(Files.readSymbolicLink(workspace.resolve("d/l"))).hasToString("f");
  }

  @Test
  void aNameThatLeadsUp_writesNothingOutside() throws Exception {
    sh("echo evil >../evil; " + tar() + "-czf " + archive + " ../evil");
    refused("a name that leads elsewhere");
    Path evil = workspace.resolveSibling("evil");
    assertThat(evil).doesNotExist();
    trusting();
    assertThat(evil).exists();
  }

  @Test
  void anAbsoluteName_writesNothingThere() throws Exception {
    Path evil = outside.resolve("evil");
    sh("echo evil >" + evil + "; " + tar() + "-czf " + archive + " " + evil + "; rm " + evil);
    refused("begins with a slash");
    assertThat(evil).doesNotExist();
    trusting();
    assertThat(evil).exists();
  }

  @Test
  void aLinkOutAndAFileThroughIt_writesNothingOutside() throws Exception {
    String tar = archive.toString().replace(".gz", "");
    sh(
        "ln -s "
            + outside
            + " link; "
            + tar()
            + "-cf "
            + tar
            + " link; rm link; mkdir link; echo evil >link/evil; "
            + tar()
            + "-rf "
            + tar
            + " link/evil; gzip "
            + tar);
    refused("the link \"link\" leads to");
    assertThat(outside).isEmptyDirectory();
    trusting();
    assertThat(outside.resolve("evil")).exists();
  }

  @Test
  void aLinkOfTheCheckout_isNotWrittenThroughEither() throws Exception {
    sh("mkdir d; echo evil >d/evil; " + tar() + "-czf " + archive + " d/evil");
    Files.createSymbolicLink(workspace.resolve("d"), outside);
    refused("is a link or a file, and what is kept would go through it");
    assertThat(outside).isEmptyDirectory();
    trusting();
    assertThat(outside.resolve("evil")).exists();
  }

  @Test
  void aLinkInTheFilesOwnPlace_isReplacedAndNotWrittenThrough() throws Exception {
    sh("echo kept >f; " + tar() + "-czf " + archive + " f");
    Path victim = Files.writeString(outside.resolve("victim"), "untouched");
    Files.createSymbolicLink(workspace.resolve("f"), victim);
    unpack();
    assertThat(victim).hasContent("untouched");
    assertThat(Files.isSymbolicLink(workspace.resolve("f"))).isFalse();
    assertThat(workspace.resolve("f")).hasContent("kept\n");
  }

  @Test
  void hardLinksPipesAndDevices_areNotMade() throws Exception {
    sh("echo x >a; ln a b; " + tar() + "-czf " + archive + " a b");
    refused("a hard link");
    trusting();
    assertThat(Files.getAttribute(workspace.resolve("b"), "unix:nlink")).isEqualTo(2);

    sh("mkfifo p; " + tar() + "-czf " + archive + " p");
    refused("a pipe");
    trusting();
    assertThat(Files.exists(workspace.resolve("p"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    if (System.getProperty("user.name").equals("root")) {
      sh("mknod null c 1 3; " + tar() + "-czf " + archive + " null");
      refused("a device");
    }
  }

  @Test
  void setuid_isNotKept() throws Exception {
    sh("echo x >su; chmod 6755 su; " + tar() + "-czf " + archive + " su");
    unpack();
    assertThat(Files.getAttribute(workspace.resolve("su"), "unix:mode")).isEqualTo(0100755);
    Files.delete(workspace.resolve("su"));
    sh("cd " + workspace + "; tar -xzpf " + archive);
    assertThat(Files.getAttribute(workspace.resolve("su"), "unix:mode")).isEqualTo(0106755);
  }

  @Test
  void theSameFileTwice_isRefused() throws Exception {
    String tar = archive.toString().replace(".gz", "");
    sh("echo x >a; " + tar() + "-cf " + tar + " a; " + tar() + "-rf " + tar + " a; gzip " + tar);
    refused("comes twice");
  }

  @Test
  void aFolderInPlaceOfAFile_andAFileInPlaceOfAFolder() throws Exception {
    sh("echo x >a; " + tar() + "-czf " + archive + " a");
    Files.createDirectories(workspace.resolve("a/b"));
    refused("is a folder, and in the archive it is none");
  }

  private void pack(List<String> patterns) throws IOException {
    try (var out = new ArchiveWriter(Files.newOutputStream(archive))) {
      new Packer(out, 0)
          .matching(making, new Artifacts.Upload(new Name("x"), patterns, Optional.empty()));
    }
  }

  @Test
  void whatIsPacked_everyTarUnpacks() throws Exception {
    sh(
        "mkdir -p target/deep .git; echo 1 >target/a.jar; echo 2 >target/deep/b; echo 3 >target.txt; echo"
            + " 4 >.git/secret; ln -s a.jar target/link; chmod 755 target/a.jar; mkfifo target/pipe");
    pack(List.of("target/", "**/secret"));
    trusting();
    assertThat(workspace.resolve("target/a.jar")).hasContent("1\n").isExecutable();
    assertThat(workspace.resolve("target/deep/b")).hasContent("2\n");
    assertThat(Files.readSymbolicLink(workspace.resolve("target/link"))).hasToString("a.jar");
    assertThat(workspace.resolve("target/pipe")).doesNotExist();
    assertThat(workspace.resolve("target.txt")).doesNotExist();
    assertThat(workspace.resolve(".git")).doesNotExist();
  }

  @Test
  void whatNobodyShouldBeGiven_isNotPacked() throws Exception {
    sh("ln -s /etc/passwd out");
    assertThatThrownBy(() -> pack(List.of("out"))).hasMessageContaining("leads to");
    Files.writeString(making.resolve("a\u001b]0;owned\u0007"), "x");
    assertThatThrownBy(() -> pack(List.of("a*")))
        .hasMessageContaining("characters in its name that a terminal obeys")
        .hasMessageNotContaining("\u001b");
  }

  @Test
  void manyFoldersDeep_isRefusedInOneSentence() throws Exception {
    Path deep = making;
    for (int i = 0; i < 110; i++) {
      deep = Files.createDirectory(deep.resolve("d"));
    }
    Files.createFile(
        deep.resolve("f"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    assertThatThrownBy(() -> pack(List.of("**"))).hasMessageContaining("lies deeper than 100");
  }
}
