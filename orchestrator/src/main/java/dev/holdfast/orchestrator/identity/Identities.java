package dev.holdfast.orchestrator.identity;

import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.environment.EnvironmentGrant;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.Entering;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.seal.Seal;
import dev.holdfast.orchestrator.taint.Standing;
import dev.holdfast.orchestrator.taint.Taint;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Gives the step that starts the tokens that its definition asks for. What its job is, is found out
 * twice: before the token is signed, and again in the transaction that records it. Thread-safe.
 */
public final class Identities {
  private static final int MOST_TRIES = 5;

  /** An answer goes missing now and then; an agent that asks on and on would fill the log. */
  private static final int MOST_ASKED = 500;

  private final Database database;
  private final Repositories repositories;
  private final Attempts attempts;
  private final Taint taint;
  private final Clearances clearances;
  private final Entering entering;
  private final Issuer issuer;

  public Identities(
      Database database,
      Repositories repositories,
      Attempts attempts,
      Taint taint,
      Clearances clearances,
      Entering entering,
      Issuer issuer) {
    this.database = database;
    this.repositories = repositories;
    this.attempts = attempts;
    this.taint = taint;
    this.clearances = clearances;
    this.entering = entering;
    this.issuer = issuer;
  }

  /**
   * An agent asks for a token.
   *
   * @param agent who asks, known by its token
   * @param fence the attempt's, as the agent sent it
   */
  public record Ask(
      Agent agent, String attempt, long fence, AgentApi.IdentityAsked of, String from) {}

  /** What asking for a token comes to; each is on record before it is answered. */
  public sealed interface Answer {
    /** Not to be logged. */
    record Minted(String token, Instant until) implements Answer {
      @Override
      public String toString() {
        return "Minted[until=" + until + "]";
      }
    }

    /**
     * There is none.
     *
     * @param lost whether the attempt is not the agent's any more
     */
    record Refused(String why, boolean lost) implements Answer {}
  }

  /** What was found of who asks. */
  private sealed interface Found {
    record Is(JobIdentity who) implements Found {}

    record Not(String why, boolean lost) implements Found {}
  }

  /**
   * A token that says what the attempt's job is, for the step that is about to start.
   *
   * @throws UnknownId if there is no such attempt
   */
  public Answer mint(Ask ask) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      switch (database.read(s -> find(s, ask))) {
        case Found.Not(String why, boolean lost) -> {
          return refused(ask, why, lost);
        }
        case Found.Is(JobIdentity who) -> {
          Issuer.Signed signed;
          try {
            signed = issuer.sign(who, ask.of().audience());
          } catch (Seal.Broken e) {
            return refused(ask, String.valueOf(e.getMessage()), false);
          }
          boolean recorded =
              database.write(s -> {
                boolean same = find(s, ask).equals(new Found.Is(who));
                if (same) {
                  issuer.minted(s, ask, who, signed);
                }
                return same;
              });
          if (recorded) {
            return new Answer.Minted(signed.token(), signed.until());
          }
        }
      }
    }
    throw new Conflict("what the job is changes all the time; try again");
  }

  private Answer refused(Ask ask, String why, boolean lost) {
    database.write(s -> {
      issuer.refused(s, ask, why);
      return true;
    });
    return new Answer.Refused(why, lost);
  }

  private Found find(Session session, Ask ask) throws SQLException {
    Attempt attempt = attempts.find(session, ask.attempt());
    if (!attempt.agent().equals(ask.agent().id())
        || attempt.fence() != ask.fence()
        || attempt.state().over()) {
      return new Found.Not(
          "the attempt is over, or has another agent or fence than the agent "
              + ask.agent().id()
              + " with fence "
              + ask.fence(),
          true);
    }
    if (Issuer.asked(session, ask.attempt()) >= MOST_ASKED) {
      // Said and not recorded: it is on record that it asked so often.
      throw new Conflict("the agent asked " + MOST_ASKED + " times for tokens of this attempt");
    }
    Standing standing;
    try {
      standing = taint.of(session, ask.attempt());
    } catch (Conflict e) {
      return no(String.valueOf(e.getMessage()));
    }
    List<Step> steps = standing.job().job().steps();
    if (ask.of().step() >= steps.size()) {
      return no("the job " + standing.job().key() + " has no step " + ask.of().step());
    }
    Step step = steps.get(ask.of().step());
    if (step.audiences().stream().noneMatch(a -> a.value().equals(ask.of().audience()))) {
      return no(
          "the step "
              + Quote.of(step.name())
              + " does not ask for a token for "
              + Quote.of(ask.of().audience())
              + " in its definition; add it there, where reviewers see it");
    }
    if (begun(session, ask)) {
      return no(
          "the step "
              + Quote.of(step.name())
              + " has started or is over; a token is given when it starts");
    }
    return allowed(session, ask, standing, step);
  }

  private Found allowed(Session session, Ask ask, Standing standing, Step step)
      throws SQLException {
    boolean secrets =
        clearances
            .limits(session, standing.run().id(), standing.job().job().name())
            .filter(Limits::secrets)
            .isPresent();
    if (!secrets) {
      return no("what let it start says that it gets no secrets, and so no token");
    }
    if (issuer.address().isEmpty()) {
      return no(
          "this Holdfast does not know where others find it; start the server with --public-url");
    }
    JobIdentity who = of(session, ask, standing, step);
    Optional<String> refusal = who.refusal();
    return refusal.isPresent() ? no(refusal.get()) : new Found.Is(who);
  }

  private JobIdentity of(Session session, Ask ask, Standing standing, Step step)
      throws SQLException {
    Repository repository =
        repositories
            .byId(standing.run().repository())
            .orElseThrow(
                () -> new UnknownId("there is no repository " + standing.run().repository()));
    return new JobIdentity(
        repository.id(),
        repository.name(),
        standing.event().happening(),
        new Name(standing.run().workflow()),
        standing.definition().value(),
        standing.job().key(),
        step.name(),
        entering.granted(session, standing.attempt()).stream().map(EnvironmentGrant::name).toList(),
        standing.trust(),
        ask.agent().backend().tier(),
        standing.run().id(),
        standing.run().number(),
        standing.attempt().fence(),
        Taint.usedLowerTrust(session, standing));
  }

  private static Found no(String why) {
    return new Found.Not(why, false);
  }

  /** Agents tell of a start after what it was given. */
  private static boolean begun(Session session, Ask ask) throws SQLException {
    return session
        .first(
            "SELECT 1 FROM step WHERE attempt_id = ? AND position >= ?",
            row -> true,
            ask.attempt(),
            ask.of().step())
        .isPresent();
  }
}
