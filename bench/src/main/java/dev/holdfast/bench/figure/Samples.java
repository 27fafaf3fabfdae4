package dev.holdfast.bench.figure;

import java.util.ArrayList;
import java.util.List;

/**
 * Measured numbers of one kind, in the order in which they were measured.
 *
 * @param values at least one
 */
public record Samples(List<Double> values) {
  public Samples {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("there are no samples; measure at least once");
    }
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(value + " is not a measured number");
      }
    }
  }

  public static Samples of(double... values) {
    var list = new ArrayList<Double>();
    for (double value : values) {
      list.add(value);
    }
    return new Samples(list);
  }

  public int count() {
    return values.size();
  }

  public double median() {
    return percentile(50);
  }

  /**
   * The value that {@code percent} of the samples do not exceed, between the two nearest of them in
   * proportion.
   *
   * @param percent 0 is the smallest sample, 100 the largest
   */
  public double percentile(double percent) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException("the percentile is " + percent + "; expected 0 to 100");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double place = percent / 100 * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = (int) Math.ceil(place);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  }

  public double min() {
    return percentile(0);
  }

  public double max() {
    return percentile(100);
  }
}
