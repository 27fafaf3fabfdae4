package dev.holdfast.model.wire.channel;

/** What an agent answers to {@link KeepFromRunner}. */
public sealed interface KeepToRunner {
  /**
   * As many bytes of an archive follow as {@link FrameKind#ARCHIVE} frames.
   *
   * @param exact whether it is of the cache's very key, so that nothing new is to be kept
   * @param more how many others follow it at once
   */
  record Coming(long bytes, boolean exact, int more) implements KeepToRunner {}

  /** There is none. For a download that ends the job. */
  record Missing(String why) implements KeepToRunner {}

  record Wanted() implements KeepToRunner {}

  record NotWanted(String why) implements KeepToRunner {}

  record Kept() implements KeepToRunner {}

  record NotKept(String why) implements KeepToRunner {}
}
