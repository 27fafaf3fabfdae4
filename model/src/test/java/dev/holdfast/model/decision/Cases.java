package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Standing;
import dev.holdfast.model.trust.Trust;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What questions are put together from, by the words that the tables use. */
final class Cases {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  static final CommitId HEAD = new CommitId("a".repeat(40));
  static final CommitId BASE = new CommitId("b".repeat(40));
  static final CommitId ELSEWHERE = new CommitId("c".repeat(40));

  static final Policy AT_ONCE =
      new Policy(
          false,
          Optional.of(Tier.MICROVM),
          Tier.CONTAINER,
          new Release.Approval(1, false),
          Duration.ofDays(3),
          Set.of());
  static final Policy STRICT =
      new Policy(
          true,
          Optional.empty(),
          Tier.CONTAINER,
          new Release.Approval(1, false),
          Duration.ofDays(3),
          Set.of());

  static final Map<Name, Gets> GETS =
      Map.of(
          new Name("test"), new Gets(Set.of(), Tier.CONTAINER, Egress.LISTED, false, false),
          new Name("deploy"), new Gets(Set.of("key"), Tier.CONTAINER, Egress.LISTED, false, false));

  private static final RefName MAIN = new RefName("main");
  private static final RefName TOPIC = new RefName("topic");

  private Cases() {}

  static Map<String, Happening> happenings() {
    var all = new LinkedHashMap<String, Happening>();
    all.put("push", new Happening.Push(MAIN, HEAD, Optional.of(ELSEWHERE), false));
    all.put("forced", new Happening.Push(MAIN, HEAD, Optional.of(ELSEWHERE), true));
    all.put("new-branch", new Happening.Push(TOPIC, HEAD, Optional.empty(), false));
    all.put("tag", new Happening.Tag(new RefName("v1"), HEAD));
    for (PullRequestAction action : PullRequestAction.values()) {
      String word = action.name().toLowerCase(java.util.Locale.ROOT);
      all.put("pr-" + word, request(action, false));
      all.put("fork-" + word, request(action, true));
    }
    all.put("manual", new Happening.Manual(new Name("ci"), MAIN, HEAD, Map.of()));
    all.put("schedule", new Happening.Schedule(new Name("ci"), "0 0 * * *", MAIN, HEAD));
    return all;
  }

  static Map<String, Lookup<Policy>> policies() {
    var all = new LinkedHashMap<String, Lookup<Policy>>();
    all.put("default", new Lookup.Known<>(Policy.DEFAULT));
    all.put("strict", new Lookup.Known<>(STRICT));
    all.put("at-once", new Lookup.Known<>(AT_ONCE));
    all.put("unreadable", new Lookup.Failed<>("line 3 is not YAML"));
    all.put("none", new Lookup.Absent<>());
    return all;
  }

  static Map<String, Lookup<DefinitionDiff>> differences() {
    var all = new LinkedHashMap<String, Lookup<DefinitionDiff>>();
    all.put("same", new Lookup.Known<>(new DefinitionDiff(BASE, HEAD, List.of())));
    all.put("changed", new Lookup.Known<>(new DefinitionDiff(BASE, HEAD, List.of("adds a step"))));
    all.put("of-others", new Lookup.Known<>(new DefinitionDiff(BASE, ELSEWHERE, List.of())));
    all.put("no-answer", new Lookup.Failed<>("timed out"));
    all.put("not-asked", new Lookup.Absent<>());
    return all;
  }

  static Map<String, Optional<CommitId>> settled() {
    var all = new LinkedHashMap<String, Optional<CommitId>>();
    all.put("base", Optional.of(BASE));
    all.put("head", Optional.of(HEAD));
    all.put("none", Optional.empty());
    return all;
  }

  static <T> T named(Map<String, T> all, String word) {
    T found = all.get(word);
    if (found == null) {
      throw new IllegalArgumentException(word + " is none of " + all.keySet());
    }
    return found;
  }

  static Question question(
      Happening happening,
      Optional<CommitId> settled,
      Trust trust,
      Lookup<Policy> policy,
      Lookup<DefinitionDiff> difference) {
    return new Question(
        new Event(
            "delivery",
            "repository",
            NOW,
            Optional.of(new Contributor("github", "7", "ann")),
            happening),
        true,
        settled,
        new Standing(trust, List.of("the table says so")),
        policy,
        difference,
        GETS,
        Map.of(),
        NOW);
  }

  private static Happening request(PullRequestAction action, boolean fork) {
    return new Happening.PullRequest(3, action, MAIN, BASE, TOPIC, HEAD, fork);
  }
}
