package dev.holdfast.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "main, main, true",
    "main, mainline, false",
    "release/*, release/1, true",
    "release/*, release/1/x, false",
    "release/**, release/1/x, true",
    "**, anything/at/all, true",
    "*, a/b, false",
    "src/**/*.java, src/A.java, true",
    "src/**/*.java, src/a/b/A.java, true",
    "src/**/*.java, srca/A.java, false",
    "**/pom.xml, pom.xml, true",
    "**/pom.xml, a/pom.xml, true",
    "**/pom.xml, apom.xml, false",
    "v?.?, v1.2, true",
    "v?, v/, false",
    "a.c, abc, false",
    "[ab], a, false",
    "$(reboot), $(reboot), true",
  })
  void matches(String pattern, String text, boolean expected) {
    assertThat(Glob.matches(pattern, text)).isEqualTo(expected);
  }

  @Test
  void theLastPatternThatMatchesDecides() {
    var filter = List.of("**", "!docs/**", "docs/build/**");
    assertThat(Glob.allows(filter, "src/A.java")).isTrue();
    assertThat(Glob.allows(filter, "docs/a.md")).isFalse();
    assertThat(Glob.allows(filter, "docs/build/a.md")).isTrue();
    assertThat(Glob.allows(List.of(), "anything")).isTrue();
  }

  @Test
  void aHostilePatternCostsNoMoreThanItsLengthTimesTheText() {
    String pattern = "*a".repeat(249) + "b";
    String text = "a".repeat(10_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertThat(Glob.matches(pattern, text)).isFalse());
  }

  @Test
  void aFilterThatOnlyTakesBackIsRefused() {
    assertThatThrownBy(() -> Glob.check(List.of("!docs/**")))
        .hasMessageContaining("takes back nothing");
    assertThatThrownBy(() -> Glob.check(List.of("")))
        .hasMessageContaining("is empty, longer than 500 characters");
  }
}
