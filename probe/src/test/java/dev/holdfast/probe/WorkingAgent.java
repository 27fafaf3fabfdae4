package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * An agent in a lab's host, which begins as every agent does, and then runs ordinary and bad jobs
 * with egress. Told line by line what to do, words by tabs; answers each with a line.
 */
public final class WorkingAgent {
  /** Forks, detaches, and holds on to what it can. */
  private static final String STICKY =
      "(trap '' HUP TERM; setsid sleep 50 & exec sleep 50 >/dev/null 2>&1) & mkfifo p; mkdir -p"
          + " a/b/c; chmod 0 a; echo up; ";

  /** More than the job may have, as one line that is kept whole. */
  private static final String GLUTTON = "head -c 600000000 /dev/zero | tail -n 1 >/dev/null";

  private static final long PATIENCE_MILLIS = 50_000;

  private final Workshop workshop;

  private WorkingAgent(Workshop workshop) {
    this.workshop = workshop;
  }

  /** BACKEND, FOLDER, RUNNER, then ENGINE and IMAGE, which may be empty. */
  public static void main(String[] given) throws Exception {
    // What is logged must not come between the answers.
    PrintStream answers = System.out;
    System.setOut(System.err);
    var installation =
        new Installation(
            Path.of(given[1]),
            RunnerDistribution.of(Path.of(given[2])),
            Optional.of(given[3]).filter(e -> !e.isEmpty()),
            Optional.of(given[4]).filter(i -> !i.isEmpty()),
            false);
    var everyJob = EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of());
    var settings =
        new EgressSettings(
            "working",
            new EgressPolicy(List.of(everyJob), List.of()),
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            Wall.whole(),
            true);
    try (var bench = new Bench(Backend.valueOf(given[0]), installation)) {
      bench.reconcile(Set.of());
      try (Egress egress = Egress.start(settings)) {
        var agent =
            new WorkingAgent(
                bench.workshop(
                    bench.backend(Set.of()),
                    new FilteredNetworks(egress, "probe"),
                    (_, _) -> {},
                    Attacks.SMALL,
                    Bench.BOUNDS));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          answers.println(agent.obey(line.split("\t", -1)));
        }
      }
    }
  }

  private String obey(String[] words) throws Exception {
    return switch (words[0]) {
      case "who" -> "probe-" + ProcessHandle.current().pid() + "-";
      case "run" -> run(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      case "sit" -> sit(Integer.parseInt(words[1]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  /** Jobs of which a third ends badly; how many did, and how many there were. */
  private String run(int count, int atOnce) throws Exception {
    try (var threads = Executors.newFixedThreadPool(atOnce)) {
      var all = new ArrayList<Callable<Outcome>>();
      IntStream.range(0, count).forEach(i -> all.add(() -> one(i)));
      int bad = 0;
      for (Future<Outcome> ended : threads.invokeAll(all)) {
        bad += ended.get() instanceof Outcome.Succeeded ? 0 : 1;
      }
      return bad + "\t" + count;
    }
  }

  private Outcome one(int number) throws InterruptedException {
    String script =
        switch (number % 9) {
          case 2 -> STICKY + GLUTTON;
          case 5, 8 -> STICKY + "sleep 50";
          default -> STICKY + "true";
        };
    var hearing = new Hearing();
    var execution = new JobExecution(Leases.of(script), workshop, hearing);
    if (number % 9 == 5 || number % 9 == 8) {
      Thread.ofVirtual().start(() -> end(execution, hearing, number % 9 == 5));
    }
    execution.run();
    execution.awaitGone();
    return hearing.outcome();
  }

  private static void end(JobExecution execution, Hearing hearing, boolean cancel) {
    try {
      hearing.await("up", PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (cancel) {
      execution.cancel();
    } else {
      execution.abort("killed by the test");
    }
  }

  /** Starts jobs that stay; answers when all of them are at work. */
  private String sit(int count) throws Exception {
    var all = new ArrayList<Hearing>();
    for (int i = 0; i < count; i++) {
      var hearing = new Hearing();
      all.add(hearing);
      var execution = new JobExecution(Leases.of(STICKY + "sleep 50"), workshop, hearing);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              execution.run();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    int up = 0;
    for (Hearing one : all) {
      up += one.await("up", PATIENCE_MILLIS) ? 1 : 0;
    }
    return "up\t" + up;
  }
}
