package dev.holdfast.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentPatternTest {
  private static final EnvironmentPattern REVIEW = new EnvironmentPattern("review/*");

  @ParameterizedTest
  @ValueSource(strings = {"production", "review/feature-1", "a/b/c", "EU.west_1", "0"})
  void theseAreNames(String name) {
    assertThat(new EnvironmentName(name)).hasToString(name);
    assertThat(new EnvironmentPattern(name).name()).contains(new EnvironmentName(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "..",
        "a/../b",
        "a/.b",
        ".a",
        "-a",
        "a b",
        "a\n",
        "a\u202eb",
        "é",
        "*",
        "a*",
        "a/*b",
        "a/*/b",
        "$(reboot)"
      })
  void theseAreNone(String text) {
    assertThatThrownBy(() -> new EnvironmentName(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not the name of an environment");
    assertThatThrownBy(() -> new EnvironmentPattern(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not an environment");
  }

  @Test
  void aPatternIsAllBelowAName_andNotThatName() {
    assertThat(REVIEW.matches(new EnvironmentName("review/a"))).isTrue();
    assertThat(REVIEW.matches(new EnvironmentName("review/a/b"))).isTrue();
    assertThat(REVIEW.matches(new EnvironmentName("review"))).isFalse();
    assertThat(REVIEW.matches(new EnvironmentName("reviewer/a"))).isFalse();
    assertThat(REVIEW.matches(new EnvironmentName("production"))).isFalse();
  }

  @Test
  void aBranchMakesANameBelowThePatternOrNone() {
    assertThat(REVIEW.at("feature/x")).isEqualTo(new EnvironmentName("review/feature/x"));
    assertThat(new EnvironmentPattern("eu").at("feature/x")).isEqualTo(new EnvironmentName("eu"));
    for (String hostile : new String[] {"$(reboot)", "-x", "a b", "x".repeat(200), "a@b"}) {
      assertThatThrownBy(() -> REVIEW.at(hostile)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Two branches never share an environment: nothing is folded, cut or replaced. */
  @Test
  void branchesThatDifferHaveNamesThatDiffer() {
    assertThat(Stream.of("a", "A", "a_b", "a-b", "a/b", "a.b").map(REVIEW::at).distinct())
        .hasSize(6);
  }

  @Test
  void whatSaysMoreComesFirst() {
    assertThat(
            Stream.of("review/*", "review/a/*", "x", "review/a/b")
                .map(EnvironmentPattern::new)
                .sorted()
                .map(EnvironmentPattern::value))
        .containsExactly("review/a/b", "x", "review/a/*", "review/*");
  }
}
