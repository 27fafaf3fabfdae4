package dev.holdfast.orchestrator.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of logs, against the same log taken apart in memory. */
class LogLinesTest {
  @TempDir Path folder;

  private static List<String> texts(List<LogLines.Line> lines) {
    return lines.stream().map(l -> new String(l.bytes(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void everyLineIsFoundByItsNumberAndByItsBytesHoweverTheLogGrew() throws Exception {
    try (var store = new FileLogStore(folder, Clock.systemUTC())) {
      var lines = new LogLines(store);
      var random = new Random(3);
      var all = new StringBuilder();
      for (int piece = 0; piece < 60; piece++) {
        var text = new StringBuilder();
        for (int n = random.nextInt(400); n > 0; n--) {
          text.append(
              "x".repeat(random.nextInt(20) == 0 ? random.nextInt(3000) : random.nextInt(80)));
          text.append(random.nextInt(50) == 0 ? "" : "\n");
        }
        store.append("att_a", all.length(), text.toString().getBytes(StandardCharsets.UTF_8));
        all.append(text);
        List<String> expected = new ArrayList<>(List.of(all.toString().split("\n", -1)));
        if (expected.getLast().isEmpty()) {
          expected.removeLast();
        }
        assertThat(lines.count("att_a")).isEqualTo(expected.size());
        for (int i = 0; i < 5 && !expected.isEmpty(); i++) {
          int from = random.nextInt(expected.size());
          List<LogLines.Line> read = lines.read("att_a", from + 1, 7);
          assertThat(texts(read))
              .isEqualTo(expected.subList(from, Math.min(expected.size(), from + 7)));
          assertThat(lines.at("att_a", read.getFirst().offset())).isEqualTo(from + 1);
        }
      }
      assertThat(lines.read("att_a", lines.count("att_a") + 1, 5)).isEmpty();
      // A reader that comes later finds the same.
      assertThat(new LogLines(store).count("att_a")).isEqualTo(lines.count("att_a"));
    }
  }

  @Test
  void aLineOfAnyLengthCostsNoMoreThanItsBeginning() throws Exception {
    try (var store = new FileLogStore(folder, Clock.systemUTC())) {
      byte[] word = "W".repeat(5_000_000).getBytes(StandardCharsets.UTF_8);
      store.append("att_b", 0, word);
      store.append("att_b", word.length, "\nafter\n".getBytes(StandardCharsets.UTF_8));
      List<LogLines.Line> read = new LogLines(store).read("att_b", 1, 10);
      assertThat(read).hasSize(2);
      assertThat(read.getFirst().bytes()).hasSize(LogLines.MOST_OF_A_LINE);
      assertThat(read.getFirst().length()).isEqualTo(word.length);
      assertThat(texts(read).getLast()).isEqualTo("after");
    }
  }

  @Test
  void aWindowOfLongLinesIsBounded() throws Exception {
    try (var store = new FileLogStore(folder, Clock.systemUTC())) {
      byte[] line = ("v".repeat(16_000) + "\n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 400; i++) {
        store.append("att_c", (long) i * line.length, line);
      }
      var lines = new LogLines(store);
      assertThat(lines.count("att_c")).isEqualTo(400);
      List<LogLines.Line> read = lines.read("att_c", 1, 400);
      assertThat(read.size()).isBetween(100, 140);
      assertThat(lines.read("att_c", read.size() + 1L, 1).getFirst().number())
          .isEqualTo(read.size() + 1L);
    }
  }

  @Test
  void searchSeesThroughColoursAndGoesOnWhereItStopped() throws Exception {
    try (var store = new FileLogStore(folder, Clock.systemUTC())) {
      var text = new StringBuilder();
      for (int i = 1; i <= 5000; i++) {
        text.append(i % 1000 == 0 ? "\u001b[31mER\u001b[1mROR\u001b[0m: no " + i : "fine " + i)
            .append('\n');
      }
      store.append("att_d", 0, text.toString().getBytes(StandardCharsets.UTF_8));
      var lines = new LogLines(store);
      LogLines.Found found =
          lines.search("att_d", "error: NO", 1, Long.MAX_VALUE, 2, Long.MAX_VALUE);
      assertThat(found.lines()).extracting(LogLines.Line::number).containsExactly(1000L, 2000L);
      assertThat(found.next()).hasValue(2001);
      found = lines.search("att_d", "error: no", 2001, Long.MAX_VALUE, 100, Long.MAX_VALUE);
      assertThat(found.lines())
          .extracting(LogLines.Line::number)
          .containsExactly(3000L, 4000L, 5000L);
      assertThat(found.next()).isEmpty();
      found = lines.search("att_d", "error", 1, Long.MAX_VALUE, 100, 10_000);
      assertThat(found.lines()).extracting(LogLines.Line::number).containsExactly(1000L);
      assertThat(found.next()).isPresent();
      assertThat(lines.search("att_d", "", 1, Long.MAX_VALUE, 9, 9).lines()).isEmpty();
    }
  }
}
