package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.TestMachines;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container's image as the files of a machine's. */
class ImageFilesTest {
  private static final String IMAGE = "holdfast/demo-debian:1";

  @TempDir Path folder = Path.of("/nowhere");

  private static List<String> containers(String engine) throws IOException {
    try (DockerClient docker = Engine.client(engine)) {
      return docker
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(Map.of("dev.holdfast.export", IMAGE))
          .exec()
          .stream()
          .map(c -> c.getId())
          .toList();
    }
  }

  @Test
  void theFilesOfAnImage_areThereAndNoContainerIs() throws Exception {
    String engine = TestEngine.address();
    Path tar = folder.resolve("system.tar");
    assertThat(ImageFiles.write(Optional.of(engine), IMAGE, tar)).matches("sha256:[0-9a-f]{64}");
    Process list = new ProcessBuilder("tar", "-tf", tar.toString()).start();
    assertThat(new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
        .contains("usr/bin/git", "etc/debian_version");
    assertThat(containers(engine)).isEmpty();
  }

  @Test
  void anImageThatTheEngineHasNot_isSaid() {
    String engine = TestEngine.address();
    Path tar = folder.resolve("none.tar");
    assertThatThrownBy(
            () -> ImageFiles.write(Optional.of(engine), "localhost:1/no/such:image", tar))
        .isInstanceOf(SandboxUnavailable.class)
        .hasMessageContaining("has no image \"localhost:1/no/such:image\"")
        .hasMessageContaining("pull or build it there first");
    assertThat(tar).doesNotExist();
  }

  @Test
  void noEngine_isSaid() {
    assertThatThrownBy(() ->
            ImageFiles.write(
                Optional.of("unix://" + folder.resolve("none.sock")),
                IMAGE,
                folder.resolve("none.tar")))
        .isInstanceOf(SandboxUnavailable.class)
        .hasMessageContaining("DOCKER_HOST");
  }

  @Test
  void theSameImageTwice_isTheSameMachine() throws Exception {
    String engine = TestEngine.address();
    TestMachines.assume();
    assertThat(machine(engine, "one").id()).isEqualTo(machine(engine, "two").id());
  }

  private MachineImage machine(String engine, String name) throws Exception {
    Path data = Files.createDirectory(folder.resolve(name));
    Path tar = folder.resolve(name + ".tar");
    ImageFiles.write(Optional.of(engine), IMAGE, tar);
    MachineImages.Ingredients usual =
        TestMachines.ingredients(folder, TestMachines.noRunner(folder));
    return new MachineImages(data)
        .build(
            "default",
            new MachineImages.Ingredients(
                tar,
                IMAGE,
                usual.kernel(),
                usual.modules(),
                usual.guestAgent(),
                usual.runner(),
                usual.epochSeconds()),
            InstantSource.system().instant());
  }
}
