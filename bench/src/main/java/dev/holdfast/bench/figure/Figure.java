package dev.holdfast.bench.figure;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Something measured.
 *
 * @param measurement that it comes from
 * @param name within it
 * @param target a bound on the median, in {@code unit}
 */
public record Figure(
    String measurement,
    String name,
    Unit unit,
    Samples samples,
    Optional<Floor> floor,
    OptionalDouble target) {

  /**
   * What the machine itself takes for the least that could do the same.
   *
   * @param value in the figure's unit
   */
  public record Floor(String what, double value) {}

  public static Figure of(String measurement, String name, Unit unit, Samples samples) {
    return new Figure(measurement, name, unit, samples, Optional.empty(), OptionalDouble.empty());
  }

  public Figure over(String what, double floor) {
    return new Figure(
        measurement, name, unit, samples, Optional.of(new Floor(what, floor)), target);
  }

  public Figure within(double bound) {
    return new Figure(measurement, name, unit, samples, floor, OptionalDouble.of(bound));
  }

  public double median() {
    return samples.median();
  }

  /** What 95 % of the samples reach: for a time the 95th percentile, for a rate the 5th. */
  public double p95() {
    return samples.percentile(unit.moreIsBetter() ? 5 : 95);
  }

  /** How many times the floor the median is. */
  public OptionalDouble ratio() {
    return floor.isPresent() && floor.get().value() > 0
        ? OptionalDouble.of(median() / floor.get().value())
        : OptionalDouble.empty();
  }

  /** Whether the median is within the target; true where there is none. */
  public boolean met() {
    return target.isEmpty() || unit.reaches(median(), target.getAsDouble());
  }
}
