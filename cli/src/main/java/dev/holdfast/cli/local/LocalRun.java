package dev.holdfast.cli.local;

import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.JobState;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.RunProgress;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Runs one workflow here: the same graph, attempts, sandboxes and runner as behind a server, and
 * the same rules, but a job that this host breaks is not tried again. {@link #run} is called once;
 * {@link #stop} by any thread.
 */
public final class LocalRun {
  private record Ended(PlannedJob job, JobResult result, Map<String, String> outputs) {}

  private final LocalPlan plan;
  private final Source source;
  private final Workshop workshop;
  private final JobListener listener;
  private final String id;
  private final Map<String, JobExecution> running = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
  private final LocalArtifacts artifacts;
  private final LocalSecrets secrets = new LocalSecrets();
  private volatile boolean stopped;

  /**
   * @param id of the run, safe as the start of a file name
   */
  public LocalRun(
      String id, LocalPlan plan, Source source, Workshop workshop, JobListener listener) {
    this.id = id;
    this.plan = plan;
    this.source = source;
    this.workshop = workshop;
    this.listener = listener;
    this.artifacts =
        new LocalArtifacts(
            plan.jobs(), workshop.directories().data().resolve("artifacts").resolve(id));
  }

  /**
   * Runs all jobs, at most {@code parallel} at a time.
   *
   * @return one result for each job, in the order of the plan
   */
  public List<JobResult> run(int parallel) throws InterruptedException {
    try (secrets) {
      return all(parallel);
    }
  }

  private List<JobResult> all(int parallel) throws InterruptedException {
    var states = new LinkedHashMap<String, JobState>();
    List<PlannedJob> jobs = plan.jobs();
    jobs.forEach(job -> states.put(job.key(), JobState.WAITING));
    var results = new LinkedHashMap<String, JobResult>();
    var outputs = new LinkedHashMap<String, Map<String, String>>();
    int busy = 0;
    while (true) {
      states.putAll(RunProgress.advance(jobs, states));
      for (PlannedJob job : jobs) {
        if (states.get(job.key()) == JobState.QUEUED && stopped) {
          states.put(job.key(), JobState.CANCELLED);
        } else if (states.get(job.key()) == JobState.QUEUED && busy < parallel) {
          states.put(job.key(), JobState.RUNNING);
          busy++;
          begin(job, Map.copyOf(outputs));
        }
      }
      if (busy == 0 && states.values().stream().allMatch(JobState::over)) {
        break;
      }
      if (busy > 0) {
        Ended one = ended.take();
        busy--;
        states.put(one.job().key(), one.result().state());
        results.put(one.job().key(), one.result());
        outputs.put(one.job().key(), one.outputs());
      }
    }
    return jobs.stream()
        .map(j ->
            results.getOrDefault(
                j.key(),
                new JobResult(
                    j.key(), states.getOrDefault(j.key(), JobState.SKIPPED), "", Duration.ZERO)))
        .toList();
  }

  /** Ends everything at once; {@link #run} then returns soon, when nothing is left on the host. */
  public void stop() {
    stopped = true;
    running.values().forEach(execution -> execution.abort("stopped by Ctrl-C"));
  }

  private void begin(PlannedJob job, Map<String, Map<String, String>> outputs) {
    var attempt = new LocalAttempt(job, listener);
    var lease =
        new Lease(
            id + "-" + (plan.jobs().indexOf(job) + 1),
            1,
            1,
            id,
            plan.workflow().name(),
            job,
            plan.event(),
            source,
            job.job().hasCode() ? plan.sources() : java.util.Optional.empty(),
            neededBy(job, outputs));
    var execution =
        new JobExecution(lease, workshop, attempt, new Masker(), secrets, artifacts.of(job));
    running.put(job.key(), execution);
    Thread.ofPlatform()
        .name("job " + job.key())
        .start(() -> {
          Instant start = workshop.clock().instant();
          Outcome outcome;
          try {
            execution.run();
            outcome = attempt.outcome();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = new Outcome.Broken("interrupted");
          } catch (RuntimeException e) {
            outcome = new Outcome.Broken(e.toString());
          }
          running.remove(job.key());
          var took = Duration.between(start, workshop.clock().instant());
          ended.add(new Ended(job, result(job, outcome, took), attempt.outputs()));
        });
    if (stopped) {
      stop();
    }
  }

  private static Map<String, Map<String, String>> neededBy(
      PlannedJob job, Map<String, Map<String, String>> outputs) {
    var needed = new LinkedHashMap<String, Map<String, String>>();
    for (String need : job.needs()) {
      Map<String, String> of = outputs.get(need);
      if (of != null) {
        needed.put(need, of);
      }
    }
    return needed;
  }

  private JobResult result(PlannedJob job, Outcome outcome, Duration took) {
    JobState state =
        switch (outcome) {
          case Outcome.Succeeded() -> JobState.SUCCEEDED;
          case Outcome.Cancelled() -> JobState.CANCELLED;
          case Outcome.Broken broken -> stopped ? JobState.CANCELLED : JobState.FAILED;
          case Outcome.Failed failed -> JobState.FAILED;
          case Outcome.TimedOut timedOut -> JobState.FAILED;
          case Outcome.Refused refused -> JobState.FAILED;
        };
    String reason =
        switch (outcome) {
          case Outcome.Succeeded() -> "";
          case Outcome.Cancelled() -> "";
          case Outcome.Broken(var why) -> "this host could not run it: " + why;
          case Outcome.Failed(var why, int code) -> why;
          case Outcome.TimedOut(var why) -> why;
          case Outcome.Refused(var why) -> why;
        };
    return new JobResult(job.key(), state, reason, took);
  }
}
