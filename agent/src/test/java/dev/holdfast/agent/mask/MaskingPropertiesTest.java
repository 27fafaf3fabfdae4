package dev.holdfast.agent.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every stream and every set of values; {@code -Dholdfast.seed=N} repeats one. */
class MaskingPropertiesTest {
  /**
   * Behind every log: ends what is still open, and is neither in a value nor in a way of writing
   * one. What a log that ends in the middle of a value shows of it is told by {@code MaskerTest}.
   */
  private static final String END = "\n||||||||";

  /** Logs that are made up and cut, with 7 to 106 values each. */
  private static final int ROUNDS = Integer.getInteger("holdfast.masking.rounds", 300);

  /** Bytes of the log without secrets; `script/show secrets masking-identity` takes 1 GB. */
  private static final long BYTES = Long.getLong("holdfast.masking.bytes", 4_000_000);

  private final long seed = Long.getLong("holdfast.seed", System.nanoTime());
  private final Leaks leaks = new Leaks(seed);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Masker of(List<String> secrets) {
    var masker = new Masker();
    masker.add(secrets.stream().map(MaskingPropertiesTest::bytes).toList());
    return masker;
  }

  private static String through(MaskedLog log, List<byte[]> pieces) {
    var out = new ByteArrayOutputStream();
    pieces.forEach(piece -> out.writeBytes(log.write(piece)));
    out.writeBytes(log.settle());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLogWithoutSecretsComesOutByteForByte() throws Exception {
    for (int secrets : new int[] {0, 10, 1000}) {
      var values = new ArrayList<String>();
      for (int i = 0; i < secrets; i++) {
        values.add(leaks.secret());
      }
      MaskedLog log = of(values).log();
      MessageDigest in = MessageDigest.getInstance("SHA-256");
      MessageDigest out = MessageDigest.getInstance("SHA-256");
      byte[] noise = bytes(leaks.noise(20_000));
      long left = BYTES;
      int at = 0;
      while (left > 0) {
        int length = (int) Math.min(left, 1 + leaks.random().nextInt(100_000));
        byte[] piece = new byte[length];
        for (int i = 0; i < length; i++) {
          piece[i] = noise[at];
          at = at + 1 == noise.length ? leaks.random().nextInt(1000) : at + 1;
        }
        if (leaks.random().nextInt(50) == 0) {
          leaks.random().nextBytes(piece);
        }
        in.update(piece);
        out.update(log.write(piece));
        left -= length;
      }
      out.update(log.settle());
      assertThat(out.digest()).as(secrets + " secrets, seed " + seed).isEqualTo(in.digest());
      System.out.println(
          "figure: bytes that came out as they went in, " + secrets + " secrets = " + BYTES);
    }
  }

  @Test
  void itComesToTheSameHoweverTheStreamIsCut() {
    for (int round = 0; round < ROUNDS; round++) {
      var secrets = secrets(round);
      byte[] log = bytes(soup(secrets) + END);
      String whole = through(of(secrets).log(), List.of(log.clone()));
      for (int i = 0; i < 5; i++) {
        assertThat(through(of(secrets).log(), leaks.pieces(log)))
            .as("round %s, seed %s", round, seed)
            .isEqualTo(whole);
      }
    }
  }

  @Test
  void itMasksWhatASearchFromEveryPlaceFinds() {
    for (int round = 0; round < ROUNDS; round++) {
      var secrets = secrets(round);
      byte[] log = bytes(soup(secrets) + END);
      assertThat(through(of(secrets).log(), List.of(log.clone())))
          .as("round %s, seed %s", round, seed)
          .isEqualTo(everyPlace(of(secrets).values(), log));
    }
  }

  /** Once it was passed over where the stream was cut before the character that deletes. */
  @Test
  void aCharacterThatIsTypedOverIsPartOfItWhereverTheStreamIsCut() {
    String secret = "cdabcxab";
    for (int typed = 1; typed < secret.length(); typed++) {
      String written = secret.substring(0, typed) + "~\b" + secret.substring(typed);
      for (String before : List.of("", "a", "abcd", "cd")) {
        String log = before + written + END;
        for (int cut = 0; cut <= log.length(); cut++) {
          List<byte[]> pieces = List.of(bytes(log.substring(0, cut)), bytes(log.substring(cut)));
          assertThat(through(of(List.of(secret, "abcdabcx")).log(), pieces))
              .as("typed over at %s behind %s, cut at %s", typed, before, cut)
              .isEqualTo(before + "***" + END);
        }
      }
    }
  }

  /** The many, of which the tables are larger, in every third round. */
  private List<String> secrets(int round) {
    var secrets = new ArrayList<String>(List.of("abcdabcx", "cdabcxab"));
    for (int i = round % 3 == 0 ? 100 : 3; i > 0; i--) {
      secrets.add(leaks.secret());
    }
    secrets.add("'q\"" + round);
    secrets.add("% \\" + round);
    return secrets;
  }

  /** Plain occurrences only, in an alphabet of which no other way of writing can be made. */
  @Test
  void itMasksWhatANaiveMaskerMasks() {
    var random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      var secrets = new ArrayList<String>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        secrets.add(of(random, 4 + random.nextInt(6)));
      }
      String log = of(random, random.nextInt(60)) + "~~~~";
      assertThat(through(of(secrets).log(), leaks.pieces(bytes(log))))
          .as("%s in %s, seed %s", secrets, log, seed)
          .isEqualTo(naive(secrets, log));
    }
  }

  private static String of(Random random, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('x' + random.nextInt(3)));
    }
    return text.toString();
  }

  private static String naive(List<String> secrets, String log) {
    var out = new StringBuilder();
    int masked = 0;
    for (int at = 0; at < log.length(); at++) {
      int end = -1;
      for (String secret : secrets) {
        if (log.startsWith(secret, at)) {
          end = Math.max(end, at + secret.length());
        }
      }
      if (end > masked) {
        out.append(at >= masked ? "***" : "");
        masked = end;
      }
      if (at >= masked) {
        out.append(log.charAt(at));
      }
    }
    return out.toString();
  }

  private static String everyPlace(Values values, byte[] log) {
    var out = new ByteArrayOutputStream();
    var trial = new Trial(values);
    int masked = 0;
    for (int at = 0; at < log.length; at++) {
      trial.begin(log, at, log.length, true);
      if (trial.found() > masked) {
        out.writeBytes(bytes(at >= masked ? "***" : ""));
        masked = trial.found();
      }
      if (at >= masked) {
        out.write(log[at]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Whole and broken leaks in every way, noise, and what may stand between. */
  private String soup(List<String> secrets) {
    Random random = leaks.random();
    List<String> between =
        List.of(
            "",
            "\n",
            "\r\n   ",
            "\u001b[0m",
            "\u200b",
            "x\b",
            "\b",
            "%25",
            "%41",
            "\\\\",
            "\\x41",
            "&amp;",
            "'",
            "\"",
            "+",
            "abcdabcx",
            " ");
    Leaks.Way[] ways = Leaks.Way.values();
    var text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      String secret = secrets.get(random.nextInt(secrets.size()));
      String written = leaks.written(ways[random.nextInt(ways.length)], secret);
      int cut = random.nextInt(written.length() + 1);
      text.append(random.nextBoolean() ? written : written.substring(0, cut))
          .append(between.get(random.nextInt(between.size())));
      if (random.nextInt(3) == 0) {
        text.append(written.substring(cut)).append(leaks.noise(1));
      }
      if (random.nextInt(3) == 0 && written.length() > 4) {
        int at = 1 + random.nextInt(Math.min(5, written.length() - 1));
        text.append(written, 0, at)
            .append(between.get(random.nextInt(between.size())))
            .append(written.substring(at));
      }
    }
    return text.toString();
  }

  @Test
  void whatIsStretchedWithoutEndIsHeldInBoundedMemory() {
    String secret = leaks.secret();
    var masker = of(List.of(secret));
    MaskedLog log = masker.log();
    byte[] open = bytes(secret.substring(0, 5));
    byte[] sequence = bytes("\u001b[0m".repeat(50));
    assertThat(log.write(open)).isEmpty();
    int most = 0;
    for (int i = 0; i < 10_000; i++) {
      log.write(sequence.clone());
      most = Math.max(most, log.held());
    }
    assertThat(most).isLessThanOrEqualTo(1024 * 1024 + sequence.length);
    assertThat(through(log, List.of(bytes("end\n")))).endsWith("end\n");
  }
}
