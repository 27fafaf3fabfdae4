package dev.holdfast.agent.channel;

/**
 * The most that a runner may say.
 *
 * @param log bytes of output in the attempt
 * @param outputs messages that set one, also if several set the same
 * @param summaries messages
 * @param summaryLength characters of all summaries together
 */
public record Bounds(long log, int outputs, int summaries, int summaryLength) {

  /** 1 GiB of log; outputs and summaries for people, not for files. */
  public static Bounds standard() {
    return new Bounds(1024L * 1024 * 1024, 200, 200, 1024 * 1024);
  }
}
