package dev.holdfast.model.approval;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.json.Quote;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What would run. An approval is over exactly one of these.
 *
 * @param repository Holdfast's id
 * @param pullRequest its number; empty if it is not one
 * @param head whose files run
 * @param base whose definition runs where the head's must not
 * @param definition of the workflows and sources that run
 * @param policy that it was decided under
 */
public record Subject(
    String repository,
    Optional<Long> pullRequest,
    CommitId head,
    CommitId base,
    Digest definition,
    Digest policy) {
  /** Nothing in it that two texts could share when they become bytes. */
  private static final Pattern ID = Pattern.compile("[!-~]{1,200}");

  public Subject {
    checkId("repository", repository);
  }

  static void checkId(String what, String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " "
              + Quote.of(id)
              + " is not an id; use 1 to 200 visible ASCII characters");
    }
  }

  /** The first thing in which {@code other} is not this, with both values; empty if none. */
  Optional<String> differenceTo(Subject other) {
    return difference("the repository", repository, other.repository)
        .or(() -> difference("the pull request", number(), other.number()))
        .or(() -> difference("the head commit", head, other.head))
        .or(() -> difference("the base commit", base, other.base))
        .or(() -> difference("the definition", definition, other.definition))
        .or(() -> difference("the policy", policy, other.policy));
  }

  String number() {
    return pullRequest.map(number -> Long.toString(number)).orElse("none");
  }

  private static Optional<String> difference(String what, Object approved, Object wanted) {
    return approved.equals(wanted)
        ? Optional.empty()
        : Optional.of(what + " is " + wanted + ", approved was " + approved);
  }
}
