package dev.holdfast.agent.job;

import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobUser;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Leases for tests. */
public final class Jobs {
  private static final CommitId COMMIT = new CommitId("a".repeat(40));

  private Jobs() {}

  /** A checkout that needs no git: one file. */
  public static Checkout oneFile() {
    return (source, workspace) -> {
      try {
        Files.writeString(workspace.resolve("README"), "of " + source.commit());
      } catch (java.io.IOException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** A job of these scripts, one step each. */
  public static Lease commands(String... scripts) {
    return lease(Optional.empty(), scripts);
  }

  public static Lease lease(Optional<String> image, String... scripts) {
    var steps = new ArrayList<Step>();
    for (String script : scripts) {
      steps.add(
          new Step.Command(
              "step " + (steps.size() + 1),
              script,
              Map.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
    return lease(image, steps, Optional.empty());
  }

  /** Two steps: the first needs nothing, the second is given the secret TOKEN. */
  public static Lease asking(String first, String second) {
    return lease(
        Optional.empty(),
        List.of(
            new Step.Command(
                "step 1", first, Map.of(), Optional.empty(), Optional.empty(), Optional.empty()),
            new Step.Command(
                "step 2",
                second,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("TOKEN", new SecretName("TOKEN")),
                Optional.empty())),
        Optional.empty());
  }

  /** Two steps: the first needs nothing, the second is given a token, as the variable T. */
  public static Lease identifying(Audience audience) {
    return second(
        new Step.Command(
            "step 2",
            "true",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of("T", audience)));
  }

  /** The same, in code. */
  public static Lease identifyingInCode(Audience audience) {
    return second(
        new Step.Code(
            "step 2",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(audience)));
  }

  private static Lease second(Step second) {
    return lease(
        Optional.empty(),
        List.of(
            new Step.Command(
                "step 1", "true", Map.of(), Optional.empty(), Optional.empty(), Optional.empty()),
            second),
        Optional.empty());
  }

  /** {@code lease}, with services beside its job. */
  public static Lease beside(Lease lease, Service... services) {
    return as(lease, Optional.empty(), List.of(services));
  }

  /** {@code lease}, with its job's steps as root. */
  public static Lease root(Lease lease) {
    return as(lease, Optional.of(JobUser.ROOT), List.of());
  }

  private static Lease as(Lease lease, Optional<JobUser> user, List<Service> services) {
    Job job = lease.job().job();
    var with =
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
            user,
            services,
            Optional.empty(),
            job.environments(),
            job.steps());
    return new Lease(
        lease.attempt(),
        lease.fence(),
        lease.number(),
        lease.run(),
        lease.workflow(),
        new PlannedJob(lease.job().key(), Map.of(), List.of(), with),
        lease.event(),
        lease.source(),
        lease.sources(),
        lease.outputs());
  }

  /** {@code lease}, with files that its job keeps and is given. */
  public static Lease keeping(Lease lease, List<Cache> caches, Artifacts artifacts) {
    Job job = lease.job().job();
    var with =
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
            job.environments(),
            caches,
            Optional.of(artifacts),
            Optional.empty(),
            job.steps());
    return new Lease(
        lease.attempt(),
        lease.fence(),
        lease.number(),
        lease.run(),
        lease.workflow(),
        new PlannedJob(lease.job().key(), Map.of(), List.of(), with),
        lease.event(),
        lease.source(),
        lease.sources(),
        lease.outputs());
  }

  public static Lease lease(Optional<String> image, List<Step> steps, Optional<Sources> sources) {
    var job =
        new Job(
            new Name("build"),
            List.of(),
            List.of(),
            image,
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            steps);
    String id = UUID.randomUUID().toString();
    return new Lease(
        "att_" + id,
        7,
        1,
        "run_" + id,
        new Name("ci"),
        new PlannedJob("build", Map.of(), List.of(), job),
        new Event(
            "delivery-" + id,
            "repo_1",
            Instant.EPOCH,
            Optional.empty(),
            new Happening.Push(new RefName("main"), COMMIT, Optional.empty(), false)),
        new Source("repo_1", "demo", "/nowhere", "refs/heads/main", COMMIT),
        sources,
        Map.of());
  }
}
