package dev.holdfast.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTextTest {
  private static String shown(byte[] log, boolean colours, int piece) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var text = new LogText(out, colours)) {
      for (int at = 0; at < log.length; at += piece) {
        text.write(log, at, Math.min(piece, log.length - at));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String shown(String log) throws IOException {
    return shown(log.getBytes(StandardCharsets.UTF_8), true, 1000);
  }

  @Test
  void passesTextAndColoursOn() throws IOException {
    assertThat(shown("\u001b[1;31mred\u001b[0m\tgrün 名前\n"))
        .isEqualTo("\u001b[1;31mred\u001b[0m\tgrün 名前\n\u001b[0m");
  }

  @Test
  void takesColoursOutWhereNoneAreWanted() throws IOException {
    byte[] log = "\u001b[1;31mred\u001b[0m\n".getBytes(StandardCharsets.UTF_8);
    assertThat(shown(log, false, 1000)).isEqualTo("red\n");
  }

  @ParameterizedTest
  @CsvSource({
    "clears the screen,             a\\e[2Jb",
    "moves up and writes over,      a\\e[1A\\e[2Kb",
    "sets the title,                a\\e]0;owned\\ab",
    "sets the title with ST,        a\\e]0;owned\\e\\\\b",
    "writes the clipboard,          a\\e]52;c;cm0gLXJm\\ab",
    "sends a device string,         a\\ePq#0\\e\\\\b",
    "asks for an answer,            a\\e[6n\\e[cb",
    "resets the terminal,           a\\ecb",
    "switches the character set,    a\\e(0b",
    "uses one-byte controls,        a\\u009b2Jb",
    "uses a one-byte title,         a\\u009d0;owned\\ab",
    "hides a command in a colour,   a\\e[?31mb",
    "rings and backspaces,          a\\a\\b\\u0000b",
  })
  void takesOutWhatWouldCommandTheTerminal(String what, String log) throws IOException {
    String raw =
        log.replace("\\\\", "\u0001")
            .replace("\\e", "\u001b")
            .replace("\\a", "\u0007")
            .replace("\\b", "\b")
            .replace("\\u009b", "\u009b")
            .replace("\\u009d", "\u009d")
            .replace("\\u0000", "\0")
            .replace("\u0001", "\\");
    assertThat(shown(raw + "\n")).as(what).isEqualTo("ab\n");
  }

  @Test
  void letsNoLineBeWrittenOver() throws IOException {
    assertThat(shown("tests failed\rtests passed\r\nend\n"))
        .isEqualTo("tests failed\ntests passed\nend\n");
  }

  @Test
  void anOpenSequenceHidesOneLineAtMost() throws IOException {
    assertThat(shown("a\u001b]0;hidden\nseen\n\u001b[12345\nseen too\n"))
        .isEqualTo("a\nseen\n\nseen too\n");
  }

  @Test
  void showsThatBytesWereNoTextAndThatTextWasTurned() throws IOException {
    byte[] bad = {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xc0, (byte) 0xaf, '\n'};
    assertThat(shown(bad, true, 1000)).isEqualTo("a\ufffd\ufffdb\ufffd\ufffd\n");
    assertThat(shown("user\u202enimda\n")).isEqualTo("user\ufffdnimda\n");
  }

  @Test
  void comesToTheSameHoweverItIsCut() throws IOException {
    var random = new Random(7);
    byte[] alphabet =
        "ab\u001b[]0;m\u0007\\\r\n\té名\u009b\u202e31J".getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 200; round++) {
      byte[] log = new byte[300];
      for (int i = 0; i < log.length; i++) {
        log[i] = alphabet[random.nextInt(alphabet.length)];
      }
      String whole = shown(log, true, log.length);
      assertThat(shown(log, true, 1)).isEqualTo(whole);
      assertThat(shown(log, true, 7)).isEqualTo(whole);
      assertThat(whole.replaceAll("\u001b\\[[0-9;:]*m", ""))
          .doesNotContain("\u001b", "\r", "\u009b");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a step's heading,            ▸ deploy",
    "a step's heading in colour,  \\e[2m▸ deploy\\e[0m",
    "behind blanks,               '  ▸ deploy'",
    "behind a return,             x\\r▸ deploy",
    "a failure,                   ✗ deploy failed",
    "what looks like one,         ► deploy",
  })
  void aLineOfTheJobPassesForNoneOfOurs(String what, String log) throws IOException {
    String raw = log.replace("\\e", "\u001b").replace("\\r", "\r");
    for (int piece : new int[] {1, 1000}) {
      String seen = shown(("before\n" + raw + "\n").getBytes(StandardCharsets.UTF_8), false, piece);
      assertThat(seen.lines()).as(what).noneMatch(line -> line.matches("\\s*[▸✗►].*"));
      assertThat(seen).as("control: the text is there").contains("deploy").contains("| ");
    }
    assertThat(shown("a ▸ b\n")).isEqualTo("a ▸ b\n");
  }

  @Test
  void coloursConcealNothing() throws IOException {
    assertThat(shown("\u001b[8mhidden\u001b[0m\n")).isEqualTo("hidden\u001b[0m\n\u001b[0m");
    assertThat(shown("\u001b[1;08;31mhidden\n")).isEqualTo("hidden\n");
    assertThat(shown("\u001b[38;5;8mgrey\n")).isEqualTo("\u001b[38;5;8mgrey\n\u001b[0m");
  }
}
