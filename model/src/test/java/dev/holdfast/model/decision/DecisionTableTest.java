package dev.holdfast.model.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of an event, row by row. */
class DecisionTableTest {

  /** Words are those of {@link Cases}; the last column is every cause, in order. */
  @ParameterizedTest(name = "{0}, settled {1}, {2}, policy {3}, workflows {4}: {5}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # happening       | settled | trust   | policy     | workflows | decision   | because
          # Pushes of who may change workflows run as they are.
          push              | base    | TRUSTED | default    | changed   | run HEAD   | -
          push              | none    | TRUSTED | default    | no-answer | run HEAD   | -
          forced            | base    | TRUSTED | default    | changed   | run HEAD   | -
          new-branch        | none    | TRUSTED | default    | not-asked | run HEAD   | -
          tag               | base    | TRUSTED | default    | changed   | run HEAD   | -
          manual            | base    | TRUSTED | default    | changed   | run HEAD   | -
          push              | base    | TRUSTED | strict     | changed   | run HEAD   | -
          # Others run what was there before them, and wait if they change it.
          push              | base    | KNOWN   | default    | same      | run BASE   | -
          push              | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          push              | base    | KNOWN   | default    | no-answer | hold BASE  | DIFFERENCE_UNKNOWN
          push              | base    | KNOWN   | default    | not-asked | hold BASE  | DIFFERENCE_UNKNOWN
          push              | base    | KNOWN   | default    | of-others | hold BASE  | DIFFERENCE_UNKNOWN
          push              | base    | KNOWN   | strict     | same      | hold BASE  | NOT_TRUSTED
          push              | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          push              | base    | UNKNOWN | default    | changed   | hold BASE  | UNKNOWN WORKFLOWS_CHANGED
          # After a push that waits, the next one is compared with what was settled, not with it.
          push              | head    | KNOWN   | default    | same      | hold BASE  | DIFFERENCE_UNKNOWN
          # History rewritten.
          forced            | base    | KNOWN   | default    | same      | hold BASE  | FORCED
          forced            | base    | UNKNOWN | default    | changed   | hold BASE  | UNKNOWN FORCED WORKFLOWS_CHANGED
          # New branches, also re-created ones, are compared with the default branch's settled commit.
          new-branch        | base    | KNOWN   | default    | same      | run BASE   | -
          new-branch        | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          new-branch        | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          new-branch        | none    | KNOWN   | default    | same      | refuse     | NOTHING_TO_PIN_TO
          push              | none    | UNKNOWN | default    | same      | refuse     | NOTHING_TO_PIN_TO
          tag               | none    | KNOWN   | default    | same      | refuse     | NOTHING_TO_PIN_TO
          tag               | base    | KNOWN   | default    | same      | run BASE   | -
          tag               | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          tag               | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          # Pull requests within the repository.
          pr-opened         | base    | TRUSTED | default    | changed   | run HEAD   | -
          pr-opened         | base    | KNOWN   | default    | same      | run BASE   | -
          pr-opened         | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          pr-opened         | base    | KNOWN   | strict     | same      | hold BASE  | NOT_TRUSTED
          pr-opened         | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          pr-synchronized   | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          pr-closed         | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          # A base that nobody decided on: it may carry a workflow that waits itself.
          pr-opened         | none    | KNOWN   | default    | same      | hold BASE  | UNSETTLED
          # Retargeted: the new base's workflows count, and only if they are settled.
          pr-edited         | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          pr-edited         | none    | KNOWN   | default    | same      | hold BASE  | UNSETTLED
          pr-edited         | base    | KNOWN   | default    | of-others | hold BASE  | DIFFERENCE_UNKNOWN
          # Pull requests from forks wait whatever is done to them, and whoever has a hand in it.
          fork-opened       | base    | UNKNOWN | default    | same      | hold BASE  | FORK UNKNOWN
          fork-opened       | base    | KNOWN   | default    | same      | hold BASE  | FORK
          fork-opened       | base    | TRUSTED | default    | same      | hold BASE  | FORK
          fork-opened       | base    | TRUSTED | default    | changed   | hold BASE  | FORK WORKFLOWS_CHANGED
          fork-opened       | none    | UNKNOWN | default    | changed   | hold BASE  | FORK UNKNOWN UNSETTLED WORKFLOWS_CHANGED
          fork-synchronized | base    | UNKNOWN | default    | same      | hold BASE  | FORK UNKNOWN
          fork-reopened     | base    | UNKNOWN | default    | same      | hold BASE  | FORK UNKNOWN
          fork-edited       | base    | UNKNOWN | default    | same      | hold BASE  | FORK UNKNOWN
          fork-labeled      | base    | TRUSTED | default    | same      | hold BASE  | FORK
          fork-closed       | base    | UNKNOWN | default    | same      | hold BASE  | FORK UNKNOWN
          # The option: at once within limits, but for jobs that get more; not with other workflows.
          fork-opened       | base    | UNKNOWN | at-once    | same      | restricted | -
          fork-opened       | base    | KNOWN   | at-once    | same      | restricted | -
          pr-opened         | base    | UNKNOWN | at-once    | same      | restricted | -
          fork-opened       | base    | UNKNOWN | at-once    | changed   | hold BASE  | FORK UNKNOWN WORKFLOWS_CHANGED
          fork-opened       | base    | UNKNOWN | at-once    | no-answer | hold BASE  | FORK UNKNOWN DIFFERENCE_UNKNOWN
          fork-edited       | none    | UNKNOWN | at-once    | same      | hold BASE  | FORK UNKNOWN UNSETTLED
          push              | base    | UNKNOWN | at-once    | same      | hold BASE  | UNKNOWN
          pr-opened         | base    | KNOWN   | at-once    | same      | run BASE   | -
          # Without a policy nothing runs, and nobody can release it.
          push              | base    | TRUSTED | unreadable | same      | stuck HEAD | POLICY_UNREADABLE
          push              | base    | TRUSTED | none       | same      | stuck HEAD | POLICY_UNREADABLE
          pr-opened         | base    | KNOWN   | unreadable | same      | stuck BASE | POLICY_UNREADABLE
          fork-opened       | base    | UNKNOWN | unreadable | changed   | stuck BASE | POLICY_UNREADABLE
          schedule          | head    | TRUSTED | unreadable | same      | stuck HEAD | POLICY_UNREADABLE
          # By hand, by people of less trust.
          manual            | base    | KNOWN   | default    | same      | run BASE   | -
          manual            | base    | KNOWN   | default    | changed   | hold BASE  | WORKFLOWS_CHANGED
          manual            | base    | UNKNOWN | default    | same      | hold BASE  | UNKNOWN
          manual            | none    | UNKNOWN | default    | same      | refuse     | NOTHING_TO_PIN_TO
          # The clock vouches for nobody: only what was decided before runs again.
          schedule          | head    | TRUSTED | default    | not-asked | run HEAD   | -
          schedule          | head    | KNOWN   | default    | not-asked | run BASE   | -
          schedule          | head    | UNKNOWN | default    | not-asked | run BASE   | -
          schedule          | base    | TRUSTED | default    | same      | hold HEAD  | UNSETTLED
          schedule          | base    | UNKNOWN | default    | same      | hold BASE  | UNSETTLED
          schedule          | none    | UNKNOWN | default    | same      | refuse     | NOTHING_TO_PIN_TO
          """)
  void theTable(
      String happening,
      String settled,
      Trust trust,
      String policy,
      String difference,
      String expected,
      String because) {
    Decision decision =
        Decisions.decide(
            Cases.question(
                Cases.named(Cases.happenings(), happening),
                Cases.named(Cases.settled(), settled),
                trust,
                Cases.named(Cases.policies(), policy),
                Cases.named(Cases.differences(), difference)));
    assertThat(words(decision)).isEqualTo(expected);
    assertThat(causes(decision)).isEqualTo(because);
  }

  @Test
  void aRepositoryThatIsNotOursIsRefusedWhoeverAsks() {
    Question ours = forkUnder("default", Trust.TRUSTED);
    var foreign =
        new Question(
            ours.event(),
            false,
            ours.settled(),
            ours.standing(),
            ours.policy(),
            ours.difference(),
            ours.gets(),
            ours.asked(),
            ours.now());
    assertThat(causes(Decisions.decide(foreign))).isEqualTo("NOT_OURS");
    assertThat(causes(Decisions.decide(ours))).isEqualTo("FORK");
  }

  @Test
  void aHoldSaysWhoReleasesItAndWhenItIsOver() {
    assertThat(Decisions.decide(forkUnder("default", Trust.UNKNOWN)))
        .isInstanceOfSatisfying(
            Decision.Hold.class,
            hold -> {
              assertThat(hold.release()).isEqualTo(new Release.Approval(1, false));
              assertThat(hold.expires()).isEqualTo(Cases.NOW.plus(Duration.ofDays(3)));
              assertThat(hold.released().floor()).isEqualTo(Tier.CONTAINER);
              assertThat(hold.reasons())
                  .extracting(Reason::text)
                  .containsExactly(
                      "the commits come from a fork",
                      "the contributor is not known: the table says so");
            });
  }

  @Test
  void theOptionRunsWithinLimitsAndKeepsOnlyPrivilegedJobsWaiting() {
    assertThat(Decisions.decide(forkUnder("at-once", Trust.UNKNOWN)))
        .isInstanceOfSatisfying(
            Decision.Run.class,
            run -> {
              assertThat(run.definition()).isEqualTo(Decision.Pin.BASE);
              assertThat(run.floor()).isEqualTo(Tier.MICROVM);
              assertThat(run.limits()).isEqualTo(new Limits(false, false, Egress.LISTED, false));
              assertThat(run.waiting()).containsOnlyKeys(new Name("deploy"));
              assertThat(run.waiting().values())
                  .allSatisfy(
                      hold -> assertThat(causes(hold)).isEqualTo("FORK UNKNOWN PRIVILEGED"));
            });
  }

  @Test
  void aJobThatTheWorkflowHasWait_waitsWhoeverIsTrusted() {
    for (Trust trust : Trust.values()) {
      Decision decision = Decisions.decide(asking(forkUnder("default", trust), 1));
      assertThat(decision).isInstanceOf(Decision.Hold.class);
      Decision.Run released = ((Decision.Hold) decision).released();
      assertThat(released.waiting()).as(trust.name()).containsOnlyKeys(new Name("deploy"));
    }
    assertThat(Decisions.decide(asking(pushUnder("default"), 3)))
        .isInstanceOfSatisfying(
            Decision.Run.class,
            run -> {
              assertThat(run.waiting()).containsOnlyKeys(new Name("deploy"));
              assertThat(run.waiting().values())
                  .allSatisfy(hold -> {
                    assertThat(causes(hold)).isEqualTo("ASKED");
                    assertThat(hold.release()).isEqualTo(new Release.Approval(3, false));
                    assertThat(hold.expires()).isEqualTo(Cases.NOW.plus(Duration.ofDays(3)));
                  });
            });
    assertThat(Decisions.decide(pushUnder("default")))
        .as("control")
        .isInstanceOfSatisfying(Decision.Run.class, run -> assertThat(run.waiting()).isEmpty());
  }

  @Test
  void aWorkflowCannotAskForLessThanThePolicy() {
    Question two =
        under(
            pushUnder("default"),
            new Policy(
                false,
                Optional.empty(),
                Tier.CONTAINER,
                new Release.Approval(2, true),
                Duration.ofDays(1),
                Set.of()));
    assertThat(((Decision.Run) Decisions.decide(asking(two, 1))).waiting().values())
        .extracting(Decision.Hold::release)
        .containsExactly(new Release.Approval(2, true));
  }

  @Test
  void aJobThatWaitsForTwoReasonsSaysBoth() {
    var run = (Decision.Run) Decisions.decide(asking(forkUnder("at-once", Trust.UNKNOWN), 4));
    assertThat(run.waiting().values())
        .singleElement()
        .satisfies(hold -> {
          assertThat(causes(hold)).isEqualTo("FORK UNKNOWN PRIVILEGED ASKED");
          assertThat(hold.release()).isEqualTo(new Release.Approval(4, false));
        });
  }

  private static Question asking(Question question, int count) {
    return new Question(
        question.event(),
        question.ours(),
        question.settled(),
        question.standing(),
        question.policy(),
        question.difference(),
        question.gets(),
        Map.of(new Name("deploy"), new JobApproval(count, Optional.of("deploys"))),
        question.now());
  }

  private static Question under(Question question, Policy policy) {
    return new Question(
        question.event(),
        question.ours(),
        question.settled(),
        question.standing(),
        new Lookup.Known<>(policy),
        question.difference(),
        question.gets(),
        question.asked(),
        question.now());
  }

  private static Question pushUnder(String policy) {
    return Cases.question(
        Cases.named(Cases.happenings(), "push"),
        Cases.named(Cases.settled(), "base"),
        Trust.TRUSTED,
        Cases.named(Cases.policies(), policy),
        Cases.named(Cases.differences(), "same"));
  }

  private static Question forkUnder(String policy, Trust trust) {
    return Cases.question(
        Cases.named(Cases.happenings(), "fork-opened"),
        Cases.named(Cases.settled(), "base"),
        trust,
        Cases.named(Cases.policies(), policy),
        Cases.named(Cases.differences(), "same"));
  }

  private static String words(Decision decision) {
    return switch (decision) {
      case Decision.Run run when run.limits().equals(Limits.RESTRICTED) -> "restricted";
      case Decision.Run run -> "run " + run.definition();
      case Decision.Hold(var reasons, Release.Approval by, var expires, var run) ->
          "hold " + run.definition();
      case Decision.Hold(var reasons, Release.Mend mend, var expires, var run) ->
          "stuck " + run.definition();
      case Decision.Refuse refuse -> "refuse";
    };
  }

  private static String causes(Decision decision) {
    Collection<Reason> reasons =
        switch (decision) {
          case Decision.Run run -> List.of();
          case Decision.Hold hold -> hold.reasons();
          case Decision.Refuse refuse -> refuse.reasons();
        };
    return reasons.isEmpty()
        ? "-"
        : reasons.stream().map(r -> r.cause().name()).collect(Collectors.joining(" "));
  }
}
