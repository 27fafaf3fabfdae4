package dev.holdfast.orchestrator.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IssuerKeyTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static IssuerKey key(String id, Duration from) {
    return new IssuerKey(id, START.plus(from));
  }

  @Test
  void theFirstSignsAtOnce() {
    assertThat(IssuerKey.next(List.of(), START)).contains(START);
    assertThat(IssuerKey.signing(List.of(), START)).isEmpty();
    assertThat(IssuerKey.signing(List.of(key("a", Duration.ZERO)), START).orElseThrow().id())
        .isEqualTo("a");
  }

  @Test
  void theNextIsPublishedADayBeforeItSigns() {
    List<IssuerKey> keys = List.of(key("a", Duration.ZERO));
    assertThat(IssuerKey.next(keys, START.plus(Duration.ofDays(29)).minusMillis(1))).isEmpty();
    assertThat(IssuerKey.next(keys, START.plus(Duration.ofDays(29))))
        .contains(START.plus(Duration.ofDays(30)));
    List<IssuerKey> both = List.of(key("a", Duration.ZERO), key("b", Duration.ofDays(30)));
    assertThat(
            IssuerKey.signing(both, START.plus(Duration.ofDays(30)).minusMillis(1))
                .orElseThrow()
                .id())
        .isEqualTo("a");
    assertThat(IssuerKey.signing(both, START.plus(Duration.ofDays(30))).orElseThrow().id())
        .isEqualTo("b");
  }

  @Test
  void whereNobodyLookedForAMonthTheNextIsStillPublishedBeforeItSigns() {
    Instant late = START.plus(Duration.ofDays(90));
    assertThat(IssuerKey.next(List.of(key("a", Duration.ZERO)), late))
        .contains(late.plus(IssuerKey.PUBLISHED_AROUND));
  }

  @Test
  void theOldOneStaysForADay() {
    List<IssuerKey> both = List.of(key("a", Duration.ZERO), key("b", Duration.ofDays(30)));
    assertThat(IssuerKey.over(both, START.plus(Duration.ofDays(31)).minusMillis(1))).isEmpty();
    assertThat(IssuerKey.over(both, START.plus(Duration.ofDays(31))))
        .extracting(IssuerKey::id)
        .containsExactly("a");
  }

  @Test
  void overTwoYearsWhoKeepsWhatTheyFetchedForADayKnowsEverySigningKey() {
    var keys = new ArrayList<IssuerKey>();
    List<List<IssuerKey>> published = new ArrayList<>();
    for (int hour = 0; hour < 2 * 365 * 24; hour++) {
      Instant now = START.plus(Duration.ofHours(hour));
      Optional<Instant> next = IssuerKey.next(keys, now);
      if (next.isPresent()) {
        keys.add(new IssuerKey("key" + hour, next.get()));
      }
      keys.removeAll(IssuerKey.over(keys, now));
      assertThat(keys).hasSizeBetween(1, 2);
      published.add(List.copyOf(keys));
      IssuerKey signing = IssuerKey.signing(keys, now).orElseThrow();
      if (hour >= 24) {
        assertThat(published.get(hour - 24)).contains(signing);
      }
    }
  }
}
