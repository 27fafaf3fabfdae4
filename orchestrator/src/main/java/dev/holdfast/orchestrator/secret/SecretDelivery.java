package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives secrets to attempts, and keeps who was given what. Thread-safe.
 *
 * <p>Order of calls for one attempt: {@link #resolve} once, when its agent has the lease; again
 * only if the answer went missing. Then {@link #handed} for each step that names secrets, when its
 * agent says that the step was given them. An attempt that declares no secrets is not asked about.
 */
public interface SecretDelivery {
  /**
   * What an attempt is given, all of it or nothing. The answer is on record before this returns:
   * what cannot be recorded is not given. It may ask a key service or a vault, so it may take
   * seconds; never to be called within a read or a write of the database.
   *
   * @throws dev.holdfast.orchestrator.db.StoreUnavailable if it cannot be recorded now
   */
  Answer resolve(Ask ask);

  /**
   * Keeps, sealed, what a job puts out as secret. Said twice, the last counts.
   *
   * @return why it is not kept; empty once it is, and that is on record
   */
  Optional<Answer.Refused> keep(Keep keep);

  /**
   * What is to be kept.
   *
   * @param agent the id of the agent that says it, known by its token
   * @param fence the attempt's, as the agent sent it
   * @param declared whether the job's definition calls this output secret; from the plan
   * @param value for the caller to wipe
   */
  @SuppressWarnings("ArrayRecordComponent") // Carries bytes; is never compared.
  record Keep(
      String agent, String attempt, long fence, Name output, boolean declared, byte[] value) {
    @Override
    public String toString() {
      return "the secret output " + output + " of " + attempt;
    }
  }

  /**
   * Puts on record that a step was handed these secrets, in the transaction that takes the agent's
   * word for it. Said twice, it is on record once. Names that the attempt was never given are on
   * record as refused, and change nothing else.
   */
  void handed(Session session, String attempt, int step, Collection<SecretName> names, Instant at)
      throws SQLException;

  /**
   * Puts on record that an agent added a secret to a request, in the transaction that takes the
   * agent's word for it.
   */
  void used(Session session, String attempt, AttemptEvent.SecretUsed used) throws SQLException;

  /**
   * Who asks, and for what.
   *
   * @param agent the id of the agent that asks, known by its token
   * @param fence the attempt's, as the agent sent it
   * @param declared what the job declares in the definition that was cleared; read from the plan
   *     that the orchestrator keeps, never from what the agent sends
   * @param needs the keys of the jobs that it needs, from the same plan
   */
  record Ask(
      String agent, String attempt, long fence, Set<SecretName> declared, Set<String> needs) {
    public Ask {
      declared = Set.copyOf(declared);
      needs = Set.copyOf(needs);
    }

    /** Of a job that needs none. */
    public Ask(String agent, String attempt, long fence, Set<SecretName> declared) {
      this(agent, attempt, fence, declared, Set.of());
    }
  }

  /** What comes of it. */
  sealed interface Answer {
    /**
     * All that it may have.
     *
     * @param given by name; to be destroyed by whoever has sent them
     * @param withheld what was declared and is not given, with the reason; commands that name it
     *     fail
     */
    record Resolved(List<Secret> given, List<Withheld> withheld) implements Answer {
      public Resolved {
        given = List.copyOf(given);
        withheld = List.copyOf(withheld);
      }
    }

    /**
     * Nothing is given, and the job must not go on.
     *
     * @param reason one line, without any value
     * @param again whether the same may succeed later: a key service or a vault was away
     */
    record Refused(String reason, boolean again) implements Answer {}
  }

  /** A declared secret that is not given: none is set, or this run may not have it. */
  record Withheld(SecretName name, String reason) {}
}
