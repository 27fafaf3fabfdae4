package dev.holdfast.model.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"main", "a/b", "$(reboot)", "--upload-pack=x", "ü", "a;b", "`x`", "x'y"})
  void whatGitAllowsIsAllowedHoweverItLooks(String name) {
    assertThat(new RefName(name).value()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "a..b",
        "a.lock",
        "a.lock/b",
        "/a",
        "a/",
        "a//b",
        "a\nb",
        "a~1",
        "a^",
        "a:b",
        "a?b",
        "a*",
        "a[b",
        "a\\b",
        "@{u}",
        "@",
        ".a",
        "a/.b",
        "a."
      })
  void whatGitRefusesIsRefused(String name) {
    assertThatThrownBy(() -> new RefName(name)).hasMessageContaining("is not the name");
  }
}
