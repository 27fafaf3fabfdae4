package dev.holdfast.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class RatesTest {
  private long nanos;

  @Test
  void aBucketIsEmptiedAndFillsAtItsRate() {
    var rates = new Rates(2, 3, () -> nanos);
    for (int i = 0; i < 3; i++) {
      assertThat(rates.take("a")).isEmpty();
    }
    assertThat(rates.take("a")).contains(Duration.ofSeconds(1));
    assertThat(rates.take("b")).as("another's").isEmpty();
    nanos += TimeUnit.MILLISECONDS.toNanos(500);
    assertThat(rates.take("a")).isEmpty();
    assertThat(rates.take("a")).isPresent();
    nanos += TimeUnit.HOURS.toNanos(1);
    for (int i = 0; i < 3; i++) {
      assertThat(rates.take("a")).isEmpty();
    }
    assertThat(rates.take("a")).as("no more than the burst").isPresent();
  }

  @Test
  void whatCostsMoreThanIsLeftIsADebtThatIsWaitedFor() {
    var rates = new Rates(1, 10, () -> nanos);
    assertThat(rates.take("a", 15)).isEmpty();
    assertThat(rates.take("a")).contains(Duration.ofSeconds(6));
  }

  @Test
  void aNetworkOfIpv6IsOne() {
    assertThat(Rates.key(Ranges.address("2001:db8::1")))
        .isEqualTo(Rates.key(Ranges.address("2001:db8::ffff:1")))
        .isNotEqualTo(Rates.key(Ranges.address("2001:db8:0:1::1")));
    assertThat(Rates.key(Ranges.address("192.0.2.1")))
        .isNotEqualTo(Rates.key(Ranges.address("192.0.2.2")));
  }

  @Test
  void rangesHoldWhatIsInThemAndNoName() {
    Ranges ranges = Ranges.of(List.of("192.0.2.128/25", "2001:db8::/33", "10.0.0.1"));
    assertThat(ranges.holds(Ranges.address("192.0.2.128"))).isTrue();
    assertThat(ranges.holds(Ranges.address("192.0.2.127"))).isFalse();
    assertThat(ranges.holds(Ranges.address("2001:db8:7fff::"))).isTrue();
    assertThat(ranges.holds(Ranges.address("2001:db8:8000::"))).isFalse();
    assertThat(ranges.holds(Ranges.address("10.0.0.1"))).isTrue();
    assertThat(ranges.holds(Ranges.address("10.0.0.2"))).isFalse();
    for (String none : List.of("localhost", "1.2.3", "", "10.0.0.1/33", "1.2.3.4/x", "::/-1")) {
      assertThatIllegalArgumentException().isThrownBy(() -> Ranges.of(List.of(none)));
    }
  }
}
