package dev.holdfast.agent.secret;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.List;

/**
 * Where an attempt's secrets come from. Asked once, before the job's first step, and not at all for
 * a job that declares none. Thread-safe.
 */
public interface SecretSource {
  /**
   * What the job may have of what it declares. May take minutes, where what holds the values is
   * away.
   *
   * @throws SecretsUnavailable if the job must not start
   */
  AgentApi.Secrets ask(Lease lease) throws SecretsUnavailable, InterruptedException;

  /**
   * A token by which a step shows others what its job is. Asked for when the step starts, and for
   * no step that does not name {@code audience}. May take a minute.
   *
   * @throws SecretsUnavailable if it cannot be had now
   */
  default Token token(Lease lease, int step, Audience audience)
      throws SecretsUnavailable, InterruptedException {
    return new Token.Refused("a job that is run by hand is nobody to others");
  }

  /**
   * Keeps an output that the job's definition calls secret, for jobs of the same run that name it.
   * Said twice, the last counts. May take a minute.
   *
   * @param value for the caller to wipe
   * @throws SecretsUnavailable if it is not kept
   */
  default void keep(Lease lease, Name output, byte[] value)
      throws SecretsUnavailable, InterruptedException {
    throw new SecretsUnavailable("nothing here keeps secret outputs", false);
  }

  /** What comes of asking for a token. */
  sealed interface Token {
    /** It, for whoever asked to wipe. */
    record Made(byte[] value) implements Token {
      @Override
      public String toString() {
        return "Made";
      }
    }

    /** There is none, and the step goes on without. */
    record Refused(String why) implements Token {}
  }

  /** For jobs of one's own, which no orchestrator sends: none is there. */
  static SecretSource none() {
    return lease ->
        new AgentApi.Secrets(
            List.of(),
            lease.job().job().secretNames().stream()
                .sorted()
                .map(name ->
                    new AgentApi.WithheldSecret(
                        name, "a job that is run by hand is given no secrets"))
                .toList());
  }
}
