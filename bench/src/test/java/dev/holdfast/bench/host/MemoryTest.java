package dev.holdfast.bench.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
  @Test
  void kibibytesOfTheKernelBecomeMegabytesOfAMillionBytes() throws IOException {
    var memory = Memory.parse(List.of("Name:\tjava", "VmHWM:\t  200000 kB", "VmRSS:\t 100000 kB"));
    assertThat(memory.resident()).isEqualTo(102.4, within(1e-9));
    assertThat(memory.peak()).isEqualTo(204.8, within(1e-9));
  }

  @Test
  void aProcessWithoutMemoryIsSaidToHaveNone() {
    assertThatIOException()
        .isThrownBy(() -> Memory.parse(List.of("Name:\tkthreadd")))
        .withMessageContaining("VmRSS");
  }

  @Test
  void ofARealProcess() throws IOException {
    var memory = Memory.of(ProcessHandle.current().pid());
    assertThat(memory.resident()).isPositive().isLessThanOrEqualTo(memory.peak());
  }
}
