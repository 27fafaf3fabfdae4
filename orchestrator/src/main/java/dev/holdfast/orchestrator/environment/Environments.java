package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.environment.Admission;
import dev.holdfast.model.environment.Bound;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.environment.RulesText;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.seal.SigningKey;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The environments of organisations and repositories. Their rules are signed when they are set, and
 * looked at when they are read: who can write the database alone cannot let a job in, or change
 * what it finds. Thread-safe.
 */
public final class Environments {
  private static final String WHAT = "holdfast environment 1";

  /** Checking a signature takes some tenths of a millisecond; what was good stays good. */
  private static final int MOST_CHECKED = 1000;

  private static final int LONGEST_WHY = 200;

  private final SigningKey key;
  private final Set<String> checked = ConcurrentHashMap.newKeySet();

  public Environments(SigningKey key) {
    this.key = key;
  }

  /** All that are kept for {@code scope}, what says more first. */
  public List<Kept> list(Session session, EnvironmentScope scope) throws SQLException {
    return session
        .list(
            "SELECT * FROM environment WHERE scope = ?", row -> kept(row, scope.key()), scope.key())
        .stream()
        .sorted(Comparator.comparing(Kept::name))
        .toList();
  }

  /** The one that is kept for exactly this. */
  public Optional<Kept> find(Session session, EnvironmentScope scope, EnvironmentPattern name)
      throws SQLException {
    return session.first(
        "SELECT * FROM environment WHERE scope = ? AND name = ?",
        row -> kept(row, scope.key()),
        scope.key(),
        name.value());
  }

  /** Sets the rules of one; a lock stays. */
  public void set(
      Session session,
      EnvironmentScope scope,
      EnvironmentPattern name,
      EnvironmentRules rules,
      String by,
      Instant now)
      throws SQLException {
    String body = Records.write(EnvironmentRules.class, rules);
    session.update(
        "INSERT INTO environment (scope, name, body, signature, set_by, set_at) VALUES (?, ?, ?, ?,"
            + " ?, ?) ON CONFLICT (scope, name) DO UPDATE SET body = excluded.body, signature ="
            + " excluded.signature, set_by = excluded.set_by, set_at = excluded.set_at",
        scope.key(),
        name.value(),
        body,
        Signatures.sign(key.secret(), signed(scope.key(), name.value(), body)),
        by,
        now);
  }

  /** Takes one away. Answers false if there is none. */
  public boolean remove(Session session, EnvironmentScope scope, EnvironmentPattern name)
      throws SQLException {
    return session.update(
            "DELETE FROM environment WHERE scope = ? AND name = ?", scope.key(), name.value())
        > 0;
  }

  /**
   * Lets nothing new start there.
   *
   * @param by their name
   * @throws UnknownId if there is none
   * @throws Conflict if it is locked
   */
  public void lock(
      Session session,
      EnvironmentScope scope,
      EnvironmentPattern name,
      String by,
      String why,
      Instant now)
      throws SQLException {
    if (why.isBlank() || why.length() > LONGEST_WHY || why.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException(
          "why: say it in one line of 1 to " + LONGEST_WHY + " characters");
    }
    Optional<Environment.Lock> before = existing(session, scope, name).lock();
    if (before.isPresent()) {
      throw new Conflict(
          "the environment "
              + name
              + " is locked by "
              + before.get().by()
              + " since "
              + before.get().since()
              + ": "
              + before.get().why());
    }
    session.update(
        "UPDATE environment SET locked_by = ?, locked_why = ?, locked_at = ? WHERE scope = ? AND"
            + " name = ?",
        by,
        why,
        now,
        scope.key(),
        name.value());
  }

  /**
   * Lets jobs in again. Answers false if it was not locked.
   *
   * @throws UnknownId if there is none
   */
  public boolean unlock(Session session, EnvironmentScope scope, EnvironmentPattern name)
      throws SQLException {
    var _ = existing(session, scope, name);
    return session.update(
            "UPDATE environment SET locked_by = NULL, locked_why = NULL, locked_at = NULL WHERE"
                + " scope = ? AND name = ? AND locked_at IS NOT NULL",
            scope.key(),
            name.value())
        > 0;
  }

  private Kept existing(Session session, EnvironmentScope scope, EnvironmentPattern name)
      throws SQLException {
    return find(session, scope, name)
        .orElseThrow(() -> new UnknownId("there is no environment " + name));
  }

