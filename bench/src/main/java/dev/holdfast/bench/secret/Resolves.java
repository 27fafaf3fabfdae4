package dev.holdfast.bench.secret;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.model.secret.Maskable;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.seal.DataKeys;
import dev.holdfast.orchestrator.seal.Installation;
import dev.holdfast.orchestrator.seal.MasterKeys;
import dev.holdfast.orchestrator.secret.Entitled;
import dev.holdfast.orchestrator.secret.Resolving;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import dev.holdfast.orchestrator.secret.SecretScope;
import dev.holdfast.orchestrator.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * Attempts that are given ten secrets each: opened, recorded, audited, and durable before the
 * answer. In this process, over a database on the disk; the master key is a file.
 */
public final class Resolves implements Measurement {
  private static final int SECRETS = 10;
  private static final int ROUNDS = 10;
  private static final int A_ROUND = 400;
  private static final int AT_ONCE = 16;
  private static final String AGENT = "agt_1";
  private static final SecretScope SCOPE = new SecretScope.OfRepository("repo_1");

  @Override
  public String name() {
    return "secrets";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    setting.part(
        name(),
        () -> {
          Path data = setting.scratch().folder("secrets");
          int times = setting.times(A_ROUND, 20);
          setting.say("resolves, " + setting.times(ROUNDS, 2) + " rounds of " + times);
          try (Database database = Database.open(data, Clock.systemUTC(), _ -> {});
              MasterKeys masters =
                  MasterKeys.open(data.resolve("keys"), Optional.empty(), Optional.empty());
              DataKeys keys =
                  new DataKeys(database, masters, Installation.of(data), Clock.systemUTC())) {
            Set<SecretName> names = begin(database, keys);
            var resolving =
                new Resolving(
                    database,
                    keys,
                    masters::vault,
                    (_, _) -> new Entitled.Entitlement(Optional.empty(), true, List.of()),
                    Maskable::refusal,
                    new AuditLog(Clock.systemUTC()),
                    Clock.systemUTC());
            var samples = new ArrayList<Double>();
            round(database, resolving, names, -1, times);
            for (int round = 0; round < setting.times(ROUNDS, 2); round++) {
              samples.add(round(database, resolving, names, round, times));
            }
            setting
                .report()
                .add(
                    Figure.of(
                        name(),
                        "resolves of " + SECRETS + " secrets each, " + AT_ONCE + " at once",
                        Unit.OPERATIONS_PER_SECOND,
                        new Samples(samples)));
          }
        });
  }

  private static Set<SecretName> begin(Database database, DataKeys keys) {
    database.write(s -> {
      s.update(
          "INSERT INTO repository (id, name, kind, location, next_number, created_at) VALUES"
              + " ('repo_1', 'app', 'ON_DISK', '/x', 1, 0)");
      s.update(
          "INSERT INTO agent (id, name, release, capacity, labels, backend, registered_at, seen_at)"
              + " VALUES (?, 'one', 'bench', 1, '', 'CONTAINER', 0, 0)",
          AGENT);
      s.update(
          "INSERT INTO event (id, repository_id, delivery, body, state, tries, retry_at,"
              + " received_at) VALUES ('evt_1', 'repo_1', 'd', '{}', 'DONE', 0, 0, 0)");
      s.update(
          "INSERT INTO run (id, repository_id, event_id, number, workflow, state, ref, commit_id,"
              + " cancel, reruns, created_at) VALUES ('run_1', 'repo_1', 'evt_1', 1, 'ci',"
              + " 'RUNNING', 'refs/heads/main', 'c', 0, 0, 0)");
      return s.update(
          "INSERT INTO job (id, run_id, position, job_key, labels, state, tries, fence, ready_at)"
              + " VALUES ('job_1', 'run_1', 0, 'deploy', '', 'RUNNING', 1, 1, 0)");
    });
    var values = new TreeMap<SecretName, byte[]>();
    for (int i = 0; i < SECRETS; i++) {
      values.put(
          new SecretName("S" + i),
          ("Bench-" + i + "-5f2c91d7e08b4a63").getBytes(StandardCharsets.UTF_8));
    }
    return new Secrets(database, keys, Maskable::refusal, Clock.systemUTC())
        .set(SCOPE, values, "usr_1", (session, subject, reasons) -> {})
        .keySet();
  }

  private static double round(
      Database database, Resolving resolving, Set<SecretName> names, int round, int times)
      throws Exception {
    var attempts = new ArrayList<String>();
    database.write(s -> {
      for (int i = 0; i < times; i++) {
        String id = database.ids().next("att");
        s.update(
            "INSERT INTO attempt (id, job_id, run_id, agent_id, fence, state, heard, next_event,"
                + " lease_until, leased_at) VALUES (?, 'job_1', 'run_1', ?, ?, 'RUNNING', 1, 0, 0,"
                + " 0)",
            id,
            AGENT,
            (round + 2L) * 1_000_000 + i);
        attempts.add(id);
      }
      return true;
    });
    var asking = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < times; i++) {
      var ask = new SecretDelivery.Ask(AGENT, attempts.get(i), (round + 2L) * 1_000_000 + i, names);
      asking.add(() ->
          resolving.resolve(ask) instanceof SecretDelivery.Answer.Resolved(var given, var withheld)
              && given.size() == SECRETS
              && withheld.isEmpty());
    }
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      long begun = System.nanoTime();
      for (var answer : threads.invokeAll(asking)) {
        if (!answer.get()) {
          throw new IllegalStateException("an attempt was not given all that it declares");
        }
      }
      return times / ((System.nanoTime() - begun) / 1e9);
    }
  }
}
