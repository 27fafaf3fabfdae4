package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The workspace of a container as a disk of its own, and as the host's where it is none. */
class WorkspaceVolumeTest {
  private static final String AGENT = "test-volumes-" + ProcessHandle.current().pid();
  private static final long MIB = 1024 * 1024;
  private static final Limits SMALL = new Limits(1024 * MIB, 2000, 512, 64 * MIB, 64 * MIB);

  private Path data = Path.of("/nowhere");
  private Optional<JobDirectories> directories = Optional.empty();

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "only root can mount a disk");
    data = TestWorkshop.data();
    directories = Optional.of(new JobDirectories(data));
  }

  @AfterEach
  void removeData() throws Exception {
    if (System.getenv("HOLDFAST_TEST_ENGINE") != null) {
      try (var backend = TestEngine.backend(AGENT)) {
        backend.reconcile();
      }
    }
    if (directories.isPresent()) {
      directories.get().removeAll();
    }
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private SandboxSpec spec(ContainerBackend backend, String script) throws Exception {
    OptionalLong disk = backend.workspaceDisk(SMALL);
    Path directory = directories.orElseThrow().create("att_" + System.nanoTime(), disk);
    return new SandboxSpec(
        String.valueOf(directory.getFileName()),
        directory,
        directory.resolve("channel"),
        Optional.empty(),
        SMALL,
        Optional.empty(),
        List.of("/bin/sh", "-c", WAIT + script),
        Map.of("PATH", "/usr/bin:/bin"));
  }

  /** What the script said in a workspace with one file, {@code checkout}, of the agent's. */
  private String inside(Wall wall, String script) throws Exception {
    try (var backend = TestEngine.backend(AGENT, wall)) {
      SandboxSpec spec = spec(backend, script);
      try (Sandbox sandbox = backend.create(spec)) {
        sandbox.start();
        Files.writeString(spec.workspace().resolve("checkout"), "checked out\n");
        sandbox.handOver();
        sandbox.exited().get(60, TimeUnit.SECONDS);
      }
      String said = Files.readString(spec.workspace().resolve("said")).strip();
      directories.orElseThrow().remove(spec.directory());
      assertThat(Files.exists(spec.directory())).isFalse();
      assertThat(volumes()).isEmpty();
      return said;
    }
  }

  private static List<String> volumes() throws Exception {
    try (DockerClient docker = engine()) {
      return docker
          .listVolumesCmd()
          .withFilter("label", List.of(ContainerBackend.AGENT_LABEL + "=" + AGENT))
          .exec()
          .getVolumes()
          .stream()
          .map(volume -> volume.getName())
          .toList();
    }
  }

  private static DockerClient engine() {
    return Engine.client(String.valueOf(System.getenv("HOLDFAST_TEST_ENGINE")));
  }

  /** Waits for the hand-over, as the runner does for its orders. */
  private static final String WAIT =
      "until [ -O /workspace ]; do sleep 0.05; done; exec >/workspace/said 2>&1; ";

  @Test
  void moreThanItHolds_isNotWritten() throws Exception {
    String fill =
        "head -c 100000000 /dev/zero >/workspace/fill; wc -c </workspace/fill; rm -f fill";
    assertThat(inside(Wall.whole(), fill)).contains("No space left on device");
    assertThat(inside(Wall.without(Set.of(Protection.LIMIT_DISK)), fill)).isEqualTo("100000000");
  }

  @Test
  void moreFilesThanItHolds_areNotMade() throws Exception {
    String many = "cd /workspace; mkdir m; seq 1 40000 | (cd m; xargs touch); ls m | wc -l";
    assertThat(inside(Wall.whole(), many)).contains("No space left on device");
    assertThat(inside(Wall.without(Set.of(Protection.LIMIT_DISK)), many)).isEqualTo("40000");
  }

  @Test
  void whatTheAgentChecksOut_isThereAndTheJobs() throws Exception {
    assertThat(
            inside(
                Wall.whole(),
                "cd /workspace; cat checkout; stat -c %u checkout .; ls | sort | tr '\\n' ' ';"
                    + " grep ' /workspace ' /proc/mounts | cut -d ' ' -f 3,4"))
        .startsWith("checked out\n1000\n1000\ncheckout said ext4 rw,nosuid,nodev");
  }

  @Test
  void aDiskThatIsNotMounted_isNoWorkspace() throws Exception {
    try (var backend = TestEngine.backend(AGENT)) {
      SandboxSpec spec = spec(backend, "true");
      Process umount = new ProcessBuilder("umount", spec.workspace().toString()).start();
      assertThat(umount.waitFor()).isZero();
      assertThatThrownBy(() -> backend.create(spec).close())
          .isInstanceOf(SandboxUnavailable.class)
          .hasMessageContaining("is not mounted");
      assertThat(volumes()).isEmpty();
    }
  }

  @Test
  void theNextAgent_removesWhatAKilledOneLeft() throws Exception {
    try (var backend = TestEngine.backend(AGENT)) {
      SandboxSpec spec = spec(backend, "sleep 600");
      backend.create(spec).start();
      assertThat(volumes()).hasSize(1);
      try (var next = TestEngine.backend(AGENT)) {
        next.reconcile();
      }
      assertThat(volumes()).isEmpty();
      directories.orElseThrow().removeAll();
      assertThat(Files.exists(spec.directory())).isFalse();
    }
  }

  @Test
  void aVolumeInUse_isSaidToStay() throws Exception {
    try (var backend = TestEngine.backend(AGENT);
        DockerClient docker = engine()) {
      Sandbox sandbox = backend.create(spec(backend, "true"));
      String volume = volumes().getFirst();
      String other =
          docker
              .createContainerCmd(TestEngine.IMAGE)
              .withCmd("true")
              .withHostConfig(new HostConfig().withBinds(new Bind(volume, new Volume("/w"))))
              .exec()
              .getId();
      try {
        assertThatThrownBy(sandbox::close)
            .isInstanceOf(SandboxUnavailable.class)
            .hasMessageContaining("volume");
      } finally {
        docker.removeContainerCmd(other).exec();
      }
      sandbox.close();
      assertThat(volumes()).isEmpty();
    }
  }
}
