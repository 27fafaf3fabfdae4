package dev.holdfast.agent.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.job.TestWorkshop;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workspaces that were made so that nobody can remove them. */
class JobDirectoriesTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", "--one-file-system", data.toString()).start().waitFor();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTreeDeeperThanAnyPath_withManyNamesOfOneFile_isRemoved(boolean disk) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "perl is not installed");
    assumeTrue(!disk || HostUser.self().isRoot(), "only root can mount a disk");
    var directories = new JobDirectories(data);
    Path directory =
        directories.create(
            "att_1", disk ? OptionalLong.of(64L * 1024 * 1024) : OptionalLong.empty());
    make(directory.resolve("workspace"));
    // The control: what an agent would do that walks by paths.
    assertThatThrownBy(() -> removeByPaths(directory)).isInstanceOf(FileSystemException.class);
    directories.remove(directory);
    assertThat(Files.exists(directory)).isFalse();
  }

  /** Folders of 200 letters, 100 deep, in each of them a hard link, and no right to list any. */
  private static void make(Path workspace) throws Exception {
    String script =
        "open F, '>', 'f'; close F; for (1..100) { $d = 'd' x 200; mkdir $d or die; link 'f',"
            + " \"$d/f\" or die; chdir $d or die } chmod 0, '..', '.'";
    Process perl =
        new ProcessBuilder("perl", "-e", script).directory(workspace.toFile()).inheritIO().start();
    assertThat(perl.waitFor()).isZero();
  }

  private static void removeByPaths(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.getFileName().toString().equals("f")) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
