package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.DataKeys;
import dev.holdfast.orchestrator.seal.KeysUnavailable;
import dev.holdfast.orchestrator.seal.Seal;
import dev.holdfast.orchestrator.vault.Vault;
import dev.holdfast.orchestrator.vault.VaultFailed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds what an attempt may have, opens it, and gives it once that is on record. What may be had is
 * looked at twice: before anything is opened, and again in the transaction that records it. If it
 * is not the same any more, all of it is done anew. Thread-safe.
 */
public final class Resolving implements SecretDelivery {
  static final String ACTOR = "holdfast";
  private static final String RESOLVE = "secret.resolve";
  private static final int MOST_TRIES = 5;

  /** An answer goes missing now and then; an agent that asks on and on would fill the log. */
  private static final int MOST_ASKED = 20;

  private final Database database;
  private final DataKeys keys;
  private final Vaults vaults;
  private final Entitled entitled;
  private final Fit fit;
  private final Audit audit;
  private final InstantSource clock;
  private final KeptOutputs outputs;

  public Resolving(
      Database database,
      DataKeys keys,
      Vaults vaults,
      Entitled entitled,
      Fit fit,
      Audit audit,
      InstantSource clock) {
    this.database = database;
    this.keys = keys;
    this.vaults = vaults;
    this.entitled = entitled;
    this.fit = fit;
    this.audit = audit;
    this.clock = clock;
    this.outputs = new KeptOutputs(database, new SealedOutputs(keys), fit, audit, clock);
  }

  /** An attempt, as far as secrets go. */
  private record Asking(
      String attempt,
      String run,
      String job,
      String agent,
      long fence,
      boolean over,
      String repository,
      Optional<Name> organisation) {
    static Asking of(Row row) throws SQLException {
      return new Asking(
          row.text("id"),
          row.text("run_id"),
          row.text("job_key"),
          row.text("agent_id"),
          row.number("fence"),
          !List.of("LEASED", "RUNNING").contains(row.text("state")),
          row.text("repository_id"),
          row.maybeText("organisation").map(Name::new));
    }
  }

  /** What it comes to, before anything is opened; the same twice means that nothing changed. */
  private record Plan(
      Asking asking,
      List<SecretRow> rows,
      List<KeptOutputs.Kept> outputs,
      List<Withheld> withheld,
      Optional<String> refused) {}

  /** It cannot be given, and nothing else is then. */
  private static final class NotGiven extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean again;

