package dev.holdfast.bench.trust;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Decisions;
import dev.holdfast.model.decision.Defined;
import dev.holdfast.model.decision.DefinitionDiff;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Question;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Standing;
import dev.holdfast.model.trust.TrustFacts;
import dev.holdfast.model.trust.TrustRule;
import dev.holdfast.model.trust.Visibility;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One decision, once everything was looked up: from facts to a standing, from two sets of workflows
 * to their difference, and from both to run, hold or refuse. In this process, after a warm-up.
 */
public final class DecisionTime implements Measurement {
  private static final int WARM_UP = 20_000;
  private static final int ROUNDS = 30;
  private static final int A_ROUND = 1000;
  private static final int WORKFLOWS = 5;
  private static final int JOBS = 20;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final CommitId BASE = new CommitId("1".repeat(40));
  private static final CommitId HEAD = new CommitId("2".repeat(40));
  private static final Contributor STRANGER = new Contributor("github:example", "666", "stranger");

  @Override
  public String name() {
    return "decision";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    setting.part(
        name(),
        () -> {
          int times = setting.times(A_ROUND, 10);
          setting.say("decisions, " + setting.times(ROUNDS, 2) + " rounds of " + times);
          Defined base = defined(0);
          Defined head = defined(1);
          held(base, head, setting.times(WARM_UP, 10));
          var samples = new ArrayList<Double>();
          for (int round = 0; round < setting.times(ROUNDS, 2); round++) {
            long begun = System.nanoTime();
            int held = held(base, head, times);
            samples.add((System.nanoTime() - begun) / 1e6 / times);
            if (held != times) {
              throw new IllegalStateException(held + " of " + times + " were held; expected all");
            }
          }
          setting
              .report()
              .add(
                  Figure.of(
                      name(),
                      "a fork's pull request, " + WORKFLOWS + " workflows of " + JOBS + " jobs",
                      Unit.MILLISECONDS,
                      new Samples(samples)));
        });
  }

  private static int held(Defined base, Defined head, int times) {
    int held = 0;
    for (int i = 0; i < times; i++) {
      Standing standing =
          TrustRule.of(
              new TrustFacts(
                  new Lookup.Known<>(true),
                  new Lookup.Known<>(Visibility.PUBLIC),
                  new Lookup.Known<>(STRANGER.id()),
                  new Lookup.Absent<>(),
                  new Lookup.Absent<>(),
                  new Lookup.Known<>(ForgePermission.NONE)));
      DefinitionDiff difference =
          DefinitionDiff.of(BASE, HEAD, base, head, new ChangedFiles.Known(List.of("a/b.java")));
      Decision decision =
          Decisions.decide(
              new Question(
                  event(i),
                  true,
                  Optional.of(BASE),
                  standing,
                  new Lookup.Known<>(Policy.DEFAULT),
                  new Lookup.Known<>(difference),
                  Map.of(),
                  Map.of(),
                  NOW));
      if (decision instanceof Decision.Hold) {
        held++;
      }
    }
    return held;
  }

  private static Event event(int number) {
    return new Event(
        "d" + number,
        "repo_1",
        NOW,
        Optional.of(STRANGER),
        new Happening.PullRequest(
            number,
            PullRequestAction.OPENED,
            new RefName("main"),
            BASE,
            new RefName("topic"),
            HEAD,
            true));
  }

  private static Defined defined(int more) {
    var workflows = new ArrayList<Workflow>();
    for (int i = 0; i < WORKFLOWS; i++) {
      var jobs = new ArrayList<Job>();
      for (int j = 0; j < JOBS + more; j++) {
        jobs.add(job("job" + j));
      }
      workflows.add(
          new Workflow(
              new Name("workflow" + i),
              List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
              jobs));
    }
    return new Defined(workflows, Optional.empty());
  }

  private static Job job(String name) {
    return new Job(
        new Name(name),
        List.of(),
        List.of(new Name("linux")),
        Optional.of("debian:12"),
        Map.of("A", "b"),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Step.Command(
                "only",
                "make " + name,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }
}
