package dev.holdfast.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void percentilesLieBetweenTheNearestSamplesInProportion() {
    var samples = Samples.of(40, 10, 30, 20);
    assertThat(samples.median()).isEqualTo(25);
    assertThat(samples.percentile(95)).isEqualTo(38.5);
    assertThat(samples.min()).isEqualTo(10);
    assertThat(samples.max()).isEqualTo(40);
  }

  @Test
  void oneSampleIsEveryPercentile() {
    assertThat(Samples.of(7).percentile(0)).isEqualTo(7);
    assertThat(Samples.of(7).percentile(95)).isEqualTo(7);
  }

  @Test
  void whatIsNoMeasuredNumberIsRefused() {
    assertThatThrownBy(Samples::of).hasMessageContaining("no samples");
    assertThatThrownBy(() -> Samples.of(Double.NaN)).hasMessageContaining("not a measured number");
    assertThatThrownBy(() -> Samples.of(1).percentile(101)).hasMessageContaining("0 to 100");
  }
}
