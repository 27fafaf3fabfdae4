package dev.holdfast.agent.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What hosts of each kind say of their cgroups. */
class HierarchiesTest {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  @Test
  void unified_hasAllInOnePlace() {
    var found =
        Hierarchies.of(
            List.of(
                "22 29 0:20 / /proc rw,nosuid - proc proc rw",
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2"
                    + " rw,nsdelegate,memory_recursiveprot"),
            point -> "cpuset cpu io memory hugetlb pids rdma misc\n");
    assertThat(found.missing()).isEmpty();
    assertThat(found.places())
        .isEqualTo(
            Map.of(
                "memory", new Hierarchies.Place(ROOT, 2),
                "cpu", new Hierarchies.Place(ROOT, 2),
                "pids", new Hierarchies.Place(ROOT, 2)));
  }

  @Test
  void hybrid_takesEachControllerWhereItIs() {
    var found =
        Hierarchies.of(
            List.of(
                "40 39 0:35 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                "41 39 0:36 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
                "42 39 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"),
            point -> "pids");
    assertThat(found.places())
        .isEqualTo(
            Map.of(
                "memory", new Hierarchies.Place(ROOT.resolve("memory"), 1),
                "cpu", new Hierarchies.Place(ROOT.resolve("cpu,cpuacct"), 1),
                "pids", new Hierarchies.Place(ROOT.resolve("unified"), 2)));
  }

  @Test
  void aHostWithoutAController_isMissingIt() {
    var found =
        Hierarchies.of(
            List.of("41 39 0:36 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"),
            point -> "");
    assertThat(found.missing()).contains("cpu");
    assertThat(Hierarchies.of(List.of("nonsense", "1 2 3 - x"), point -> "").missing())
        .contains("memory");
  }

  @Test
  void aV2HierarchyWithoutControllers_givesNone() {
    var found =
        Hierarchies.of(
            List.of("42 39 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"), point -> "");
    assertThat(found.places()).isEmpty();
  }
}
