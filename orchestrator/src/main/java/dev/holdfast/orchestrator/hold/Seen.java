package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.event.CommitId;
import java.util.Optional;

/**
 * What somebody looked at before they decided. A hold that is over something else by then is not
 * what they mean, whoever changed it.
 *
 * @param head whose files would run
 * @param base whose definitions
 * @param definition the digest of these
 */
public record Seen(CommitId head, CommitId base, Digest definition) {
  /** What somebody sees who looks now. */
  public static Seen of(Hold hold) {
    return new Seen(hold.head(), hold.base(), hold.definition());
  }

  /** The first thing in which {@code hold} is not what was seen, in words; empty if it is. */
  Optional<String> differenceTo(Hold hold) {
    if (!head.equals(hold.head())) {
      return Optional.of("you looked at the commit " + head + ", what waits is " + hold.head());
    }
    if (!base.equals(hold.base())) {
      return Optional.of(
          "you looked at the definitions of " + base + ", what waits has those of " + hold.base());
    }
    return definition.equals(hold.definition())
        ? Optional.empty()
        : Optional.of("the definitions are not those that you looked at");
  }
}
