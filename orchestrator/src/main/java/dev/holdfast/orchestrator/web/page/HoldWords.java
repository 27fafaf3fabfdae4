package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.decision.Egress;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Happening;
import dev.holdfast.orchestrator.hold.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds in words. */
final class HoldWords {
  /** What the store calls users and repositories, which people do not. */
  private static final Pattern ID = Pattern.compile("\\b(?:usr|repo)_[0-9a-z]{26}\\b");

  private HoldWords() {}

  /** What the store says, with the names that people use. */
  static String named(String line, UnaryOperator<String> user, UnaryOperator<String> repository) {
    return ID.matcher(line)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                found.group().startsWith("usr_")
                    ? user.apply(found.group())
                    : repository.apply(found.group())));
  }

  /** The colour and sign of a state, in the words of runs. */
  static String kind(Hold.State state) {
    return switch (state) {
      case HELD -> "held";
      case RELEASED -> "succeeded";
      case REJECTED -> "failed";
      case EXPIRED, WITHDRAWN -> "cancelled";
    };
  }

  static String word(Hold.State state) {
    return switch (state) {
      case HELD -> "waits";
      case RELEASED -> "released";
      case REJECTED -> "rejected";
      case EXPIRED -> "expired";
      case WITHDRAWN -> "withdrawn";
    };
  }

  /** By name and by number: names change hands. */
  static String who(Contributor who) {
    return who.name() + ", number " + who.id() + " at " + who.forge();
  }

  static String happened(Happening happening) {
    return switch (happening) {
      case Happening.PullRequest request -> "pull request " + request.number();
      case Happening.Push push -> push.forced() ? "push that rewrites history" : "push";
      case Happening.Tag _ -> "tag";
      case Happening.Manual _ -> "start by hand";
      case Happening.Schedule _ -> "schedule";
    };
  }

  static String egress(Egress most) {
    return switch (most) {
      case PUBLIC -> "whatever its agent's rules open";
      case LISTED -> "only what its agent lists";
      case NONE -> "nothing";
    };
  }

  static String tier(Optional<Tier> weakest) {
    return weakest
        .map(tier -> tier == Tier.MICROVM ? "microvm" : tier.word() + " or stronger")
        .orElse("any, also none");
  }

  static String secrets(JobGets.Given given) {
    return switch (given) {
      case ALL -> "It is given these, of the repository and of its environments.";
      case OF_ENVIRONMENTS ->
          "It is given these only where the environments that you grant have them.";
      case NOT_TRUSTED ->
          "It is given none of these: its code is not trusted, and no environment is granted.";
      case LIMITED -> "It is given none of these: what is released is to get no secrets.";
    };
  }

  /** {@code in 3 h 05 m}. */
  static String until(Instant end, Instant now) {
    Duration left = Duration.between(now, end);
    return left.isNegative() ? "over" : "in " + Times.span(left);
  }
}
