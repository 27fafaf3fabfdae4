package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.Maskable;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.seal.DataKeys;
import dev.holdfast.orchestrator.seal.Installation;
import dev.holdfast.orchestrator.seal.MasterKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Secrets over a real database and real keys, with attempts that ask for them. */
final class SecretWorld implements AutoCloseable {
  static final String AGENT = "agt_1";
  static final SecretScope.OfRepository APP = new SecretScope.OfRepository("repo_1");
  static final SecretScope.OfRepository OTHER = new SecretScope.OfRepository("repo_2");
  static final SecretScope.OfOrganisation ACME = new SecretScope.OfOrganisation(new Name("acme"));
  static final Secrets.Along NOTHING = (session, subject, reasons) -> {};

  final Path data;
  final Database database;
  final MasterKeys masters;
  final DataKeys keys;
  final Secrets secrets;
  final Resolving resolving;
  final SeenBy seenBy;
  volatile Entitled.Entitlement may = new Entitled.Entitlement(Optional.empty(), true, List.of());
  private int attempts;

  SecretWorld(Path data) throws IOException {
    this(data, Optional.empty());
  }

  SecretWorld(Path data, Optional<Path> keysFile) throws IOException {
    this.data = data;
    this.database = Database.open(data, Clock.systemUTC(), size -> {});
    this.masters = MasterKeys.open(data.resolve("keys"), keysFile, Optional.empty());
    this.keys = new DataKeys(database, masters, Installation.of(data), Clock.systemUTC());
    Fit fit = Maskable::refusal;
    this.secrets = new Secrets(database, keys, fit, Clock.systemUTC());
    this.seenBy = new SeenBy(database);
    this.resolving =
        new Resolving(
            database,
            keys,
            masters::vault,
            (session, attempt) -> may,
            fit,
            new AuditLog(Clock.systemUTC()),
            Clock.systemUTC());
    database.write(s -> {
      for (String id : List.of("repo_1", "repo_2")) {
        s.update(
            "INSERT INTO repository (id, name, kind, location, next_number, created_at,"
                + " organisation) VALUES (?, ?, 'ON_DISK', '/x', 1, 0, 'acme') ON CONFLICT DO"
                + " NOTHING",
            id,
            id.replace("repo_", "app"));
      }
      return s.update(
          "INSERT INTO agent (id, name, release, capacity, labels, backend, registered_at, seen_at)"
              + " VALUES (?, 'one', 'test', 1, '', 'CONTAINER', 0, 0) ON CONFLICT DO NOTHING",
          AGENT);
    });
  }

  /** A job of app1 that an agent has; the attempt's id. */
  String attempt() {
    return attempt("repo_1");
  }

  String attempt(String repository) {
    int number = ++attempts;
    String tail = database.ids().next("x").substring(2);
    return database.write(s -> {
      s.update(
          "INSERT INTO event (id, repository_id, delivery, body, state, tries, retry_at,"
              + " received_at) VALUES (?, ?, ?, '{}', 'DONE', 0, 0, 0)",
          "evt_" + tail,
          repository,
          tail);
      s.update(
          "INSERT INTO run (id, repository_id, event_id, number, workflow, state, ref, commit_id,"
              + " cancel, reruns, created_at) VALUES (?, ?, ?, (SELECT coalesce(max(number), 0) + 1"
              + " FROM run), 'ci', 'RUNNING', 'refs/heads/main', 'c', 0, 0, 0)",
          "run_" + tail,
          repository,
          "evt_" + tail);
      s.update(
          "INSERT INTO job (id, run_id, position, job_key, labels, state, tries, fence, ready_at)"
              + " VALUES (?, ?, 0, ?, '', 'RUNNING', 1, 1, 0)",
          "job_" + tail,
          "run_" + tail,
          "deploy" + number);
      s.update(
          "INSERT INTO attempt (id, job_id, run_id, agent_id, fence, state, heard, next_event,"
              + " lease_until, leased_at) VALUES (?, ?, ?, ?, 1, 'RUNNING', 1, 0, 0, 0)",
          "att_" + tail,
          "job_" + tail,
          "run_" + tail,
          AGENT);
      return "att_" + tail;
    });
  }

  long set(SecretScope scope, String name, String value) {
    return secrets
        .set(
            scope,
            new TreeMap<>(Map.of(new SecretName(name), value.getBytes(StandardCharsets.UTF_8))),
            "usr_1",
            NOTHING)
        .getOrDefault(new SecretName(name), 0L);
  }

  SecretDelivery.Answer resolve(String attempt, String... names) {
    return resolving.resolve(new SecretDelivery.Ask(AGENT, attempt, 1, names(names)));
  }

  static Set<SecretName> names(String... names) {
    return Arrays.stream(names).map(SecretName::new).collect(Collectors.toSet());
  }

  /** What a new attempt is given of one name: the value, or why it has none. */
  String given(String name) {
    return told(resolve(attempt(), name));
  }

  static String told(SecretDelivery.Answer answer) {
    return switch (answer) {
      case SecretDelivery.Answer.Refused(var reason, var again) ->
          "refused" + (again ? " for now: " : ": ") + reason;
      case SecretDelivery.Answer.Resolved(var given, var withheld) ->
          given.isEmpty()
              ? "withheld: " + withheld.getFirst().reason()
              : new String(given.getFirst().value(), StandardCharsets.UTF_8);
    };
  }

  /** What is on record of an attempt's resolves: outcomes and reasons. */
  List<String> onRecord(String attempt) {
    return database.read(s ->
        s.list(
            "SELECT action, outcome, reasons FROM audit WHERE reasons LIKE ? ORDER BY number",
            row -> row.text("action") + " " + row.text("outcome") + " " + row.text("reasons"),
            "%" + attempt + "%"));
  }

  /** Somebody who writes the database behind Holdfast's back. */
  int sql(String sql) throws SQLException {
    String url = "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000";
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  @Override
  public void close() {
    database.close();
    keys.close();
    masters.close();
  }
}
