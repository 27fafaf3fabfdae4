package dev.holdfast.agent.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Leaks of every kind, at every place, in pieces of every length: none gets through, and a finder
 * that has nothing in common with the masker finds every one of them where nothing is masked.
 *
 * <p>{@code -Dholdfast.seed=N} repeats a corpus.
 */
class MaskingCorpusTest {
  private static final int LEAKS = 2000;

  @Test
  void ofTwoThousandLeaksNoneGetsThrough_andUnmaskedEachIsFound() {
    long seed = Long.getLong("holdfast.seed", System.nanoTime());
    System.out.println("corpus of leaks: seed " + seed);
    var leaks = new Leaks(seed);
    Leaks.Way[] ways = Leaks.Way.values();
    Map<Leaks.Way, Integer> tried = new EnumMap<>(Leaks.Way.class);
    List<String> through = new ArrayList<>();
    List<String> unseen = new ArrayList<>();
    for (int i = 0; i < LEAKS; i++) {
      Leaks.Way way = ways[i % ways.length];
      String secret = leaks.secret();
      String shown = leaks.shown(way, secret);
      String before = leaks.noise(leaks.random().nextInt(6));
      // No value begins with the last line: what a log that rests may hide of others is told below.
      String behind = leaks.noise(leaks.random().nextInt(6)) + "|\n";
      boolean steps = leaks.random().nextInt(4) == 0;
      byte[] log =
          (before + "value=" + leaks.written(way, shown) + ";\n" + behind)
              .getBytes(StandardCharsets.UTF_8);
      String what = way + " of " + shown + " (leak " + i + ", seed " + seed + ")";
      if (!Finder.finds(log, shown)) {
        unseen.add(what);
      }
      byte[] masked = masked(leaks, secret, log, steps);
      if (Finder.finds(masked, shown)) {
        through.add(what + "\n" + new String(masked, StandardCharsets.UTF_8));
      }
      String left = new String(masked, StandardCharsets.UTF_8);
      assertThat(left).as(what).contains(Masker.MASK);
      if (!steps) {
        // Where a step ends, three characters that a value begins with, in some way, are masked
        // too.
        assertThat(left).as(what).startsWith(before).endsWith(behind);
      }
      tried.merge(way, 1, Integer::sum);
    }
    assertThat(unseen).as("found where nothing is masked").isEmpty();
    assertThat(through).as("got through").isEmpty();
    assertThat(tried).hasSize(ways.length);
    System.out.println("figure: leaks tried = " + LEAKS + " in " + ways.length + " ways");
    System.out.println("figure: leaks that got through = " + through.size());
  }

  /**
   * With other secrets beside it and in pieces.
   *
   * @param steps whether steps end in between
   */
  private static byte[] masked(Leaks leaks, String secret, byte[] log, boolean steps) {
    var masker = new Masker();
    var secrets = new ArrayList<byte[]>();
    for (int i = leaks.random().nextInt(20); i > 0; i--) {
      secrets.add(leaks.secret().getBytes(StandardCharsets.UTF_8));
    }
    secrets.add(secret.getBytes(StandardCharsets.UTF_8));
    masker.add(secrets);
    MaskedLog stream = masker.log();
    var out = new ByteArrayOutputStream();
    for (byte[] piece : leaks.pieces(log)) {
      out.writeBytes(stream.write(piece));
      if (steps && leaks.random().nextInt(20) == 0) {
        out.writeBytes(stream.settle());
      }
    }
    out.writeBytes(stream.settle());
    return out.toByteArray();
  }
}
