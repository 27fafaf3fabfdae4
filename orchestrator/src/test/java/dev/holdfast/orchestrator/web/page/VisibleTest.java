package dev.holdfast.orchestrator.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would not be seen is. */
class VisibleTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain text, ünïcode and 漢字 | plain text, ünïcode and 漢字",
        "a\u202eb | a‹U+202E›b",
        "a\u2066b\u2069 | a‹U+2066›b‹U+2069›",
        "zero\u200bwidth | zero‹U+200B›width",
        "soft\u00adhyphen | soft‹U+00AD›hyphen",
        "fill\u3164er | fill‹U+3164›er",
        "line\u2028end | line‹U+2028›end",
        "nul\u0000 bell\u0007 esc\u001b. | nul␀ bell␇ esc␛.",
        "c1\u009b31m | c1‹U+009B›31m",
        "e\u0301 is one letter | e\u0301 is one letter",
        "Z\u0351\u0352\u0353\u0354 | Z\u0351\u0352\u0353‹U+0354›",
      })
  void whatWouldNotBeSeenIsShownAsWhatItIs(String text, String shown) {
    assertThat(Visible.line(text)).isEqualTo(shown);
  }

  @Test
  void aHalfOfACharacterIsNoCharacter() {
    assertThat(Visible.line("a\ud83d")).isEqualTo("a‹U+D83D›");
    assertThat(Visible.line("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
  }

  @Test
  void whatIsTooLongIsCutBetweenCharacters() {
    assertThat(Visible.line("x".repeat(10), 10)).hasSize(10).doesNotContain("…");
    assertThat(Visible.line("x".repeat(11), 10)).isEqualTo("x".repeat(9) + "…");
    assertThat(Visible.line("x".repeat(8) + "\ud83d\ude00yz", 10)).isEqualTo("x".repeat(8) + "…");
    assertThat(Visible.line("W".repeat(50_000_000), 120)).hasSize(120);
  }

  @Test
  void nothingUnseenIsLeftWhateverWasWritten() {
    var random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        text.appendCodePoint(random.nextInt(random.nextBoolean() ? 0x3000 : 0x110000));
      }
      for (String shown :
          new String[] {
            Visible.line(text.toString()),
            Visible.line(text.toString(), 20),
            Visible.log(text.toString()).replace("\t", "")
          }) {
        assertThat(shown.codePoints())
            .allMatch(c ->
                c >= ' '
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.CONTROL
                    && Character.getType(c) != Character.SURROGATE);
      }
    }
  }
}
