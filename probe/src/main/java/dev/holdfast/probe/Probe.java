package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs attacks as real jobs on the backends of an installation. Not thread-safe; {@link #stop} may
 * come from any thread.
 */
public final class Probe {
  private final Installation installation;
  private volatile boolean stopped;

  public Probe(Installation installation) {
    this.installation = installation;
  }

  /**
   * What to run.
   *
   * @param attacks those of the catalogue that are wanted
   * @param without parts of the wall to leave out on purpose: then only attacks that one of them
   *     stops are run, without controls
   */
  public record Order(List<Attack> attacks, Backend backend, Set<Protection> without) {}

  /** The backend {@code backend} cannot be used here. */
  public static final class NotUsable extends Exception {
    private static final long serialVersionUID = 1L;

    NotUsable(Backend backend, Readiness.Unusable why) {
      super(
          "the backend "
              + backend.name().toLowerCase(java.util.Locale.ROOT)
              + " cannot be used: "
              + why.why()
              + "; "
              + why.mend());
    }
  }

  /** Ends after the attack that is being tried. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs them one after the other.
   *
   * @param heard of each result as it comes
   * @throws NotUsable if the backend makes no sandboxes here
   */
  public List<Result> run(Order order, Consumer<Result> heard)
      throws IOException, NotUsable, InterruptedException {
    var results = new ArrayList<Result>();
    Backend backend = order.backend();
    try (var bench = new Bench(backend, installation);
        var decoys = new Decoys(bench.data().resolve("decoys"))) {
      if (bench.check() instanceof Readiness.Unusable why) {
        throw new NotUsable(backend, why);
      }
      Path kit = bench.data().resolve("kit.jar");
      KitJar.write(kit);
      try (var lab = new LabTrials(backend, installation, kit)) {
        var trials = new Trials(bench, new Values(kit, decoys.canary(), decoys.values()), lab);
        for (Attack attack : order.attacks()) {
          if (!stopped && wanted(attack, backend, order.without())) {
            Result result = attempt(trials, lab, attack, backend, order.without());
            results.add(result);
            heard.accept(result);
          }
        }
      }
    }
    return results;
  }

  private static boolean wanted(Attack attack, Backend backend, Set<Protection> without) {
    Set<Protection> stoppedBy = attack.stoppedBy(backend);
    return !stoppedBy.isEmpty()
        && (without.isEmpty() || stoppedBy.stream().anyMatch(without::contains));
  }

  private Result attempt(
      Trials trials, LabTrials lab, Attack attack, Backend backend, Set<Protection> without)
      throws InterruptedException {
    long began = System.nanoTime();
    Optional<String> lacks = lacks(lab, attack.trial());
    if (lacks.isPresent()) {
      return new Result(
          attack, backend, Optional.empty(), Optional.empty(), lacks.get(), Duration.ZERO);
    }
    Verdict attempt = trials.of(attack, without);
    Optional<Verdict> control =
        without.isEmpty()
            ? Optional.of(trials.of(attack, attack.stoppedBy(backend)))
            : Optional.empty();
    boolean bare = without.containsAll(attack.stoppedBy(backend));
    Optional<Verdict> unstopped = bare ? Optional.of(attempt) : control;
    if (unstopped.isPresent() && unstopped.get() instanceof Verdict.Absent(String why)) {
      return new Result(
          attack,
          backend,
          Optional.empty(),
          Optional.empty(),
          "this host has nothing to attack: " + why,
          Duration.ofNanos(System.nanoTime() - began));
    }
    return new Result(
        attack,
        backend,
        Optional.of(attempt),
        control,
        "",
        Duration.ofNanos(System.nanoTime() - began));
  }

  /** What is not here that the attack needs. */
  private Optional<String> lacks(LabTrials lab, Trial trial) {
    return switch (trial) {
      case Trial.Packet(String target, String script) -> lab.lacks(target);
      case Trial.OneJob(String script, var setting) -> lacks(setting);
      case Trial.TwoJobs two -> lacks(two.setting());
      case Trial.Beside beside -> lacks(beside.setting());
      case Trial.Left left -> lacks(left.setting());
      case Trial.HostileRunner _, Trial.HostileRepository _ -> Optional.empty();
    };
  }

  private Optional<String> lacks(Trial.Setting setting) {
    for (Trial.Need need : setting.needs()) {
      boolean here =
          switch (need) {
            case TERMINAL -> installation.terminal();
            case ROOT -> dev.holdfast.agent.sandbox.HostUser.self().isRoot();
          };
      if (!here) {
        return Optional.of(
            switch (need) {
              case TERMINAL -> "needs a terminal; start the probe from one";
              case ROOT -> "needs root; start the probe as the agent's user if that is root";
            });
      }
    }
    return Optional.empty();
  }
}
