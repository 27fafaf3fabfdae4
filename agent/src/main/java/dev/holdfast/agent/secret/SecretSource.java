package dev.holdfast.agent.secret;

import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.List;

/** Where an attempt's secrets come from. Asked once, before the job's first step, and not at all
 * for a job that declares none. Thread-safe. */
public interface SecretSource {
  /**
   * What the job may have of what it declares. May take minutes, where what holds the values is
   * away.
   *
   * @throws SecretsUnavailable if the job must not start
   */
  AgentApi.Secrets ask(Lease lease) throws SecretsUnavailable, InterruptedException;

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
