package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real images of a mebibyte each, in a real engine. */
@Timeout(120)
class BroughtImagesTest {
  private static final int MIB = 1 << 20;

  /** Not a thing of this host's own, so that nothing else makes a container from it. */
  private static final String REPOSITORY = "holdfast/test-kept-" + ProcessHandle.current().pid();

  @TempDir private Path temp;
  private final List<String> containers = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private DockerClient docker = Engine.client("unix:///nowhere/docker.sock");

  @BeforeEach
  void connect() throws Exception {
    docker.close();
    docker = TestEngine.client();
  }

  @AfterEach
  void removeAll() throws Exception {
    containers.forEach(id -> docker.removeContainerCmd(id).withForce(true).exec());
    for (String tag : tags) {
      if (there(tag)) {
        docker.removeImageCmd(tag).withForce(true).exec();
      }
    }
    docker.close();
  }

  private String image(String tag) throws Exception {
    Path folder = Files.createDirectories(temp.resolve(tag));
    byte[] bytes = new byte[MIB];
    new Random(tag.hashCode()).nextBytes(bytes);
    Files.write(folder.resolve("file"), bytes);
    Path tar = temp.resolve(tag + ".tar");
    run("tar", "-C", folder.toString(), "-cf", tar.toString(), ".");
    // The engine's client cannot send a stream of this kind whole.
    run(
        "curl",
        "-sS",
        "--fail-with-body",
        "--unix-socket",
        TestEngine.socket().toString(),
        "-X",
        "POST",
        "-H",
        "Content-Type: application/x-tar",
        "-T",
        tar.toString(),
        "http://engine/images/create?fromSrc=-&repo=" + REPOSITORY + "&tag=" + tag);
    tags.add(name(tag));
    return String.valueOf(docker.inspectImageCmd(name(tag)).exec().getId());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static String name(String tag) {
    return REPOSITORY + ":" + tag;
  }

  private boolean there(String name) {
    try {
      docker.inspectImageCmd(name).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private BroughtImages open(long most, String... local) {
    var rules =
        new ImageRules(Optional.empty(), Optional.of(Set.of(local)), temp.resolve("record"), most);
    return new BroughtImages(docker, rules);
  }

  /** An image that this agent brought, last used so many seconds after the first. */
  private String brought(BroughtImages images, String tag, long used) throws Exception {
    String id = image(tag);
    images.brought(id, name(tag), Set.of());
    Files.setLastModifiedTime(
        temp.resolve("record/.brought").resolve(id.replace(':', '-')),
        FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(used)));
    return id;
  }

  @Test
  void beyondTheBound_theLeastRecentlyUsedGo_alsoAfterARestart() throws Exception {
    BroughtImages first = open(100 * MIB);
    String one = brought(first, "one", 1);
    String two = brought(first, "two", 2);
    String three = brought(first, "three", 3);
    try (BroughtImages.Hold hold = first.new Hold()) {
      hold.keep(one);
    }
    first.trim();
    assertThat(List.of(there(one), there(two), there(three))).containsOnly(true);
    open(5 * MIB / 2).trim();
    assertThat(there(two)).isFalse();
    assertThat(List.of(there(one), there(three))).containsOnly(true);
    open(0).trim();
    assertThat(List.of(there(one), there(three))).containsOnly(false);
  }

  @Test
  void whatIsNotThisAgentsAloneStays() throws Exception {
    BroughtImages images = open(0, name("listed"));
    String theirs = image("theirs");
    images.brought(theirs, name("theirs"), images.present());
    String listed = brought(images, "listed", 1);
    String tagged = brought(images, "tagged", 2);
    docker.tagImageCmd(tagged, REPOSITORY, "by-hand").exec();
    tags.add(name("by-hand"));
    String used = brought(images, "used", 3);
    containers.add(docker.createContainerCmd(used).withCmd("none").exec().getId());
    String control = brought(images, "control", 4);
    images.trim();
    assertThat(List.of(there(theirs), there(listed), there(tagged), there(used)))
        .containsOnly(true);
    assertThat(there(control)).as("the control, which nobody else has").isFalse();
  }

  @Test
  void whatASandboxIsMadeFrom_staysUntilThatIsMade() throws Exception {
    BroughtImages images = open(0);
    String one = brought(images, "one", 1);
    try (BroughtImages.Hold hold = images.new Hold()) {
      hold.keep(one);
      images.trim();
      assertThat(there(one)).isTrue();
    }
    images.trim();
    assertThat(there(one)).isFalse();
  }

  @Test
  void whatIsUnderAnAttemptsLabel_isSeen() throws Exception {
    String agent = "test-label-" + ProcessHandle.current().pid();
    Map<String, String> labels =
        Map.of(ContainerBackend.AGENT_LABEL, agent, ContainerBackend.ATTEMPT_LABEL, "att_left");
    try (ContainerBackend backend = TestEngine.backend(agent)) {
      assertThat(backend.labelled("att_left")).isEmpty();
      String id =
          docker
              .createContainerCmd(image("plain"))
              .withCmd("none")
              .withLabels(labels)
              .exec()
              .getId();
      containers.add(id);
      String volume = docker.createVolumeCmd().withName(agent).withLabels(labels).exec().getName();
      try {
        assertThat(backend.labelled("att_left"))
            .containsExactlyInAnyOrder("container " + id, "volume " + volume);
        assertThat(backend.labelled("att_other")).isEmpty();
      } finally {
        docker.removeVolumeCmd(volume).exec();
      }
      assertThat(backend.labelled("att_left")).containsExactly("container " + id);
    }
  }
}
