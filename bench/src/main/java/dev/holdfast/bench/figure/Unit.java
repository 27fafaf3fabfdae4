package dev.holdfast.bench.figure;

/** What a figure counts, and which way it gets better. */
public enum Unit {
  MILLISECONDS("ms", false),
  KILOBYTES("kB", false),
  MEGABYTES("MB", false),
  JOBS_PER_SECOND("jobs/s", true),
  OPERATIONS_PER_SECOND("ops/s", true),
  MEGABYTES_PER_SECOND("MB/s", true);

  private final String symbol;
  private final boolean moreIsBetter;

  Unit(String symbol, boolean moreIsBetter) {
    this.symbol = symbol;
    this.moreIsBetter = moreIsBetter;
  }

  public String symbol() {
    return symbol;
  }

  public boolean moreIsBetter() {
    return moreIsBetter;
  }

  /** Whether {@code value} is as good as {@code bound}, or better. */
  boolean reaches(double value, double bound) {
    return moreIsBetter ? value >= bound : value <= bound;
  }
}
