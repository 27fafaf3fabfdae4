package dev.holdfast.agent.link;

import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.agent.secret.SecretsUnavailable;
import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Asks the orchestrator, for a while also if it, or what it asks itself, is away. */
public final class RemoteSecrets implements SecretSource {
  private final OrchestratorClient client;
  private final Duration patience;

  /**
   * @param patience how long to ask again
   */
  public RemoteSecrets(OrchestratorClient client, Duration patience) {
    this.client = client;
    this.patience = patience;
  }

  @Override
  public AgentApi.Secrets ask(Lease lease) throws SecretsUnavailable, InterruptedException {
    try {
      return answer(
          () -> client.secrets(lease.attempt(), lease.fence()), "the job's secrets cannot be had");
    } catch (Rejected e) {
      throw new SecretsUnavailable("the job's secrets are not given: " + e.getMessage(), e.lost());
    }
  }

  @Override
  public void keep(Lease lease, Name output, byte[] value)
      throws SecretsUnavailable, InterruptedException {
    var body = new AgentApi.SecretOutput(output, Base64.getEncoder().encodeToString(value));
    try {
      answer(
          () -> client.keep(lease.attempt(), lease.fence(), body),
          "the secret output " + output + " cannot be kept");
    } catch (Rejected e) {
      throw new SecretsUnavailable(
          "the secret output " + output + " is not kept: " + e.getMessage(), e.lost());
    }
  }

  @Override
  public Token token(Lease lease, int step, Audience audience)
      throws SecretsUnavailable, InterruptedException {
    var asked = new AgentApi.IdentityAsked(step, audience.value());
    try {
      AgentApi.Identity given =
          answer(
              () -> client.identity(lease.attempt(), lease.fence(), asked),
              "the token for " + audience + " cannot be had");
      return new Token.Made(given.token().getBytes(StandardCharsets.US_ASCII));
    } catch (Rejected e) {
      if (e.lost()) {
        throw new SecretsUnavailable(
            "the token for " + audience + " is not given: " + e.getMessage(), true);
      }
      return new Token.Refused(String.valueOf(e.getMessage()));
    }
  }

  private interface Call<T> {
    T answer() throws Unreachable, Rejected, InterruptedException;
  }

  /** Asks until there is an answer, or patience ends: then it says {@code failed}, and why. */
  private <T> T answer(Call<T> call, String failed)
      throws Rejected, SecretsUnavailable, InterruptedException {
    var backoff = new Backoff(Duration.ofSeconds(5), RandomGenerator.getDefault());
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.answer();
      } catch (Unreachable e) {
        if (System.nanoTime() - end >= 0) {
          throw new SecretsUnavailable(failed + ": " + e.getMessage(), true);
        }
        Thread.sleep(backoff.nextMillis());
      }
    }
  }
}
