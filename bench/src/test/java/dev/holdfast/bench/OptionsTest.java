package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final List<String> KNOWN = List.of("push-to-output", "throughput");

  @Test
  void withoutArgumentsAllIsMeasured() {
    Options options = Options.parse(KNOWN);
    assertThat(options.wants("throughput")).isTrue();
    assertThat(options.quick()).isFalse();
    assertThat(options.json()).isEmpty();
  }

  @Test
  void argumentsChoose() {
    Options options =
        Options.parse(KNOWN, "--only", "throughput", "--quick", "--json", "bench.json");
    assertThat(options.wants("throughput")).isTrue();
    assertThat(options.wants("push-to-output")).isFalse();
    assertThat(options.quick()).isTrue();
    assertThat(options.json()).contains(Path.of("bench.json"));
  }

  @Test
  void whatIsNotUnderstoodIsNamedWithWhatThereIs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.parse(KNOWN, "--only", "trouput"))
        .withMessage("no measurement is called trouput; there are push-to-output, throughput");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.parse(KNOWN, "--json"))
        .withMessage("--json needs a value");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.parse(KNOWN, "--fast"))
        .withMessageContaining("--help");
  }
}
