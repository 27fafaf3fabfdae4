package dev.holdfast.orchestrator.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.log.Escapes;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of all that a terminal can be told, the look of text and nothing else. */
class AnsiTest {
  private static String shown(Ansi ansi, String line) {
    return ansi.line(line.getBytes(StandardCharsets.UTF_8)).stream()
        .map(p -> p.look().isEmpty() ? p.text() : "{" + p.look() + "}" + p.text())
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "␛[31mred␛[0m plain | {a1}red plain",
        "␛[1;91mloud␛[22m not bold␛[39m plain | {ab a9}loud{a9} not bold plain",
        "␛[38;5;196mtable | {a9}table",
        "␛[38;2;0;0;255mrgb␛[m. | {a12}rgb.",
        "␛[48;5;2mground | {g2}ground",
        "␛[2J␛[10;10Hmoved | moved",
        "␛]0;a title␇text | text",
        "␛]8;;http://evil.example␛\\link␛]8;;␛\\. | link.",
        "␛P+q544e␛\\dcs | dcs",
        "␛(Bcharset␛Mup | charsetup",
        "10%␍50%␍100% | 100%",
        "windows␍ | windows",
        "␛[999999999999mnumber | number",
        "␛[38;5mshort | short",
        "not ended ␛[31 | not ended",
      })
  void onlyTheLookIsKept(String line, String expected) {
    // The source of a test would cut them off.
    String told = line.replace('␛', '\u001b').replace('␇', '\u0007').replace('␍', '\r');
    assertThat(shown(new Ansi(), told)).isEqualTo(expected);
  }

  @Test
  void aLookGoesOnToTheNextLineAsInATerminal() {
    var ansi = new Ansi();
    assertThat(shown(ansi, "\u001b[32mfirst")).isEqualTo("{a2}first");
    assertThat(shown(ansi, "second\u001b[0m")).isEqualTo("{a2}second");
    assertThat(shown(ansi, "third")).isEqualTo("third");
  }

  @Test
  void anyBytesAreALineWithoutEscapesAndWithNamesOfOurs() {
    var random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] line = new byte[random.nextInt(60)];
      for (int n = 0; n < line.length; n++) {
        line[n] =
            (byte)
                (random.nextInt(3) == 0
                    ? "\u001b[]PX^_;m0138\\\u0007\r".charAt(random.nextInt(16))
                    : random.nextInt(256));
      }
      for (Ansi.Piece piece : new Ansi().line(line)) {
        assertThat(piece.text()).doesNotContain("\u001b", "\u0007", "\u0000");
        assertThat(piece.look()).matches("((a[bfiusr]|[ag]\\d{1,2})( |$))*");
      }
      assertThat(Escapes.without(line)).doesNotContain((byte) 0x1b);
    }
  }
}
