package dev.holdfast.model.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.trust.Lookup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApprovalTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant NOW = AT.plus(Duration.ofMinutes(1));
  private static final Set<EnvironmentName> PRODUCTION = Set.of(new EnvironmentName("production"));
  private static final Subject SUBJECT =
      new Subject("r1", Optional.of(3L), commit("a"), commit("b"), digest("c"), digest("d"));
  private static final Lookup<Set<String>> ANN_AND_BOB = new Lookup.Known<>(Set.of("ann", "bob"));
  private static final Lookup<Set<String>> AUTHOR = new Lookup.Known<>(Set.of("author"));

  /** The subject with each of its fields changed, and what is said of it. */
  private static Map<String, Subject> changed() {
    var s = SUBJECT;
    var all = new LinkedHashMap<String, Subject>();
    all.put(
        "the repository",
        new Subject("r2", s.pullRequest(), s.head(), s.base(), s.definition(), s.policy()));
    all.put(
        "the pull request",
        new Subject(
            s.repository(), Optional.of(4L), s.head(), s.base(), s.definition(), s.policy()));
    all.put(
        "the pull request is none",
        new Subject(
            s.repository(), Optional.empty(), s.head(), s.base(), s.definition(), s.policy()));
    all.put(
        "the head commit",
        new Subject(
            s.repository(), s.pullRequest(), commit("e"), s.base(), s.definition(), s.policy()));
    all.put(
        "the base commit",
        new Subject(
            s.repository(), s.pullRequest(), s.head(), commit("e"), s.definition(), s.policy()));
    all.put(
        "the definition",
        new Subject(s.repository(), s.pullRequest(), s.head(), s.base(), digest("e"), s.policy()));
    all.put(
        "the policy",
        new Subject(
            s.repository(), s.pullRequest(), s.head(), s.base(), s.definition(), digest("e")));
    return all;
  }

  @Test
  void itIsOverExactlyOneThing() {
    assertThat(of("ann").refusal(SUBJECT, PRODUCTION, NOW)).isEmpty();
    assertThat(changed()).hasSizeGreaterThanOrEqualTo(Subject.class.getRecordComponents().length);
    changed()
        .forEach((what, wanted) ->
            assertThat(of("ann").refusal(wanted, PRODUCTION, NOW))
                .hasValueSatisfying(why -> assertThat(why).startsWith(what)));
  }

  @Test
  void itIsForTheEnvironmentsItNamesAndNoOthers() {
    assertThat(of("ann").refusal(SUBJECT, Set.of(), NOW)).isEmpty();
    assertThat(of("ann").refusal(SUBJECT, Set.of(new EnvironmentName("staging")), NOW))
        .contains("the environment staging was not approved");
  }

  @Test
  void itBeginsWhenItWasGivenAndEndsWhenItExpires() {
    Approval approval = of("ann");
    assertThat(approval.refusal(SUBJECT, PRODUCTION, AT)).isEmpty();
    assertThat(approval.refusal(SUBJECT, PRODUCTION, AT.minusMillis(1))).isPresent();
    assertThat(approval.refusal(SUBJECT, PRODUCTION, approval.expires().minusMillis(1))).isEmpty();
    assertThat(approval.refusal(SUBJECT, PRODUCTION, approval.expires())).isPresent();
  }

  @Test
  void anyChangeChangesWhatIsSigned() {
    Approval approval = of("ann");
    var different = new ArrayList<Approval>();
    changed()
        .values()
        .forEach(subject ->
            different.add(
                new Approval(
                    subject,
                    approval.environments(),
                    approval.approver(),
                    approval.at(),
                    approval.expires())));
    different.add(of("bob"));
    different.add(new Approval(SUBJECT, Set.of(), "ann", AT, approval.expires()));
    different.add(
        new Approval(
            SUBJECT,
            Set.of(new EnvironmentName("production"), new EnvironmentName("b")),
            "ann",
            AT,
            approval.expires()));
    different.add(new Approval(SUBJECT, PRODUCTION, "ann", NOW, approval.expires()));
    different.add(new Approval(SUBJECT, PRODUCTION, "ann", AT, approval.expires().plusMillis(1)));
    assertThat(different).noneMatch(other -> java.util.Arrays.equals(other.canonical(), signed()));
    assertThat(of("ann").canonical()).isEqualTo(signed());
    assertThat(
            different.stream()
                .map(a -> new String(a.canonical(), java.nio.charset.StandardCharsets.UTF_8)))
        .doesNotHaveDuplicates();
  }

  private static byte[] signed() {
    return of("ann").canonical();
  }

  @Test
  void idsThatCouldMeanTwoThingsAreRefused() {
    for (String id : List.of("", "a b", "a\n3:bob", "\ud800", "é")) {
      assertThatThrownBy(() -> of(id)).hasMessageContaining("is not an id");
    }
  }

  @Test
  void asManyDifferentPeopleAsWereAskedFor() {
    var two = new Release.Approval(2, false);
    assertThat(verdict(two, of("ann"), of("bob")))
        .isEqualTo(new Approvals.Verdict.Released(Set.of("ann", "bob")));
    assertThat(reasons(verdict(two, of("ann"), of("ann")))).containsExactly("1 of 2 approvals");
  }

  @Test
  void oneNeedsTheRightAtTheMomentOfTheStart() {
    var one = new Release.Approval(1, false);
    assertThat(reasons(verdict(one, of("carl"))))
        .containsExactly("0 of 1 approvals", "carl does not have the right to approve");
    assertThat(
            Approvals.of(
                one,
                List.of(of("ann")),
                SUBJECT,
                PRODUCTION,
                new Lookup.Failed<>("timed out"),
                AUTHOR,
                NOW))
        .isInstanceOf(Approvals.Verdict.Waiting.class);
  }

  @Test
  void notOnesOwnUnlessPolicyAllowsIt() {
    Lookup<Set<String>> anns = new Lookup.Known<>(Set.of("ann"));
    assertThat(reasons(by(new Release.Approval(1, false), anns, of("ann"))))
        .containsExactly("0 of 1 approvals", "ann had a hand in the change");
    assertThat(by(new Release.Approval(1, true), anns, of("ann")))
        .isInstanceOf(Approvals.Verdict.Released.class);
    assertThat(reasons(by(new Release.Approval(1, false), new Lookup.Failed<>("x"), of("ann"))))
        .containsExactly("whose change it is cannot be told");
  }

  @Test
  void nothingReleasesWhatMustBeMended() {
    assertThat(reasons(verdict(new Release.Mend("mend the policy"), of("ann"), of("bob"))))
        .containsExactly("no approval releases it: mend the policy");
  }

  @Test
  void anApprovalOfAnotherCommitDoesNotCount() {
    Subject pushed = changed().get("the head commit");
    assertThat(
            reasons(
                Approvals.of(
                    new Release.Approval(1, false),
                    List.of(of("ann")),
                    java.util.Objects.requireNonNull(pushed),
                    PRODUCTION,
                    ANN_AND_BOB,
                    AUTHOR,
                    NOW)))
        .anyMatch(reason -> reason.startsWith("ann: the head commit is eeee"));
  }

  private static Approvals.Verdict verdict(Release asked, Approval... given) {
    return by(asked, AUTHOR, given);
  }

  private static Approvals.Verdict by(Release asked, Lookup<Set<String>> hands, Approval... given) {
    return Approvals.of(asked, List.of(given), SUBJECT, PRODUCTION, ANN_AND_BOB, hands, NOW);
  }

  private static List<String> reasons(Approvals.Verdict verdict) {
    return switch (verdict) {
      case Approvals.Verdict.Waiting(var reasons) -> reasons;
      case Approvals.Verdict.Released(var by) -> List.of("released by " + by);
    };
  }

  private static Approval of(String approver) {
    return new Approval(SUBJECT, PRODUCTION, approver, AT, AT.plus(Duration.ofDays(1)));
  }

  private static CommitId commit(String digit) {
    return new CommitId(digit.repeat(40));
  }

  private static Digest digest(String digit) {
    return new Digest("sha256:" + digit.repeat(64));
  }
}
