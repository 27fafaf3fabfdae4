package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final List<String> KNOWN = List.of("throughput", "footprint");

  private static Options of(String... args) {
    return Options.of(args, KNOWN);
  }

  @Test
  void withoutOnlyAllIsTaken() {
    assertThat(of("--quick", "--json", "x.json").takes("footprint")).isTrue();
    assertThat(of("--quick", "--json", "x.json").json()).contains(Path.of("x.json"));
    assertThat(of("--only", "footprint").takes("throughput")).isFalse();
  }

  @Test
  void whatIsNotUnderstoodIsRefusedByName() {
    assertThatThrownBy(() -> of("--fast")).hasMessageContaining("'--fast'");
    assertThatThrownBy(() -> of("--only", "thruput")).hasMessageContaining("'thruput'");
    assertThatThrownBy(() -> of("--json")).hasMessageContaining("--json wants a value");
  }
}
