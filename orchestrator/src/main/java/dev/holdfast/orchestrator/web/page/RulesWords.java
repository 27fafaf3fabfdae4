package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.environment.Approvers;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.environment.TriggerKind;
import dev.holdfast.model.trust.Trust;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of an environment, in the words of who reads and does not write them. */
final class RulesWords {
  private RulesWords() {}

  /** What one of the rules comes to. */
  record Fact(String of, String words) {}

  static List<Fact> facts(EnvironmentRules rules) {
    return List.of(
        new Fact("Comes from", from(rules)),
        new Fact("Started by", triggers(rules)),
        new Fact("Whose change", trust(rules)),
        new Fact("Who is asked", rules.approval().map(RulesWords::asked).orElse("nobody")),
        new Fact(
            "Waits", rules.timer().map(TimeLimit::value).map(t -> t + " first").orElse("no time")),
        new Fact("At a time", together(rules)));
  }

  /** What is asked beyond what every environment asks, in one line. */
  static String line(EnvironmentRules rules) {
    var words = new ArrayList<String>();
    if (!rules.branches().isEmpty() || !rules.tags().isEmpty()) {
      words.add(from(rules));
    }
    if (!rules.triggers().isEmpty()) {
      words.add("started by " + triggers(rules));
    }
    rules.trust().filter(least -> least != Trust.UNKNOWN).ifPresent(_ -> words.add(trust(rules)));
    rules.approval().ifPresent(approval -> words.add("asks " + people(approval)));
    rules.timer().ifPresent(timer -> words.add("after " + timer));
    return words.isEmpty() ? "whoever is trusted, from anywhere" : String.join("; ", words);
  }

  private static String from(EnvironmentRules rules) {
    if (rules.branches().isEmpty() && rules.tags().isEmpty()) {
      return "any branch, tag or pull request";
    }
    return Stream.of(patterns("branches", rules.branches()), patterns("tags", rules.tags()))
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining(" and "));
  }

  private static String patterns(String of, List<String> patterns) {
    return patterns.isEmpty() ? "" : of + " " + String.join(", ", patterns);
  }

  private static String triggers(EnvironmentRules rules) {
    return rules.triggers().isEmpty()
        ? "anything"
        : rules.triggers().stream().map(TriggerKind::word).collect(Collectors.joining(", "));
  }

  private static String trust(EnvironmentRules rules) {
    return switch (rules.trust().orElse(Trust.UNKNOWN)) {
      case UNKNOWN -> "anybody's; where they are not trusted, a person lets the job in";
      case KNOWN ->
          "of who is at least known; where they are not trusted, a person lets the job in";
      case TRUSTED -> "of who is trusted, and nobody else's";
    };
  }

  private static String people(Approvers approvers) {
    String who =
        approvers.anybody()
            ? " who may approve"
            : Stream.concat(
                    approvers.users().stream(), approvers.teams().stream().map(t -> "team " + t))
                .collect(Collectors.joining(", ", " of ", ""));
    return approvers.count() + (approvers.count() == 1 ? " person" : " people") + who;
  }

  private static String asked(Approvers approvers) {
    return people(approvers)
        + (approvers.own()
            ? "; who had a hand in the change counts"
            : "; nobody who had a hand in the change");
  }

  private static String together(EnvironmentRules rules) {
    return switch (rules.inForce()) {
      case QUEUE -> "one, in the order in which they came";
      case NEWEST -> "one; what waits makes way for what is newer";
      case CANCEL -> "one; what is newer stops what is inside, and what waits makes way";
      case TOGETHER -> "as many as come";
    };
  }
}
