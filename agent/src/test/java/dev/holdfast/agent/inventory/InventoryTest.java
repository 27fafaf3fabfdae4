package dev.holdfast.agent.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.inventory.Readings.Running;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was seen, and what it says of an attempt. */
class InventoryTest {
  private static final Subject SUBJECT =
      new Subject(
          "att_1",
          Path.of("/data/job/att_1"),
          OptionalInt.of(210_003),
          OptionalLong.of(5000),
          Optional.of("hfjabcdefghijk"));

  private static Readings seen(List<Running> processes, List<String> mounts, String filter) {
    return new Readings(
        processes,
        mounts,
        List.of("/data/job/att_10/disk.img", "/other"),
        List.of(),
        Set.of("lo", "hfjabcdefghijz"),
        filter,
        List.of(),
        false,
        List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // user, cgroups, started, whether it is of the attempt
        "210003 | 0::/                                | 4000 | true",
        "210003 | 0::/                                | 6000 | false",
        "210003 | 4:memory:/holdfast/ab12/att_1       | 6000 | true",
        "210003 | 4:memory:/holdfast/ab12/att_2       | 4000 | false",
        "210003 | 4:memory:/x/holdfast/ab12/att_1/sub | 4000 | true",
        "0      | 4:memory:/holdfast/ab12/att_1       | 6000 | true",
        "0      | 4:memory:/holdfast/ab12/att_10      | 4000 | false",
        "0      | 0::/                                | 4000 | false",
        "210004 | 0::/                                | 4000 | false",
      })
  void aProcess_isToldByItsCgroup_orByAUserThatIsNobodyElses(
      int user, String cgroups, long start, boolean theirs) {
    var process = new Running(77, "sleep", Set.of(user), cgroups, start);
    List<Remnant> left = Inventory.of(SUBJECT, seen(List.of(process), List.of(), ""));
    assertThat(left.isEmpty()).isNotEqualTo(theirs);
    assertThat(left).allSatisfy(r -> assertThat(r).hasToString("process 77 (sleep)"));
  }

  @Test
  void whatLooksAlike_isAnothers() {
    var mounts = List.of("/", "/data/job", "/data/job/att_10", "/data/job/att_10/workspace");
    String filter = "set jobs4 { elements = { \"hfjabcdefghijz\" . 10.0.0.1 } }";
    assertThat(Inventory.of(SUBJECT, seen(List.of(), mounts, filter))).isEmpty();
  }

  @Test
  void eachKindIsNamed() {
    var readings =
        new Readings(
            List.of(),
            List.of("/data/job/att_1/workspace"),
            List.of("/data/job/att_1/disk.img"),
            List.of("/sys/fs/cgroup/pids/holdfast/ab12/att_1"),
            Set.of("hfjabcdefghijk"),
            "elements = { \"hfjabcdefghijk\" . 10.0.0.1 }",
            List.of("volume hf-att_1"),
            true,
            List.of("the mounts cannot be looked at: no"));
    assertThat(Inventory.of(SUBJECT, readings))
        .extracting(Remnant::toString)
        .containsExactly(
            "mount /data/job/att_1/workspace",
            "loop device of /data/job/att_1/disk.img",
            "cgroup /sys/fs/cgroup/pids/holdfast/ab12/att_1",
            "network interface hfjabcdefghijk",
            "element of the egress filter for hfjabcdefghijk",
            "of the container engine: volume hf-att_1",
            "directory /data/job/att_1",
            "unknown, since the mounts cannot be looked at: no");
  }
}