  /**
   * All that applies to a name in a repository: of what is kept for its organisation the one that
   * says most, then the same of what is kept for itself. Absent if there is neither.
   */
  public Lookup<List<Environment>> resolve(Session session, String repository, EnvironmentName name)
      throws SQLException {
    var scopes = new ArrayList<EnvironmentScope>();
    Organisations.of(session, repository)
        .ifPresent(organisation -> scopes.add(new EnvironmentScope.OfOrganisation(organisation)));
    scopes.add(new EnvironmentScope.OfRepository(repository));
    var found = new ArrayList<Environment>();
    for (EnvironmentScope scope : scopes) {
      Optional<Kept> closest =
          list(session, scope).stream().filter(kept -> kept.name().matches(name)).findFirst();
      if (closest.isPresent()) {
        Kept kept = closest.get();
        if (!(kept.rules() instanceof Lookup.Known<EnvironmentRules>(var rules))) {
          return new Lookup.Failed<>(
              kept.rules() instanceof Lookup.Failed<EnvironmentRules>(var why)
                  ? why
                  : "it is gone");
        }
        found.add(new Environment(name, kept.name(), scope.key(), rules, kept.lock()));
      }
    }
    return found.isEmpty() ? new Lookup.Absent<>() : new Lookup.Known<>(List.copyOf(found));
  }

  /** Whether each of these jobs that asks for environments may run in them. */
  public Map<Name, Admission> admissions(
      Session session,
      String repository,
      List<Job> jobs,
      Happening happening,
      Trust trust,
      Policy policy)
      throws SQLException {
    var admissions = new LinkedHashMap<Name, Admission>();
    for (Job job : jobs) {
      if (!job.environments().isEmpty()) {
        admissions.put(job.name(), admission(session, repository, job, happening, trust, policy));
      }
    }
    return admissions;
  }

  /** Whether a job may run in the environments that it asks for. */
  public Admission admission(
      Session session, String repository, Job job, Happening happening, Trust trust, Policy policy)
      throws SQLException {
    return switch (Bound.of(job, happening)) {
      case Bound.Nameless(var why) -> new Admission.Refused(List.of(why));
      case Bound.To(var names) -> {
        var wanted = new ArrayList<Admission.Wanted>();
        for (EnvironmentName name : names) {
          wanted.add(new Admission.Wanted(name, resolve(session, repository, name)));
        }
        yield Admission.of(wanted, happening, trust, policy);
      }
    };
  }

  private Kept kept(Row row, String scope) throws SQLException {
    String name = row.text("name");
    Optional<Instant> locked = row.maybeTime("locked_at");
    return new Kept(
        new EnvironmentPattern(name),
        rules(scope, name, row.text("body"), row.text("signature")),
        row.text("set_by"),
        row.time("set_at"),
        locked.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Environment.Lock(
                    row.maybeText("locked_by").orElse("somebody"),
                    row.maybeText("locked_why").orElse("no reason was given"),
                    locked.get())));
  }

  private Lookup<EnvironmentRules> rules(String scope, String name, String body, String signature) {
    byte[] signed = signed(scope, name, body);
    String mark = signature + new String(signed, StandardCharsets.UTF_8);
    if (!checked.contains(mark)) {
      if (!Signatures.good(key.open(), signed, signature)) {
        return new Lookup.Failed<>(
            "it is not what was set: somebody else wrote into the database; look who can, and set"
                + " it anew");
      }
      if (checked.size() >= MOST_CHECKED) {
        checked.clear();
      }
      checked.add(mark);
    }
    try {
      return switch (RulesText.read(JsonText.parse(body))) {
        case RulesText.Read.Good(var rules) -> new Lookup.Known<>(rules);
        case RulesText.Read.Bad(var problems) ->
            new Lookup.Failed<>(String.join("; ", problems) + "; set it anew");
      };
    } catch (MalformedJson e) {
      return new Lookup.Failed<>(e.getMessage() + "; set it anew");
    }
  }

  /** Every field says how long it is, so that no two environments have the same bytes. */
  private static byte[] signed(String scope, String name, String body) {
    var text = new StringBuilder();
    for (String field : List.of(WHAT, scope, name, body)) {
      text.append(field.length()).append(':').append(field).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
