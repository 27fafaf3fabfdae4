package dev.holdfast.bench.ingest;

import dev.holdfast.agent.mask.MaskedLog;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How fast an agent takes secrets out of a log: text like that of a build, in pieces as a runner
 * sends them, with 0, 10 and 1,000 secrets. In this process, after a warm-up. The floor copies each
 * piece and masks nothing.
 */
public final class Masking implements Measurement {
  private static final int TEXT = 8_000_000;
  private static final int PIECE = 32 * 1024;
  private static final int ROUNDS = 15;
  private static final double TARGET = 200;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  @Override
  public String name() {
    return "masking";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    setting.part(
        name(),
        () -> {
          byte[] text = BuildText.of(TEXT);
          int rounds = setting.times(ROUNDS, 2);
          var floors = new ArrayList<Double>();
          for (int secrets : List.of(0, 10, 1000)) {
            setting.say("masking with " + secrets + " secrets, " + rounds + " rounds");
            Masker masker = with(secrets);
            var none = new Masker();
            var speeds = new ArrayList<Double>();
            for (int round = -3; round < rounds; round++) {
              double floor = speed(none.log(), text);
              double speed = speed(masker.log(), text);
              if (round >= 0) {
                floors.add(floor);
                speeds.add(speed);
              }
            }
            Figure figure =
                Figure.of(
                        name(),
                        secrets + " secrets",
                        Unit.MEGABYTES_PER_SECOND,
                        new Samples(speeds))
                    .over("no masking: each piece copied", new Samples(floors).median());
            setting.report().add(secrets == 10 ? figure.within(TARGET) : figure);
          }
        });
  }

  private static double speed(MaskedLog log, byte[] text) {
    long begun = System.nanoTime();
    long out = 0;
    for (int at = 0; at < text.length; at += PIECE) {
      out += log.write(Arrays.copyOfRange(text, at, Math.min(at + PIECE, text.length))).length;
    }
    out += log.settle().length;
    double seconds = (System.nanoTime() - begun) / 1e9;
    if (out != text.length) {
      throw new IllegalStateException(
          "of " + text.length + " bytes without secrets " + out + " came out");
    }
    return text.length / 1e6 / seconds;
  }

  /** Tokens and passwords of 12 to 60 characters; the same each time. */
  private static Masker with(int count) {
    var random = new Random(7);
    var secrets = new ArrayList<byte[]>();
    for (int i = 0; i < count; i++) {
      var secret = new StringBuilder();
      for (int left = 12 + random.nextInt(49); left > 0; left--) {
        secret.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
      secrets.add(secret.toString().getBytes(StandardCharsets.UTF_8));
    }
    var masker = new Masker();
    masker.add(secrets);
    return masker;
  }
}
