package dev.holdfast.bench.setting;

/** One thing that is measured, with its floors beside it. */
public interface Measurement {
  /** As {@code --only} takes it. */
  String name();

  /**
   * Measures and adds figures to the setting's report. What it started has ended when this returns,
   * also when it throws; an interrupt ends it.
   */
  void measure(Setting setting) throws Exception;
}
