package dev.holdfast.orchestrator.hold;

import java.util.Optional;

/**
 * Who says yes or no to what waits.
 *
 * @param user their id
 * @param channel by which it came
 * @param from the address that it came from
 */
public record Decider(String user, Channel channel, Optional<String> from) {
  /** The ways in which people say it; on record with what they said. */
  public enum Channel {
    /** The command line speaks it too. */
    API("by the API"),
    WEB("on the web page"),
    COMMENT("by a comment");

    private final String words;

    Channel(String words) {
      this.words = words;
    }

    /** As the audit log has it. */
    public String words() {
      return words;
    }
  }
}
