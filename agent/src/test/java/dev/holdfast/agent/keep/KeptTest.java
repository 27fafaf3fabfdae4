package dev.holdfast.agent.keep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeptTest {
  private static final List<Kept> ALL =
      List.of(kept("c", 5, 30), kept("a", 3, 10), kept("b", 4, 20));

  private static Kept kept(String name, long bytes, long used) {
    return new Kept(name, bytes, Instant.ofEpochSecond(used));
  }

  private static List<String> beyond(long most, String... busy) {
    return Kept.beyond(most, ALL, Set.of(busy)::contains).stream().map(Kept::name).toList();
  }

  @Test
  void theLeastRecentlyUsedGoFirst_andNoMoreThanMust() {
    assertThat(beyond(12)).isEmpty();
    assertThat(beyond(11)).containsExactly("a");
    assertThat(beyond(9)).containsExactly("a");
    assertThat(beyond(8)).containsExactly("a", "b");
    assertThat(beyond(0)).containsExactly("a", "b", "c");
  }

  @Test
  void whatIsInUseStays_andCounts() {
    assertThat(beyond(11, "a")).containsExactly("b");
    assertThat(beyond(0, "a", "c")).containsExactly("b");
    assertThat(beyond(0, "a", "b", "c")).isEmpty();
  }
}
