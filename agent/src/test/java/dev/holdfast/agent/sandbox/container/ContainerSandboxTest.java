package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxContract;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@link SandboxContract} for a real engine. */
public class ContainerSandboxTest extends SandboxContract {
  @Override
  protected SandboxBackend open(Path data) {
    return TestEngine.backend("test-" + data.getFileName());
  }

  @Override
  protected List<String> ownNamespaces() {
    return List.of("pid", "ipc", "uts", "mnt", "cgroup", "net");
  }

  @Override
  protected boolean diesWithAgent() {
    return false;
  }

  private SandboxSpec spec(Optional<String> image, String... command) throws Exception {
    Path directory = new JobDirectories(data).create("att_own");
    return new SandboxSpec(
        "att_own",
        directory,
        directory.resolve("channel"),
        image,
        Limits.standard(),
        Optional.empty(),
        List.of(command),
        Map.of("PATH", "/usr/bin:/bin"));
  }

  @Test
  void anImageThatIsNowhere_isRefusedInOneLine() throws Exception {
    try (var backend = open(data)) {
      SandboxSpec spec = spec(Optional.of("nowhere.invalid/no/such:1"), "true");
      assertThatThrownBy(() -> backend.create(spec))
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("nowhere.invalid/no/such:1")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void anAbsentEngine_isSaidSo() {
    try (var backend =
        new ContainerBackend(
            Optional.of("unix:///nowhere/docker.sock"),
            "x",
            Optional.empty(),
            new ImageRules(Optional.empty(), Optional.empty(), data),
            Wall.whole())) {
      assertThat(backend.check())
          .isInstanceOfSatisfying(
              Readiness.Unusable.class,
              u -> assertThat(u.why()).contains("unix:///nowhere/docker.sock"));
    }
    try (var backend =
        new ContainerBackend(
            Optional.of("tcp://127.0.0.1:1"),
            "x",
            Optional.empty(),
            new ImageRules(Optional.empty(), Optional.empty(), data),
            Wall.whole())) {
      assertThat(backend.check())
          .isInstanceOfSatisfying(
              Readiness.Unusable.class, u -> assertThat(u.why()).contains("another host"));
    }
  }

  @Test
  void memoryAndProcesses_areLimited() throws Exception {
    try (var backend = open(data);
        Sandbox sandbox =
            backend.create(
                spec(
                    Optional.empty(),
                    "/bin/sh",
                    "-c",
                    "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
                        + " /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max"
                        + " >/workspace/said 2>/dev/null; true"))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().join()).isZero();
    }
    assertThat(Files.readString(data.resolve("job/att_own/workspace/said")))
        .isEqualTo(Limits.standard().memory() + "\n" + Limits.standard().pids() + "\n");
  }
}
