package dev.holdfast.agent.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskerTest {
  private static final String SECRET = "p4$sw0rd-'q\"u\\o/t&e<d> é%+x";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Masker of(String... secrets) {
    var masker = new Masker();
    masker.add(List.of(secrets).stream().map(MaskerTest::bytes).toList());
    return masker;
  }

  private static String through(MaskedLog log, String... pieces) {
    var out = new ByteArrayOutputStream();
    for (String piece : pieces) {
      out.writeBytes(log.write(bytes(piece)));
    }
    out.writeBytes(log.settle());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void withoutSecretsTheVeryArrayComesOut() {
    byte[] piece = bytes("nothing to see");
    assertThat(new Masker().log().write(piece)).isSameAs(piece);
  }

  /** As docs/masking.md says: one character that is typed over is seen through, two are not. */
  @Test
  void whatIsHiddenByTwoCharactersTypedOver_isNotFound_thatByOneIs() {
    String secret = "correct-horse-battery";
    assertThat(through(of(secret).log(), "correct-hX\borse-battery\n")).isEqualTo("***\n");
    assertThat(through(of(secret).log(), "correct-hxy\b\borse-battery\n"))
        .isEqualTo("correct-hxy\b\borse-battery\n");
  }

  @Test
  void whatHoldsNoSecretComesOutUncopied() {
    byte[] piece = bytes("nothing to see\n");
    assertThat(of("hunter2-is-long").log().write(piece)).isSameAs(piece);
  }

  @Test
  void aSecretIsMaskedWhereverItIsSplit() {
    String secret = "correct-horse-battery";
    for (int cut = 1; cut < secret.length(); cut++) {
      assertThat(
              through(
                  of(secret).log(),
                  "a " + secret.substring(0, cut),
                  secret.substring(cut) + " b " + secret + "\n"))
          .isEqualTo("a *** b ***\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p4$sw0rd-'q\"u\\o/t&e<d> é%+x",
        "p4$sw0rd-'q\\\"u\\\\o/t&e<d> \\u00e9%+x",
        "p4$sw0rd-'q\\\"u\\\\o\\/t\\u0026e\\u003cd\\u003E é%+x",
        "p4%24sw0rd-%27q%22u%5Co%2Ft%26e%3Cd%3E+%C3%A9%25%2Bx",
        "p4%24sw0rd-'q%22u%5co/t%26e%3cd%3e%20%c3%a9%25%2bx",
        "%70%34%24%73%77%30%72%64%2d%27%71%22%75%5c%6f%2f%74%26%65%3c%64%3e%20%c3%a9%25%2b%78",
        "p4$sw0rd-&#39;q&quot;u\\o/t&amp;e&lt;d&gt; &#xe9;%+x",
        "p4&dollar;sw0rd-&apos;q&#34;u&bsol;o&sol;t&amp;amp;e&amp;lt;d&gt; &#233;&percnt;&plus;x",
        "p4$sw0rd-'\\''q\"u\\o/t&e<d> é%+x",
        "p4$sw0rd-'\"'\"'q\"u\\o/t&e<d> é%+x",
        "p4\\$sw0rd-\\'q\\\"u\\\\o/t\\&e\\<d\\>\\ é%+x",
        "p4$sw0rd-\\'q\"u\\\\o/t&e<d> \\303\\251%+x",
        "p4$sw0rd-'q\\\\\\\"u\\\\\\\\o/t&e<d> é%+x",
        "p4$sw\u001b[1;31m0rd-'q\u001b]0;title\u0007\"u\\o/t&\u200be<d> é%\u0000+x",
        "p4$sX\bw0rd-'q\"u\\o/t&e<d> é%+x",
        "p4$sw0rd-'q\n  \"u\\o/t&e<\r\nd> é%+x",
      })
  void isMaskedAsText(String written) {
    for (int cut = 0; cut <= written.length(); cut++) {
      assertThat(
              through(
                  of(SECRET).log(), "<" + written.substring(0, cut), written.substring(cut) + ">"))
          .isEqualTo("<***>");
    }
    assertThat(of(SECRET).text("it is " + written + ".")).isEqualTo("it is ***.");
  }

  @Test
  void isMaskedAsBase64AtEachAlignmentAndWrap() {
    for (String before : List.of("", "a", "ab", "abc")) {
      for (String behind : List.of("", "z", "zz")) {
        byte[] whole = bytes(before + SECRET + behind);
        for (Base64.Encoder encoder :
            List.of(
                Base64.getEncoder(),
                Base64.getUrlEncoder(),
                Base64.getUrlEncoder().withoutPadding(),
                Base64.getMimeEncoder(4, bytes("\n")),
                Base64.getMimeEncoder(16, bytes("\r\n  ")))) {
          String masked = through(of(SECRET).log(), encoder.encodeToString(whole));
          assertThat(masked).contains("***");
          assertThat(masked.replaceAll("[=\r\n ]|\\*\\*\\*", "").length()).isLessThan(8);
        }
      }
    }
  }

  @Test
  void isMaskedAsHexadecimalDigits() {
    String hex = java.util.HexFormat.of().formatHex(bytes(SECRET));
    assertThat(through(of(SECRET).log(), "<" + hex + ">")).isEqualTo("<***>");
    assertThat(through(of(SECRET).log(), "<" + hex.toUpperCase(java.util.Locale.ROOT) + ">"))
        .isEqualTo("<***>");
    for (String separator : List.of(":", " ", ", ", "-", "\n", ", 0x")) {
      String separated = java.util.HexFormat.ofDelimiter(separator).formatHex(bytes(SECRET));
      assertThat(through(of(SECRET).log(), "<" + separated + ">")).as(separator).isEqualTo("<***>");
    }
  }

  @Test
  void noTailOfOneThatOverlapsAnotherIsLeft() {
    var masker = of("abcdefgh", "efghijkl", "ghijklmn-and-more");
    assertThat(through(masker.log(), "<abcdefghijkl>")).isEqualTo("<***>");
    assertThat(through(masker.log(), "<abcdefghijklmn-and-more>")).isEqualTo("<***>");
    assertThat(through(masker.log(), "<abcdefghijklmn-and-mor>")).isEqualTo("<***mn-and-mor>");
    assertThat(through(masker.log(), "abcdefghabcdefgh")).isEqualTo("******");
  }

  @Test
  void eachLineOfOneIsMaskedAndAllOfIt() {
    var masker = of("first line of it\nsecond line of it\nx\n");
    assertThat(through(masker.log(), "<first line of it>")).isEqualTo("<***>");
    assertThat(through(masker.log(), "<second line of it>")).isEqualTo("<***>");
    assertThat(through(masker.log(), "<first line of it\r\nsecond line of it\r\nx\r\n>"))
        .isEqualTo("<***>");
    assertThat(through(masker.log(), "<first line of it second line of it x>"))
        .isEqualTo("<*** *** x>");
  }

  @Test
  void whatIsHeldIsLookedAtForSecretsThatComeLater() {
    var masker = of("another one");
    MaskedLog log = masker.log();
    assertThat(log.write(bytes("an"))).isEmpty();
    masker.add(List.of(bytes("antelope-7")));
    assertThat(new String(log.write(bytes("telope-7!")), StandardCharsets.UTF_8)).isEqualTo("***!");
  }

  @Test
  void aRestLetsGoTwoBytesAtMostAndTheRestIsMasked() {
    String secret = "correct-horse";
    for (int cut = 1; cut < secret.length(); cut++) {
      MaskedLog log = of(secret).log();
      String first = through(log, secret.substring(0, cut));
      String second = through(log, secret.substring(cut) + "\n");
      assertThat(first).isEqualTo(cut <= 2 ? secret.substring(0, cut) : "***");
      assertThat(second).isEqualTo(cut <= 2 ? "***\n" : "\n");
    }
  }

  @Test
  void aTextThatWasCutShowsNoBeginning() {
    var masker = of("correct-horse-battery");
    assertThat(masker.text("it said correct-horse-b")).isEqualTo("it said ***");
    assertThat(masker.text("it said correct-horse-b…")).isEqualTo("it said ***…");
    assertThat(masker.text("it said correct")).isEqualTo("it said correct");
  }

  @Test
  void whatCannotBeMaskedIsRefused() {
    var masker = new Masker();
    assertThatThrownBy(() -> masker.add(List.of(bytes("long enough"), bytes("abc"))))
        .hasMessage("a secret of 3 bytes cannot be masked; expected 4 to 65536");
    assertThatThrownBy(() -> masker.add(List.of(new byte[65_537])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(masker.text("long enough")).isEqualTo("long enough");
  }
}
