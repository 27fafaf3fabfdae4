package dev.holdfast.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTest {
  @Test
  void leavesOrdinaryTextOfAnyScriptAlone() {
    assertThat(Plain.of("feature/größe-名前-🚀")).isEqualTo("feature/größe-名前-🚀");
  }

  @Test
  void showsWhatWouldCommandTheTerminal() {
    assertThat(Plain.of("a\u001b[31mb\r\nc\u0007\u009bd"))
        .isEqualTo("a\\x1b[31mb\\x0d\\x0ac\\x07\\x9bd");
  }

  @Test
  void showsWhatWouldTurnTextAround() {
    assertThat(Plain.of("x\u202egnp.exe\u2066\u200b\u2028"))
        .isEqualTo("x\\u202egnp.exe\\u2066\\u200b\\u2028");
  }

  @Test
  void cutsBetweenCharactersAndNotInside() {
    assertThat(Plain.of("🚀🚀🚀🚀", 3)).isEqualTo("🚀🚀…");
    assertThat(Plain.of("abc", 3)).isEqualTo("abc");
  }
}
