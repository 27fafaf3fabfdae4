package dev.holdfast.agent.channel;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.KeepFromRunner;

/** Reads a runner's control frames without letting them cost much. */
final class Messages {
  private Messages() {}

  /**
   * The message in {@code json}.
   *
   * @param parts the most values that it may hold. A few bytes of JSON make a value of a hundred in
   *     memory, so they are counted before anything is built of them
   */
  static FromRunner read(byte[] json, int parts) throws ProtocolViolation {
    int found = count(json);
    if (found > parts) {
      throw new ProtocolViolation(
          "the runner sent a message of more than " + parts + " values, which no runner does");
    }
    try {
      return Records.read(FromRunner.class, json);
    } catch (MalformedJson e) {
      throw new ProtocolViolation(
          "the runner sent a message that is none: " + line(String.valueOf(e.getMessage())));
    }
  }

  /** More values than a message about files that are kept has. */
  private static final int KEEP_PARTS = 300;

  /** The message about files that are kept in {@code json}. */
  static KeepFromRunner keep(byte[] json) throws ProtocolViolation {
    if (count(json) > KEEP_PARTS) {
      throw new ProtocolViolation(
          "the runner sent a message of more than " + KEEP_PARTS + " values, which no runner does");
    }
    try {
      return Records.read(KeepFromRunner.class, json);
    } catch (MalformedJson e) {
      throw new ProtocolViolation(
          "the runner sent a message that is none: " + line(String.valueOf(e.getMessage())));
    }
  }

  private static int count(byte[] json) {
    int found = 0;
    boolean text = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case '"' -> text = !text;
        case '\\' -> i += text ? 1 : 0;
        case ',', ':', '[', '{' -> found += text ? 0 : 1;
        default -> {}
      }
    }
    return found;
  }

  /**
   * {@code text} as one line of at most 500 characters, without control or direction characters.
   */
  static String line(String text) {
    String clean = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    return clean.length() <= 500 ? clean : clean.substring(0, 500) + "…";
  }

  /** As {@link #line}, with line ends kept, at most 4000 characters. */
  static String lines(String text) {
    String clean = text.replaceAll("[\\p{Cntrl}\\p{Cf}&&[^\n]]", " ").strip();
    return clean.length() <= 4000 ? clean : clean.substring(0, 4000) + "…";
  }
}
