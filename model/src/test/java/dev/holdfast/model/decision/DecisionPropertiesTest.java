package dev.holdfast.model.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds of every combination of everything that a decision is made from. */
class DecisionPropertiesTest {

  @Test
  void lessTrustNeverWeakens() {
    int stricter = 0;
    for (Question more : all()) {
      for (Trust trust : Trust.values()) {
        if (trust.compareTo(more.standing().trust()) < 0) {
          Question less = with(more, trust);
          Decision before = Decisions.decide(more);
          Decision after = Decisions.decide(less);
          assertThat(after.noWeakerThan(before)).as("%s%n%s%n%s", less, before, after).isTrue();
          stricter += before.noWeakerThan(after) ? 0 : 1;
        }
      }
    }
    assertThat(stricter).as("rows in which less trust makes a difference").isGreaterThan(100);
  }

  @Test
  void aLookUpThatFailsNeverWeakens() {
    for (Question known : all()) {
      Decision before = Decisions.decide(known);
      for (Question failed :
          List.of(
              Cases.question(
                  known.event().happening(),
                  known.settled(),
                  known.standing().trust(),
                  new Lookup.Failed<>("timed out"),
                  known.difference()),
              Cases.question(
                  known.event().happening(),
                  known.settled(),
                  known.standing().trust(),
                  known.policy(),
                  new Lookup.Failed<>("timed out")),
              Cases.question(
                  known.event().happening(),
                  Optional.empty(),
                  known.standing().trust(),
                  known.policy(),
                  known.difference()),
              with(known, Trust.UNKNOWN))) {
        Decision after = Decisions.decide(failed);
        assertThat(after.noWeakerThan(before)).as("%s%n%s%n%s", failed, before, after).isTrue();
      }
    }
  }

  @Test
  void aForkIsNeverTreatedBetterThanABranch() {
    for (Question asked : all()) {
      if (asked.event().happening() instanceof Happening.PullRequest request && !request.fork()) {
        var fork =
            new Happening.PullRequest(
                request.number(),
                request.action(),
                request.base(),
                request.baseCommit(),
                request.ref(),
                request.commit(),
                true);
        Decision branch = Decisions.decide(asked);
        Decision forked =
            Decisions.decide(
                Cases.question(
                    fork,
                    asked.settled(),
                    asked.standing().trust(),
                    asked.policy(),
                    asked.difference()));
        assertThat(forked.noWeakerThan(branch)).as("%s%n%s%n%s", asked, branch, forked).isTrue();
      }
    }
  }

  @Test
  void onlyTheTrustedRunTheDefinitionOfTheHead() {
    for (Question asked : all()) {
      if (asked.standing().trust() != Trust.TRUSTED) {
        switch (Decisions.decide(asked)) {
          case Decision.Run run -> assertThat(run.definition()).isEqualTo(Decision.Pin.BASE);
          case Decision.Hold hold ->
              assertThat(hold.released().definition()).isEqualTo(Decision.Pin.BASE);
          case Decision.Refuse refuse -> assertThat(refuse.reasons()).isNotEmpty();
        }
      }
    }
  }

  @Test
  void whatIsNotTrustedNeverRunsWithoutAWall() {
    for (Question asked : all()) {
      if (asked.standing().trust() != Trust.TRUSTED
          && Decisions.decide(asked) instanceof Decision.Run run) {
        assertThat(run.floor()).isGreaterThan(Tier.NONE);
      }
    }
  }

  @Test
  void narrowingAPolicyNeverWeakens() {
    int narrowings = 0;
    int refused = 0;
    for (Policy wide : policies()) {
      for (Policy narrow : policies()) {
        switch (wide.narrowed(narrow)) {
          case Policy.Narrowing.Loosened(var violations) -> {
            assertThat(violations).isNotEmpty();
            refused++;
          }
          case Policy.Narrowing.Narrowed(var applies) -> {
            narrowings++;
            for (Happening happening : Cases.happenings().values()) {
              for (Trust trust : Trust.values()) {
                Decision before = decide(happening, trust, wide);
                Decision after = decide(happening, trust, applies);
                assertThat(after.noWeakerThan(before))
                    .as("%s %s%n%s%n%s", happening, trust, wide, applies)
                    .isTrue();
              }
            }
          }
        }
      }
    }
    assertThat(narrowings).isGreaterThan(100);
    assertThat(refused).isGreaterThan(100);
  }

  @Test
  void theMeasureOfWeaknessTellsDecisionsApart() {
    Decision run = decide(Cases.named(Cases.happenings(), "push"), Trust.TRUSTED, Policy.DEFAULT);
    Decision pinned = decide(Cases.named(Cases.happenings(), "push"), Trust.KNOWN, Policy.DEFAULT);
    Decision hold = decide(Cases.named(Cases.happenings(), "push"), Trust.UNKNOWN, Policy.DEFAULT);
    Decision refuse = new Decision.Refuse(List.of(new Reason(Cause.NOT_OURS, "not ours")));
    var weakestFirst = List.of(run, pinned, hold, refuse);
    for (int i = 0; i < weakestFirst.size(); i++) {
      for (int j = 0; j < weakestFirst.size(); j++) {
        assertThat(weakestFirst.get(i).noWeakerThan(weakestFirst.get(j))).isEqualTo(i >= j);
      }
    }
  }

  private static Decision decide(Happening happening, Trust trust, Policy policy) {
    return Decisions.decide(
        Cases.question(
            happening,
            Optional.of(Cases.BASE),
            trust,
            new Lookup.Known<>(policy),
            Cases.named(Cases.differences(), "same")));
  }

  private static Question with(Question asked, Trust trust) {
    return Cases.question(
        asked.event().happening(), asked.settled(), trust, asked.policy(), asked.difference());
  }

  private static List<Question> all() {
    var all = new ArrayList<Question>();
    for (Happening happening : Cases.happenings().values()) {
      for (Optional<CommitId> settled : Cases.settled().values()) {
        for (Trust trust : Trust.values()) {
          for (Lookup<Policy> policy : Cases.policies().values()) {
            for (Lookup<DefinitionDiff> difference : Cases.differences().values()) {
              all.add(Cases.question(happening, settled, trust, policy, difference));
            }
          }
        }
      }
    }
    return all;
  }

  private static List<Policy> policies() {
    var all = new ArrayList<Policy>();
    for (boolean holdKnown : new boolean[] {false, true}) {
      for (Optional<Tier> atOnce :
          List.of(Optional.<Tier>empty(), Optional.of(Tier.CONTAINER), Optional.of(Tier.MICROVM))) {
        for (Tier floor : List.of(Tier.NAMESPACES, Tier.MICROVM)) {
          for (int count : new int[] {1, 2}) {
            for (boolean own : new boolean[] {false, true}) {
              for (int days : new int[] {1, 3}) {
                all.add(
                    new Policy(
                        holdKnown,
                        atOnce,
                        floor,
                        new Release.Approval(count, own),
                        Duration.ofDays(days),
                        Set.of()));
              }
            }
          }
        }
      }
    }
    return all;
  }
}
