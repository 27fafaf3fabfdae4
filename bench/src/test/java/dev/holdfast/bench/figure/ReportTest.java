package dev.holdfast.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Report report = new Report(Instant.EPOCH, false, Map.of("cores", "2"));

  @Test
  void theTableHasAColumnForEachThingThatIsSaidOfAFigure() {
    report.add(
        Figure.of("push-to-output", "namespaces, warm", Unit.MILLISECONDS, Samples.of(250, 350))
            .over("bare push", 25)
            .within(400));
    report.add(Figure.of("push-to-output", "cold", Unit.MILLISECONDS, Samples.of(1234.56)));
    report.add(
        Figure.of("throughput", "one job a run", Unit.JOBS_PER_SECOND, Samples.of(450, 460))
            .within(500));
    assertThat(Table.of(report.figures()))
        .isEqualTo(
            """
            figure              n      median  p95  min - max  floor             ratio  target

            push-to-output
              namespaces, warm  2      300 ms  345  250 - 350  25.0 (bare push)  12.0x  <= 400  met
              cold              1     1235 ms

            throughput
              one job a run     2  455 jobs/s  451  450 - 460                           >= 500  NOT MET
            """);
  }

  @Test
  void jsonHoldsFactsFiguresSamplesFloorsAndTargets() {
    report.add(
        Figure.of("throughput", "one job a run", Unit.JOBS_PER_SECOND, Samples.of(600, 400.1234))
            .over("loop", 1000)
            .within(500));
    report.skipped("the backend container", "no engine");
    assertThat(JsonText.compact(report.json()))
        .isEqualTo(
            "{\"version\":1,\"began\":\"1970-01-01T00:00:00Z\",\"quick\":false,\"good\":true,"
                + "\"machine\":{\"cores\":\"2\"},\"figures\":[{\"measurement\":\"throughput\","
                + "\"name\":\"one job a run\",\"unit\":\"jobs/s\",\"median\":500.062,"
                + "\"p95\":410.117,\"min\":400.123,\"max\":600,"
                + "\"floor\":{\"what\":\"loop\",\"value\":1000},\"ratio\":0.5,"
                + "\"target\":{\"is\":\"at-least\",\"bound\":500,\"met\":true},"
                + "\"samples\":[600,400.123]}],"
                + "\"missing\":[{\"what\":\"the backend container\",\"why\":\"no engine\","
                + "\"failed\":false}]}");
    assertThat(JsonText.parse(JsonText.pretty(report.json()))).isInstanceOf(Json.Obj.class);
  }

  @Test
  void itIsGoodOnlyIfAllWasMeasuredAndEveryTargetMet() {
    assertThat(report.good()).as("nothing measured").isFalse();
    report.add(Figure.of("m", "a", Unit.MILLISECONDS, Samples.of(1)).within(2));
    assertThat(report.good()).isTrue();
    report.skipped("container", "no engine");
    assertThat(report.good()).as("what this machine cannot have is no fault").isTrue();
    report.failed("throughput", "a job ran twice");
    assertThat(report.good()).isFalse();
  }

  @Test
  void aMissedTargetIsNotGood_andIsSaidInTheFigureLines() {
    report.add(Figure.of("m", "a", Unit.MILLISECONDS, Samples.of(3)).within(2));
    report.add(Figure.of("m", "b", Unit.MILLISECONDS, Samples.of(3)));
    assertThat(report.good()).isFalse();
    assertThat(report.targets()).isEqualTo("figure: m, a = 3.00 ms (target <= 2.00, NOT MET)\n");
  }

  @Test
  void aQuickRunConcludesNothingFromItsFigures_butAFailureIsOne() {
    var quick = new Report(Instant.EPOCH, true, Map.of());
    quick.add(Figure.of("m", "a", Unit.MILLISECONDS, Samples.of(3)).within(2));
    assertThat(quick.good()).isTrue();
    assertThat(quick.text()).contains("quick: far too few samples");
    quick.failed("throughput", "a job ran twice");
    assertThat(quick.good()).isFalse();
  }

  @Test
  void whatFailedAndWhatTheMachineLacksAreSaidWithTheReason() {
    report.failed("throughput", "a job ran twice");
    report.skipped("the backend container", "no engine");
    assertThat(report.text())
        .contains("cores: 2")
        .contains("FAILED  throughput: a job ran twice")
        .contains("not measured: the backend container: no engine");
  }
}
