package dev.holdfast.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Figure SLOW =
      Figure.of("push", "warm", Unit.MILLISECONDS, Samples.of(500, 400, 600))
          .over("bare", 100)
          .within(450);
  private static final Figure FAST =
      Figure.of("throughput", "jobs", Unit.JOBS_PER_SECOND, Samples.of(700)).within(500);

  private static Report report() {
    var report = new Report(Instant.EPOCH, false, Map.of("cores", "2"));
    report.add(SLOW);
    report.add(FAST);
    return report;
  }

  @Test
  void aRateIsBetterAboveItsTargetAndATimeBelow() {
    assertThat(SLOW.met()).isFalse();
    assertThat(FAST.met()).isTrue();
    assertThat(SLOW.ratio()).hasValue(5);
    assertThat(Figure.of("a", "b", Unit.JOBS_PER_SECOND, Samples.of(1, 101)).p95()).isEqualTo(6);
  }

  @Test
  void everyFigureIsALineThatSaysWhetherItsTargetIsMet() {
    assertThat(report().lines())
        .isEqualTo(
            """
            figure: push, warm = 500 ms (target <= 450, NOT met)
            figure: throughput, jobs = 700 jobs/s (target >= 500, met)
            """);
  }

  @Test
  void theTableHasARowForEachFigureUnderItsMeasurement() {
    assertThat(report().text().lines().map(String::strip))
        .anyMatch(line ->
            line.matches("warm +3 +500 ms +590 +400 - 600 +100 \\(bare\\) +5.00x .*NOT met"))
        .anyMatch(line -> line.matches("jobs +1 +700 jobs/s .*>= 500 +met"))
        .contains("push", "throughput", "cores: 2");
  }

  @Test
  void aMissedTargetIsCompleteAndAFailedMeasurementIsNot() {
    Report report = report();
    report.skipped("container", "no engine");
    assertThat(report.complete()).isTrue();
    report.failed("log-ingest", "the disk is full");
    assertThat(report.complete()).isFalse();
    assertThat(report.text()).contains("FAILED  log-ingest: the disk is full");
    assertThat(new Report(Instant.EPOCH, false, Map.of()).complete()).isFalse();
  }

  @Test
  void theJsonHoldsEverySampleAndTheTarget() {
    String json = JsonText.compact(report().json());
    assertThat(JsonText.parse(json)).isInstanceOf(Json.Obj.class);
    assertThat(json)
        .startsWith("{\"version\":1,\"began\":\"1970-01-01T00:00:00Z\",\"quick\":false,")
        .contains(
            "{\"measurement\":\"push\",\"name\":\"warm\",\"unit\":\"ms\",\"median\":500,\"p95\":590,"
                + "\"min\":400,\"max\":600,\"floor\":{\"what\":\"bare\",\"value\":100},\"ratio\":5,"
                + "\"target\":{\"is\":\"at-most\",\"bound\":450,\"met\":false},"
                + "\"samples\":[500,400,600]}");
  }
}
