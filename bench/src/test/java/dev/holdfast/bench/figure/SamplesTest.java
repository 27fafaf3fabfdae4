package dev.holdfast.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void medianIsTheMiddleOne_orHalfwayBetweenTheTwoInTheMiddle() {
    assertThat(Samples.of(9, 1, 5).median()).isEqualTo(5);
    assertThat(Samples.of(9, 1, 5, 6).median()).isEqualTo(5.5);
    assertThat(Samples.of(7).median()).isEqualTo(7);
  }

  @Test
  void percentilesLieBetweenTheNearestTwoInProportion() {
    var hundredAndOne = new Samples(IntStream.rangeClosed(0, 100).mapToObj(i -> i * 2.0).toList());
    assertThat(hundredAndOne.percentile(95)).isEqualTo(190, within(1e-9));
    assertThat(Samples.of(10, 20).percentile(95)).isEqualTo(19.5, within(1e-9));
    assertThat(Samples.of(10, 20).percentile(0)).isEqualTo(10);
    assertThat(Samples.of(10, 20).percentile(100)).isEqualTo(20);
  }

  @Test
  void orderOfMeasuringIsKeptAndChangesNothing() {
    var samples = Samples.of(3, 1, 2);
    assertThat(samples.values()).containsExactly(3.0, 1.0, 2.0);
    assertThat(samples.min()).isEqualTo(1);
    assertThat(samples.max()).isEqualTo(3);
  }

  @Test
  void nothingIsNoSample() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Samples(List.of()))
        .withMessageContaining("measure at least once");
    assertThatIllegalArgumentException().isThrownBy(() -> Samples.of(1, Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> Samples.of(1).percentile(101));
  }
}
