package dev.holdfast.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {
  private static final Samples SAMPLES = Samples.of(100, 200, 300);

  @Test
  void aTimeMeetsItsTargetFromBelow_aRateFromAbove() {
    Figure time = Figure.of("m", "time", Unit.MILLISECONDS, SAMPLES);
    assertThat(time.within(200).met()).isTrue();
    assertThat(time.within(199).met()).isFalse();
    Figure rate = Figure.of("m", "rate", Unit.JOBS_PER_SECOND, SAMPLES);
    assertThat(rate.within(200).met()).isTrue();
    assertThat(rate.within(201).met()).isFalse();
    assertThat(time.met()).isTrue();
  }

  @Test
  void p95IsTheBadEnd() {
    assertThat(Figure.of("m", "time", Unit.MILLISECONDS, SAMPLES).p95()).isEqualTo(290);
    assertThat(Figure.of("m", "rate", Unit.JOBS_PER_SECOND, SAMPLES).p95()).isEqualTo(110);
  }

  @Test
  void ratioIsHowManyTimesTheFloorTheMedianIs() {
    Figure figure = Figure.of("m", "time", Unit.MILLISECONDS, SAMPLES);
    assertThat(figure.ratio()).isEmpty();
    assertThat(figure.over("less", 50).ratio()).hasValue(4);
    assertThat(figure.over("nothing", 0).ratio()).isEmpty();
  }
}
