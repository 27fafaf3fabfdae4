package dev.holdfast.agent.sandbox.microvm.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotKeyTest {
  private static final SnapshotKey KEY =
      new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 64, true);

  @Test
  void whateverDiffersGivesAnotherName() {
    var names = new HashSet<String>();
    names.add(KEY.name());
    names.add(
        new SnapshotKey("bas", "ekernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "other", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.2", "cpu", "6.1.0", 512, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpx", "6.1.0", 512, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.1", 512, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 513, 2, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 3, 64, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 65, true)
            .name());
    names.add(
        new SnapshotKey("base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 64, false)
            .name());
    assertThat(names).hasSize(10).allMatch(name -> name.matches("[0-9a-f]{64}"));
    assertThat(KEY.name())
        .isEqualTo(
            new SnapshotKey(
                    "base", "kernel", "firecracker 1.16.1", "cpu", "6.1.0", 512, 2, 64, true)
                .name());
  }

  @Test
  void aProcessorIsWhatItSaysOfItself_notHowBusyItIs() {
    List<String> one =
        List.of(
            "processor\t: 0",
            "model name\t: A 1",
            "cpu MHz\t: 2000.0",
            "flags\t: x y",
            "",
            "model name\t: B");
    List<String> later =
        List.of("processor\t: 0", "model name\t: A 1", "cpu MHz\t: 2400.7", "flags\t: x y");
    List<String> masked =
        List.of("processor\t: 0", "model name\t: A 1", "cpu MHz\t: 2000.0", "flags\t: x");
    assertThat(SnapshotKey.processor(one))
        .isEqualTo("A 1\nx y\n")
        .isEqualTo(SnapshotKey.processor(later));
    assertThat(SnapshotKey.processor(masked)).isNotEqualTo(SnapshotKey.processor(one));
  }

  @Test
  void thisHostHasAKey() throws Exception {
    SnapshotKey here = SnapshotKey.here("base", "kernel", "monitor", 128, 1, 64, true);
    assertThat(here.processor()).isNotBlank();
    assertThat(here.host()).isNotBlank();
  }
}
