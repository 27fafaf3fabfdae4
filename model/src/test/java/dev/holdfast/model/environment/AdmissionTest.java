package dev.holdfast.model.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AdmissionTest {
  private static final CommitId COMMIT = new CommitId("1".repeat(40));
  private static final EnvironmentName PRODUCTION = new EnvironmentName("production");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Happening happening(String text) {
    String[] words = text.split(" ");
    var ref = new RefName(words[words.length - 1]);
    return switch (words[0]) {
      case "push" -> new Happening.Push(ref, COMMIT, Optional.empty(), false);
      case "tag" -> new Happening.Tag(ref, COMMIT);
      case "manual" -> new Happening.Manual(new Name("ci"), ref, COMMIT, Map.of());
      case "schedule" -> new Happening.Schedule(new Name("ci"), "0 4 * * *", ref, COMMIT);
      case "fork", "request" ->
          new Happening.PullRequest(
              7,
              PullRequestAction.OPENED,
              new RefName("main"),
              COMMIT,
              ref,
              COMMIT,
              words[0].equals("fork"));
      default -> throw new AssertionError(text);
    };
  }

  /** {@code none} and {@code failed}, or what is kept, each with {@code +} between. */
  private static Lookup<List<Environment>> found(String text) {
    if (text.equals("none")) {
      return new Lookup.Absent<>();
    }
    if (text.equals("failed")) {
      return new Lookup.Failed<>("it is not what was set");
    }
    var all = new ArrayList<Environment>();
    for (String rules : text.split(" \\+ ")) {
      if (!(RulesText.read(JsonText.parse(rules)) instanceof RulesText.Read.Good(var good))) {
        throw new AssertionError(rules);
      }
      all.add(
          new Environment(
              PRODUCTION, EnvironmentPattern.of(PRODUCTION), "repo_1", good, Optional.empty()));
    }
    return new Lookup.Known<>(all);
  }

  private static String told(Admission admission) {
    return switch (admission) {
      case Admission.Granted(var names) -> "granted";
      case Admission.Asks(var names, var reasons, Release.Approval(int count, boolean own)) ->
          "asks "
              + count
              + (own ? " or own" : "")
              + ": "
              + String.join("; ", reasons.stream().map(Reason::text).toList());
      case Admission.Refused refused -> refused.text();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                        | push main     | trusted | granted
          {}                        | manual main   | trusted | granted
          {}                        | request topic | trusted | granted
          {}                        | push main     | known   | asks 1: the environment production is granted to who is not trusted by a person alone
          {}                        | fork main     | unknown | asks 1: the environment production is granted to who is not trusted by a person alone
          {}                        | schedule main | unknown | asks 1: the environment production is granted to who is not trusted by a person alone
          none                      | push main     | trusted | refused: there is no environment production; make it with holdfast environment set
          none                      | fork main     | unknown | refused: there is no environment production
          failed                    | push main     | trusted | refused: the environment production cannot be read: it is not what was set
          {"branches": ["main"]}    | push main     | trusted | granted
          {"branches": ["main"]}    | manual main   | trusted | granted
          {"branches": ["main"]}    | schedule main | trusted | granted
          {"branches": ["main"]}    | push topic    | trusted | refused: the environment production is not for the branch topic but for branches main
          {"branches": ["main"]}    | push Main     | trusted | refused: the environment production is not for the branch Main
          {"branches": ["main"]}    | push x/main   | trusted | refused: the environment production is not for the branch x/main
          {"branches": ["main"]}    | tag main      | trusted | refused: the environment production is not for the tag main but for branches main
          {"branches": ["main"]}    | fork main     | unknown | refused: the environment production is not for the pull request 7, which is no branch, but for branches main
          {"branches": ["main"]}    | request main  | trusted | refused: the environment production is not for the pull request 7, which is no branch, but for branches main
          {"branches": ["main"]}    | push main     | known   | asks 1: the environment production is granted to who is not trusted
          {"branches": ["**", "!x"]} | push x       | trusted | refused: the environment production is not for the branch x but for branches ** !x
          {"tags": ["v*"]}          | tag v1        | trusted | granted
          {"tags": ["v*"]}          | push v1       | trusted | refused: the environment production is not for the branch v1 but for tags v*
          {"branches": ["main"], "tags": ["v*"]} | tag v1   | trusted | granted
          {"branches": ["main"], "tags": ["v*"]} | tag main | trusted | refused: the environment production is not for the tag main but for branches main and tags v*
          {"triggers": ["push"]}    | push main     | trusted | granted
          {"triggers": ["push"]}    | manual main   | trusted | refused: the environment production is not for manual, only for push
          {"triggers": ["pull-request"]} | fork topic | unknown | asks 1: the environment production is granted to who is not trusted
          {"trust": "known"}        | push main     | known   | asks 1: the environment production is granted to who is not trusted
          {"trust": "trusted"}      | push main     | known   | refused: the environment production is for who is at least trusted, and who had a hand in this is known
          {"trust": "trusted"}      | push main     | trusted | granted
          {"approval": {"count": 2, "own": false, "teams": ["ops"]}} | push main | trusted | asks 2: the environment production asks for 2 approvals of ops
          {"approval": {"count": 1, "own": true}} | fork main | unknown | asks 1: the environment production asks for 1 approval; the environment production is granted to who is not trusted
          {"timer": "1h", "concurrency": "cancel"} | push main | trusted | granted
          {"branches": ["main", "next"]} + {"branches": ["main"]} | push next | trusted | refused: the environment production is not for the branch next but for branches main
          {"approval": {"count": 1, "own": false}} + {"approval": {"count": 3, "own": true}} | push main | trusted | asks 3: the environment production asks for 1 approval; the environment production asks for 3 approvals
          {"approval": {"count": 1, "own": false}} + {"branches": ["main"]} | push topic | trusted | refused: the environment production is not for the branch topic
          """)
  void theTable(String kept, String event, String trust, String expected) {
    var wanted = List.of(new Admission.Wanted(PRODUCTION, found(kept)));
    var by = Trust.valueOf(trust.toUpperCase(Locale.ROOT));
    assertThat(told(Admission.of(wanted, happening(event), by, Policy.DEFAULT)))
        .startsWith(expected);
  }

  @Test
  void ofSeveralEnvironmentsAllRulesHold() {
    var open = new Admission.Wanted(new EnvironmentName("staging"), found("{}"));
    var closed =
        new Admission.Wanted(PRODUCTION, found("{\"approval\": {\"count\": 2, \"own\": false}}"));
    var gone = new Admission.Wanted(new EnvironmentName("gone"), new Lookup.Absent<>());
    assertThat(
            Admission.of(
                List.of(open, closed), happening("push main"), Trust.TRUSTED, Policy.DEFAULT))
        .isEqualTo(
            new Admission.Asks(
                List.of(open.name(), PRODUCTION),
                List.of(
                    new Reason(
                        Cause.ENVIRONMENT, "the environment production asks for 2 approvals")),
                new Release.Approval(2, false)));
    assertThat(
            Admission.of(
                List.of(open, closed, gone), happening("push main"), Trust.TRUSTED, Policy.DEFAULT))
        .isInstanceOf(Admission.Refused.class);
  }

  /** Nothing waits less, or runs more, because a job asks for an environment. */
  @ParameterizedTest
  @EnumSource(Trust.class)
  void environmentsNeverWeakenADecision(Trust trust) {
    var alone =
        new Decision.Run(Decision.Pin.BASE, Tier.CONTAINER, Limits.NONE, Map.of(), List.of());
    var asked =
        new Decision.Hold(
            List.of(new Reason(Cause.ASKED, "asked")),
            new Release.Approval(2, true),
            NOW.plusSeconds(60),
            alone);
    var job = new Name("deploy");
    var run =
        new Decision.Run(
            Decision.Pin.BASE, Tier.CONTAINER, Limits.NONE, Map.of(job, asked), List.of());
    var held =
        new Decision.Hold(
            List.of(new Reason(Cause.FORK, "a fork")),
            new Release.Approval(1, false),
            NOW.plusSeconds(60),
            run);
    var never =
        new Decision.Hold(
            List.of(new Reason(Cause.POLICY_UNREADABLE, "unreadable")),
            new Release.Mend("mend it"),
            NOW.plusSeconds(60),
            alone);
    var refuse = new Decision.Refuse(List.of(new Reason(Cause.NOT_OURS, "not ours")));
    for (Decision decision : List.of(alone, run, held, never, refuse)) {
      for (String kept : List.of("{}", "none", "{\"approval\": {\"count\": 1, \"own\": true}}")) {
        Admission admission =
            Admission.of(
                List.of(new Admission.Wanted(PRODUCTION, found(kept))),
                happening("push main"),
                trust,
                Policy.DEFAULT);
        Decision with = Admission.with(decision, Map.of(job, admission), Policy.DEFAULT, NOW);
        assertThat(with.noWeakerThan(decision)).as(kept + " " + decision).isTrue();
        if (decision.equals(alone) && admission instanceof Admission.Asks) {
          assertThat(decision.noWeakerThan(with)).as("control").isFalse();
        }
      }
    }
  }

  @Test
  void aJobThatWaitsForItsWorkflowAndItsEnvironmentWaitsOnce_forTheStricter() {
    var job = new Name("deploy");
    var alone = new Decision.Run(Decision.Pin.HEAD, Tier.NONE, Limits.NONE, Map.of(), List.of());
    var asked =
        new Decision.Hold(
            List.of(new Reason(Cause.ASKED, "asked")),
            new Release.Approval(3, true),
            NOW.plusSeconds(60),
            alone);
    var run =
        new Decision.Run(Decision.Pin.HEAD, Tier.NONE, Limits.NONE, Map.of(job, asked), List.of());
    Admission admission =
        Admission.of(
            List.of(
                new Admission.Wanted(
                    PRODUCTION, found("{\"approval\": {\"count\": 2, \"own\": false}}"))),
            happening("push main"),
            Trust.TRUSTED,
            Policy.DEFAULT);
    assertThat(Admission.with(run, Map.of(job, admission), Policy.DEFAULT, NOW))
        .isInstanceOfSatisfying(
            Decision.Run.class,
            with -> {
              Decision.Hold both = java.util.Objects.requireNonNull(with.waiting().get(job));
              assertThat(both.reasons()).hasSize(2);
              assertThat(both.release()).isEqualTo(new Release.Approval(3, false));
            });
  }
}
