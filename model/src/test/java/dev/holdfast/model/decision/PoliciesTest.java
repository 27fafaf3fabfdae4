package dev.holdfast.model.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.trust.Lookup;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoliciesTest {
  private static final Lookup<Policy> NONE = new Lookup.Absent<>();

  @Test
  void withoutAnyTheDefaultApplies() {
    assertThat(Policies.effective(NONE, NONE, NONE)).isEqualTo(new Lookup.Known<>(Policy.DEFAULT));
  }

  @Test
  void aNarrowerOneMayOnlyBeStricter() {
    assertThat(Policies.effective(NONE, NONE, known(Cases.STRICT))).isEqualTo(known(Cases.STRICT));
    assertThat(Policies.effective(NONE, known(Cases.STRICT), known(Policy.DEFAULT)))
        .isEqualTo(
            new Lookup.Failed<Policy>(
                "the repository's policy: hold-known false is less strict than hold-known true;"
                    + " make it stricter, or name HOLD_KNOWN in may-loosen of the wider policy"));
  }

  @Test
  void aWiderOneMayLetItselfBeLoosened() {
    assertThat(Policies.effective(NONE, known(Cases.AT_ONCE), NONE))
        .isInstanceOf(Lookup.Failed.class);
    assertThat(
            Policies.effective(known(allowing(Policy.Aspect.AT_ONCE)), known(Cases.AT_ONCE), NONE))
        .isEqualTo(known(Cases.AT_ONCE));
  }

  @Test
  void whatMayBeLoosenedCannotItselfBeWidened() {
    assertThat(
            Policies.effective(NONE, known(allowing(Policy.Aspect.AT_ONCE)), known(Cases.AT_ONCE)))
        .isInstanceOfSatisfying(
            Lookup.Failed.class,
            failed -> assertThat(failed.toString()).contains("may-loosen [AT_ONCE]"));
  }

  @Test
  void aLevelThatCannotBeReadMakesTheWholeUnreadable() {
    Lookup<Policy> failed = new Lookup.Failed<>("line 3");
    assertThat(Policies.effective(failed, NONE, NONE)).isInstanceOf(Lookup.Failed.class);
    assertThat(Policies.effective(NONE, failed, known(Cases.STRICT)))
        .isInstanceOf(Lookup.Failed.class);
    assertThat(Policies.effective(NONE, NONE, failed)).isInstanceOf(Lookup.Failed.class);
  }

  @Test
  void noPolicyLetsCodeRunWithoutAWallOrWaitForEver() {
    assertThatThrownBy(() -> policy(Tier.NONE, Duration.ofDays(1)))
        .hasMessageContaining("never takes code that is not trusted");
    assertThatThrownBy(() -> policy(Tier.CONTAINER, Duration.ofDays(31)))
        .hasMessageContaining("at most 30 days");
    assertThatThrownBy(() -> new Release.Approval(0, false)).hasMessageContaining("1 to 10");
  }

  private static Policy policy(Tier floor, Duration holdFor) {
    return new Policy(
        false, Optional.empty(), floor, new Release.Approval(1, false), holdFor, Set.of());
  }

  private static Policy allowing(Policy.Aspect aspect) {
    return new Policy(
        false,
        Optional.empty(),
        Tier.CONTAINER,
        new Release.Approval(1, false),
        Duration.ofDays(3),
        Set.of(aspect));
  }

  private static Lookup<Policy> known(Policy policy) {
    return new Lookup.Known<>(policy);
  }
}
