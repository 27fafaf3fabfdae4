package dev.holdfast.agent.sandbox.namespaces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that want more than they may have, with the limit and, as the control, without it. */
class NamespacesLimitsTest {
  private static final long MIB = 1024 * 1024;

  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "limits need cgroups, which root makes");
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private Inside.Ran run(Wall wall, Limits limits, String script) throws Exception {
    Inside.Ran ran = Inside.run(data, wall, limits, script);
    try (var left = Files.find(Path.of("/sys/fs/cgroup"), 5, (p, a) -> ours(p))) {
      assertThat(left).isEmpty();
    }
    return ran;
  }

  private static boolean ours(Path path) {
    return path.toString().contains("/holdfast/")
        && path.getFileName().toString().startsWith("call-");
  }

  @Test
  void memory() throws Exception {
    var limits = new Limits(128 * MIB, 1000, 512, 16 * MIB);
    // Bounded also without the limit.
    String want = "perl -e '$x = \"a\" x (300 * 1024 * 1024); print \"got it\"'; true";
    Inside.Ran stopped = run(Wall.whole(), limits, want);
    assertThat(stopped.said()).doesNotContain("got it");
    assertThat(stopped.outOfMemory()).isTrue();
    Inside.Ran control = run(Wall.without(Set.of(Protection.LIMIT_MEMORY)), limits, want);
    assertThat(control.said()).isEqualTo("got it");
    assertThat(control.outOfMemory()).isFalse();
  }

  @Test
  void processes() throws Exception {
    var limits = new Limits(1024 * MIB, 1000, 64, 16 * MIB);
    String fork =
        "perl -e 'for (1..150) { $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } $n++"
            + " } print $n'";
    assertThat(Integer.parseInt(run(Wall.whole(), limits, fork).said())).isBetween(20, 64);
    assertThat(run(Wall.without(Set.of(Protection.LIMIT_PROCESSES)), limits, fork).said())
        .isEqualTo("150");
  }

  @Test
  void processorTime() throws Exception {
    var limits = new Limits(1024 * MIB, 100, 512, 16 * MIB);
    String burn =
        "perl -e '$end = time + 3; 1 while time < $end; ($u, $s) = times; print int(100 * ($u +"
            + " $s))'";
    int limited = Integer.parseInt(run(Wall.whole(), limits, burn).said());
    int control =
        Integer.parseInt(run(Wall.without(Set.of(Protection.LIMIT_CPU)), limits, burn).said());
    assertThat(limited).as("hundredths of a second, of three seconds").isLessThan(70);
    assertThat(control).isGreaterThan(limited);
  }

  @Test
  void inMemoryDirectories() throws Exception {
    var limits = new Limits(1024 * MIB, 1000, 512, 8 * MIB);
    String fill =
        "for d in /tmp /dev/shm; do dd if=/dev/zero of=$d/x bs=1M count=32 2>/dev/null; stat -c %s"
            + " $d/x; rm $d/x; done";
    assertThat(run(Wall.whole(), limits, fill).said().lines())
        .allSatisfy(size -> assertThat(Long.parseLong(size)).isLessThanOrEqualTo(8 * MIB));
    assertThat(run(Wall.without(Set.of(Protection.LIMIT_SCRATCH)), limits, fill).said().lines())
        .allSatisfy(size -> assertThat(Long.parseLong(size)).isEqualTo(32 * MIB));
  }
}
