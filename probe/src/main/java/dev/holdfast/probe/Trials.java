package dev.holdfast.probe;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.probe.kit.Ipc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Tries attacks on one backend. */
final class Trials {
  private final Bench bench;
  private final Values values;
  private final LabTrials lab;
  private final Repositories repositories;

  Trials(Bench bench, Values values, LabTrials lab) {
    this.bench = bench;
    this.values = values;
    this.lab = lab;
    this.repositories = new Repositories(bench, values);
  }

  /** What comes of {@code attack} where {@code missing} is missing. */
  Verdict of(Attack attack, Set<Protection> missing) throws InterruptedException {
    try {
      return switch (attack.trial()) {
        case Trial.OneJob(String script, var setting) ->
            one(workshop(missing, values, setting), script, setting);
        case Trial.TwoJobs two -> two(two, missing);
        case Trial.Beside beside -> beside(beside, missing);
        case Trial.Left left -> left(left, missing);
        case Trial.HostileRunner(String says) -> hostile(says, missing);
        case Trial.HostileRepository repository ->
            repositories.check(
                repository, bench.backend(missing), missing.contains(Protection.HARDENED_GIT));
        case Trial.Packet _ -> lab.of(attack, missing);
      };
    } catch (IOException e) {
      return new Verdict.Inconclusive(Verdict.line(String.valueOf(e.getMessage())));
    }
  }

  private Workshop workshop(Set<Protection> missing, Values given, Trial.Setting setting)
      throws IOException {
    Bounds bounds = missing.contains(Protection.CHANNEL_BOUNDS) ? Bench.WIDE : Bench.BOUNDS;
    return bench.workshop(bench.backend(missing), given.checkout(), setting.limits(), bounds);
  }

  private static Verdict one(Workshop workshop, String script, Trial.Setting setting)
      throws InterruptedException {
    return verdict(Bench.run(Leases.of(Prelude.before(script)), workshop), setting.killed());
  }

  /** What the program said; if it said nothing, what its end means. */
  static Verdict verdict(Hearing hearing, boolean killed) {
    Outcome outcome = hearing.outcome();
    String log = hearing.log().strip();
    String last = log.isEmpty() ? "" : "; it printed: " + Verdict.line(log);
    Verdict otherwise =
        switch (outcome) {
          case Outcome.Succeeded() ->
              new Verdict.Inconclusive("the program did not say whether it got through" + last);
          case Outcome.Broken(String reason) ->
              new Verdict.Inconclusive("this host could not run the job: " + reason);
          default -> {
            String why = Verdict.line("the job was ended: " + Belief.words(outcome));
            yield killed ? new Verdict.Stopped(why) : new Verdict.Inconclusive(why + last);
          }
        };
    return Verdict.in(hearing.log(), otherwise);
  }

  private Verdict two(Trial.TwoJobs two, Set<Protection> missing)
      throws IOException, InterruptedException {
    String mark = mark();
    int key = 1 + ThreadLocalRandom.current().nextInt(1 << 30);
    Values told = values.with("MARK", mark).with("MARK_KEY", Integer.toString(key));
    Workshop workshop = workshop(missing, told, two.setting());
    try {
      return two(workshop, two);
    } finally {
      Ipc.removeSegmentOf(key);
      Remains.processes(mark).forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static Verdict two(Workshop workshop, Trial.TwoJobs two) throws InterruptedException {
    Hearing first = Bench.run(Leases.of(Prelude.before(two.plant())), workshop);
    if (!first.log().contains("PLANTED")) {
      return new Verdict.Inconclusive(
          "the first job planted nothing: "
              + Belief.words(first.outcome())
              + " "
              + Verdict.line(first.log()));
    }
    return one(workshop, two.look(), two.setting());
  }

  private Verdict beside(Trial.Beside beside, Set<Protection> missing)
      throws IOException, InterruptedException {
    Lease victim = Leases.of(Prelude.before(beside.victim()));
    Path place = bench.directories().at(victim.attempt());
    Values told = values.with("PEER", mark()).with("PEER_DIR", place.toString());
    Workshop workshop = workshop(missing, told, beside.setting());
    var heard = new Hearing();
    var execution = new JobExecution(victim, workshop, heard);
    Thread runs = Thread.ofPlatform().name("victim").start(() -> run(execution));
    try {
      if (!heard.await("UP", bench.comingUp().toMillis())) {
        return new Verdict.Inconclusive(
            "the other job did not come up: " + Belief.words(heard.outcome()));
      }
      return one(workshop, beside.attack(), beside.setting());
    } finally {
      execution.abort("the attack is over");
      runs.join();
    }
  }

  private static void run(JobExecution execution) {
    try {
      execution.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Verdict left(Trial.Left left, Set<Protection> missing)
      throws IOException, InterruptedException {
    String mark = mark();
    Workshop workshop = workshop(missing, values.with("MARK", mark), left.setting());
    Hearing hearing = Bench.run(Leases.of(Prelude.before(left.script())), workshop);
    List<ProcessHandle> alive = Remains.processes(mark);
    boolean files = !bench.directories().leftovers().isEmpty();
    alive.forEach(ProcessHandle::destroyForcibly);
    bench.reconcile(missing);
    if (!hearing.log().contains("PLANTED")) {
      return new Verdict.Inconclusive(
          "the job left nothing: "
              + Belief.words(hearing.outcome())
              + " "
              + Verdict.line(hearing.log()));
    }
    boolean found =
        switch (left.trace()) {
          case PROCESS -> !alive.isEmpty();
          case FILES -> files;
        };
    return found
        ? new Verdict.Through("when the job was gone, the host still had something of it")
        : new Verdict.Stopped("when the job was gone, the host had nothing of it");
  }

  private Verdict hostile(String says, Set<Protection> missing)
      throws IOException, InterruptedException {
    var replaced = new HostileBackend(bench.backend(missing), values.kit(), says);
    Lease lease = Leases.ofSteps(2);
    Belief belief;
    String why;
    if (missing.contains(Protection.CHANNEL_BOUNDS)) {
      belief = new NaiveAgent(bench, replaced).listen(lease);
      why = "nothing that the hostile runner said was believed";
    } else {
      Workshop workshop =
          bench.workshop(replaced, values.checkout(), Limits.standard(), Bench.BOUNDS);
      Hearing hearing = Bench.run(lease, workshop);
      belief = Belief.of(hearing);
      why = Belief.words(hearing.outcome());
      boolean mute = hearing.outcome() instanceof Outcome.Broken && !why.contains("connected");
      if (mute) {
        return new Verdict.Inconclusive("the hostile runner did not speak: " + why);
      }
    }
    return belief
        .lie()
        .<Verdict>map(Verdict.Through::new)
        .orElse(new Verdict.Stopped(Verdict.line(why)));
  }

  private static String mark() {
    byte[] bytes = new byte[12];
    ThreadLocalRandom.current().nextBytes(bytes);
    return "mark" + HexFormat.of().formatHex(bytes);
  }
}
