package dev.holdfast.bench.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BuildTextTest {
  @Test
  void itIsTheSameEachTimeAndExactlySoLong() {
    byte[] text = BuildText.of(100_000);
    assertThat(text).hasSize(100_000).isEqualTo(BuildText.of(100_000));
    assertThat(text[text.length - 1]).isEqualTo((byte) '\n');
  }

  @Test
  void itCompressesLikeABuildsOutputAndNotLikeOneRepeatedLine() {
    byte[] text = BuildText.of(1_000_000);
    double ratio = (double) text.length / Zstd.compress(text, 1).length;
    assertThat(ratio).isBetween(2.5, 12.0);
    assertThat(new String(text, StandardCharsets.US_ASCII).lines().distinct().count())
        .isGreaterThan(10_000);
  }

  @Test
  void whatIsExpectedOfTheStoreIsTheTextSoManyTimes() {
    assertThat(StoredLog.expected("ab".getBytes(StandardCharsets.US_ASCII), 2))
        .isEqualTo(StoredLog.expected("abab".getBytes(StandardCharsets.US_ASCII), 1));
  }
}
