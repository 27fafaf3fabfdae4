package dev.holdfast.model.audit;

import dev.holdfast.model.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * One entry of the log.
 *
 * @param number 1 for the first, and one more for each
 * @param at to the millisecond
 * @param actor the id of a user, an agent or a token, or {@code holdfast}
 * @param action as {@code hold.approve}
 * @param subject the id of what it was done to
 * @param from the address that it was asked from
 * @param outcome the word of how it ended
 * @param reasons one line each
 */
public record Entry(
    long number,
    Instant at,
    String actor,
    String action,
    String subject,
    Optional<String> from,
    String outcome,
    List<String> reasons) {
  /** What stands where the first entry has no other before it. */
  public static final String NOTHING = "0".repeat(64);

  /** Keeps a hash of this from being one of anything else. */
  private static final String WHAT = "holdfast audit entry 1";

  public Entry {
    reasons = List.copyOf(reasons);
  }

  /**
   * The hash that stands beside this entry, over it and all before it.
   *
   * @param previous the hash beside the entry before, or {@link #NOTHING}
   * @return 64 hex digits
   */
  public String hash(String previous) {
    return HexFormat.of().formatHex(Sha256.of(canonical(previous)));
  }

  /** Entries that differ in anything have different bytes: every field says how long it is. */
  byte[] canonical(String previous) {
    var text = new StringBuilder();
    field(text, WHAT);
    field(text, previous);
    field(text, Long.toString(number));
    field(text, Long.toString(at.toEpochMilli()));
    field(text, actor);
    field(text, action);
    field(text, subject);
    field(text, from.isPresent() ? "from" : "nowhere");
    field(text, from.orElse(""));
    field(text, outcome);
    field(text, Integer.toString(reasons.size()));
    reasons.forEach(reason -> field(text, reason));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder text, String value) {
    text.append(value.length()).append(':').append(value).append('\n');
  }
}