    NotGiven(String reason, boolean again) {
      super(reason);
      this.again = again;
    }
  }

  @Override
  public Answer resolve(Ask ask) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Plan plan = database.read(s -> plan(s, ask));
      if (plan.refused().isPresent()) {
        return refuse(plan.asking(), plan.refused().get(), false);
      }
      var opened = new ArrayList<Secret>();
      boolean given = false;
      try {
        for (SecretRow row : plan.rows()) {
          opened.add(open(row));
        }
        for (KeptOutputs.Kept kept : plan.outputs()) {
          opened.add(open(kept, plan.asking()));
        }
        given = database.write(s -> record(s, ask, plan, opened));
        if (given) {
          return new Answer.Resolved(opened, plan.withheld());
        }
      } catch (NotGiven e) {
        return refuse(plan.asking(), String.valueOf(e.getMessage()), e.again);
      } finally {
        if (!given) {
          opened.forEach(Secret::close);
        }
      }
    }
    return new Answer.Refused("what the job may have changes all the time; try again", true);
  }

  private Plan plan(Session session, Ask ask) throws SQLException {
    Asking asking =
        session
            .first(
                "SELECT attempt.id, attempt.run_id, job.job_key, attempt.agent_id, attempt.fence,"
                    + " attempt.state, run.repository_id, repository.organisation FROM attempt JOIN"
                    + " job ON job.id = attempt.job_id JOIN run ON run.id = attempt.run_id JOIN"
                    + " repository ON repository.id = run.repository_id WHERE attempt.id = ?",
                Asking::of,
                ask.attempt())
            .orElse(
                new Asking(
                    ask.attempt(), ask.attempt(), "", ask.agent(), 0, true, "", Optional.empty()));
    if (asking.over() || !asking.agent().equals(ask.agent()) || asking.fence() != ask.fence()) {
      return refused(
          asking,
          "the attempt is over, or has another agent or fence than the agent "
              + ask.agent()
              + " with fence "
              + ask.fence());
    }
    if (asked(session, ask.attempt()) >= MOST_ASKED) {
      return refused(asking, "its agent asked " + MOST_ASKED + " times; more is not answered");
    }
    Entitled.Entitlement may = entitled.of(session, ask.attempt());
    List<SecretScope> scopes = may.none().isPresent() ? List.of() : scopes(asking, may);
    var rows = new ArrayList<SecretRow>();
    var kept = new ArrayList<KeptOutputs.Kept>();
    var withheld = new ArrayList<Withheld>();
    for (SecretName name : new TreeSet<>(ask.declared())) {
      if (name.output().isPresent()) {
        // Of this very run, whoever it is trusted by: no other run is looked at.
        SecretName.Output output = name.output().get();
        if (!ask.needs().contains(output.job())) {
          withheld.add(new Withheld(name, "its job does not need the job " + output.job()));
          continue;
        }
        Optional<KeptOutputs.Kept> one =
            KeptOutputs.find(session, asking.repository(), asking.run(), name, output);
        one.ifPresentOrElse(
            kept::add,
            () ->
                withheld.add(
                    new Withheld(
                        name,
                        "the job "
                            + output.job()
                            + " put out no secret of this name in its last try")));
        continue;
      }
      Optional<SecretRow> found = find(session, scopes, name);
      if (found.isEmpty()) {
        withheld.add(new Withheld(name, why(may)));
      } else if (found.get().sealed().isEmpty()) {
        withheld.add(new Withheld(name, "its newest version was purged; set it anew"));
      } else {
        rows.add(found.get());
      }
    }
    return new Plan(asking, rows, kept, withheld, Optional.empty());
  }

  private static Plan refused(Asking asking, String why) {
    return new Plan(asking, List.of(), List.of(), List.of(), Optional.of(why));
  }

  private static String why(Entitled.Entitlement may) {
    if (may.none().isPresent()) {
      return may.none().get();
    }
    if (may.trusted()) {
      return "none of this name is set for its environments, its repository or its organisation;"
          + " set it there by `holdfast secret set`";
    }
    return may.environments().isEmpty()
        ? "its code is not trusted, and nobody granted it an environment for that commit; have the"
            + " job name the environment that has it, and somebody release the job"
        : "its code is not trusted, and none of this name is set for the environments that it was"
            + " granted; set it for one of them by `holdfast secret set --environment`";
  }

  /** The strongest first. */
  private static List<SecretScope> scopes(Asking asking, Entitled.Entitlement may) {
    var ofRepository = new SecretScope.OfRepository(asking.repository());
    var wide = new ArrayList<SecretScope>();
    asking.organisation().ifPresent(name -> wide.add(new SecretScope.OfOrganisation(name)));
    wide.add(ofRepository);
    var weakestFirst = new ArrayList<SecretScope>();
    if (may.trusted()) {
      weakestFirst.addAll(wide);
    }
    // Only those that are the repository's or its organisation's, whatever was granted.
    may.environments().stream()
        .filter(one -> wide.contains(one.within()))
        .forEach(weakestFirst::add);
    return weakestFirst.reversed();
  }

  private static Optional<SecretRow> find(
      Session session, List<SecretScope> scopes, SecretName name) throws SQLException {
    for (SecretScope scope : scopes) {
      Optional<SecretRow> row = SecretRow.newest(session, scope, name);
      if (row.isPresent() && row.get().removed().isEmpty()) {
        return row;
      }
    }
    return Optional.empty();
  }

  private Secret open(KeptOutputs.Kept kept, Asking asking) throws NotGiven {
    try {
      return new Secret(
          kept.name(),
          new SecretScope.OfRepository(asking.repository()),
          kept.fence(),
          outputs.open(kept),
          Optional.empty());
    } catch (Seal.Broken e) {
      throw new NotGiven(kept.described() + " is not given: " + e.getMessage(), false);
    } catch (KeysUnavailable e) {
      throw new NotGiven(kept.described() + " is not given: " + e.getMessage(), true);
    }
  }

  private Secret open(SecretRow row) throws NotGiven {
    byte[] sealed;
    try {
      sealed = keys.open(row.scope(), row.place(), row.sealed().orElseThrow());
    } catch (Seal.Broken e) {
      throw new NotGiven(row.described() + " is not given: " + e.getMessage(), false);
    } catch (KeysUnavailable e) {
      throw new NotGiven(row.described() + " is not given: " + e.getMessage(), true);
    }
    try {
      SecretScope scope = SecretScope.of(row.scope());
      return switch (Content.of(sealed)) {
        case Content.Value(var bytes) ->
            new Secret(row.name(), scope, row.version(), bytes.get(), Optional.empty());
        case Content.InVault reference ->
            new Secret(row.name(), scope, row.version(), read(row, reference), Optional.empty());
        case Content.ForUse(var use, var bytes) ->
            new Secret(row.name(), scope, row.version(), bytes.get(), Optional.of(use));
      };
    } finally {
      Arrays.fill(sealed, (byte) 0);
    }
  }

  private byte[] read(SecretRow row, Content.InVault reference) throws NotGiven {
    Vault vault =
        vaults
            .named(reference.vault().value())
            .orElseThrow(() ->
                new NotGiven(
                    row.described()
                        + " is not given: this server knows no vault "
                        + reference.vault()
                        + "; write it into the file about keys",
                    false));
    byte[] value;
    try {
      value =
          vault
              .field(reference.mount(), reference.path(), reference.field())
              .getBytes(StandardCharsets.UTF_8);
    } catch (VaultFailed e) {
      throw new NotGiven(
          row.described() + " is not given: " + e.line(), e.kind() == VaultFailed.Kind.AWAY);
    }
    Optional<String> problem =
        value.length > Secrets.MOST_BYTES
            ? Optional.of("it is over " + Secrets.MOST_BYTES / 1024 + " KiB")
            : fit.problem(value);
    if (problem.isPresent()) {
      // What could not be masked is not given, wherever it comes from.
      Arrays.fill(value, (byte) 0);
      throw new NotGiven(
          row.described() + " is not given: what the vault has is no secret: " + problem.get(),
          false);
    }
    return value;
  }

  /** Whether it is still as it was planned; then it is on record with this. */
  private boolean record(Session s, Ask ask, Plan plan, List<Secret> opened) throws SQLException {
    if (!plan(s, ask).equals(plan)) {
      return false;
    }
    Instant now = clock.instant();
    count(s, ask.attempt());
    var reasons = new ArrayList<String>();
    reasons.add(about(plan.asking()));
    for (SecretRow row : plan.rows()) {
      given(s, ask, row.name(), row.version(), row.scope(), now);
      reasons.add("given " + row.described());
    }
    for (Secret secret : opened) {
      secret
          .use()
          .ifPresent(
              use -> reasons.add(secret.name() + " is given for use alone: " + use.described()));
    }
    for (KeptOutputs.Kept kept : plan.outputs()) {
      String scope = new SecretScope.OfRepository(plan.asking().repository()).text();
      given(s, ask, kept.name(), kept.fence(), scope, now);
      reasons.add("given " + kept.described());
    }
    for (Withheld one : plan.withheld()) {
      reasons.add("withheld " + one.name() + ": " + one.reason());
    }
    boolean nothing =
        plan.rows().isEmpty() && plan.outputs().isEmpty() && !plan.withheld().isEmpty();
    audit.record(
        s,
        new Audit.Entry(
            ACTOR,
            RESOLVE,
            plan.asking().run(),
            Optional.empty(),
            nothing ? Audit.Outcome.REFUSED : Audit.Outcome.DONE,
            reasons));
    return true;
  }

  private static void given(
      Session s, Ask ask, SecretName name, long version, String scope, Instant now)
      throws SQLException {
    s.update(
        "INSERT INTO secret_given (attempt_id, name, version, scope, given_at) VALUES (?, ?, ?,"
            + " ?, ?) ON CONFLICT DO NOTHING",
        ask.attempt(),
        name.value(),
        version,
        scope,
        now);
  }

  @Override
  public Optional<Answer.Refused> keep(Keep keep) {
    return outputs.keep(keep);
  }

  private Answer refuse(Asking asking, String why, boolean again) {
    database.write(s -> {
      // Beyond the bound it is on record once, and no more.
      if (asking.job().isEmpty() || count(s, asking.attempt()) <= MOST_ASKED + 1) {
        audit.record(
            s,
            new Audit.Entry(
                ACTOR,
                RESOLVE,
                asking.run(),
                Optional.empty(),
                Audit.Outcome.REFUSED,
                List.of(about(asking), why)));
      }
      return true;
    });
    return new Answer.Refused(why, again);
  }

  private static String about(Asking asking) {
    return "job " + asking.job() + ", attempt " + asking.attempt() + ", agent " + asking.agent();
  }

  private static long asked(Session session, String attempt) throws SQLException {
    return session
        .first(
            "SELECT times FROM secret_asked WHERE attempt_id = ?",
            row -> row.number("times"),
            attempt)
        .orElse(0L);
  }

  private static long count(Session session, String attempt) throws SQLException {
    session.update(
        "INSERT INTO secret_asked (attempt_id, times) VALUES (?, 1) ON CONFLICT (attempt_id) DO"
            + " UPDATE SET times = times + 1",
        attempt);
    return asked(session, attempt);
  }

  @Override
  public void used(Session session, String attempt, AttemptEvent.SecretUsed used)
      throws SQLException {
    audit.record(session, UseOnRecord.of(session, attempt, used));
  }

  @Override
  public void handed(
      Session session, String attempt, int step, Collection<SecretName> names, Instant at)
      throws SQLException {
    String run = Given.to(session, attempt);
    for (SecretName name : new TreeSet<>(names)) {
      boolean given = Given.was(session, attempt, name);
      boolean anew =
          !given
              || session.update(
                      "INSERT INTO secret_handed (attempt_id, step, name, handed_at) VALUES (?, ?,"
                          + " ?, ?) ON CONFLICT DO NOTHING",
                      attempt,
                      step,
                      name.value(),
                      at)
                  > 0;
      if (anew) {
        audit.record(
            session,
            new Audit.Entry(
                ACTOR,
                "secret.deliver",
                run,
                Optional.empty(),
                given ? Audit.Outcome.DONE : Audit.Outcome.REFUSED,
                List.of(
                    "step "
                        + step
                        + " of attempt "
                        + attempt
                        + ": "
                        + name
                        + (given ? "" : ", which the attempt was never given"))));
      }
    }
  }
}
