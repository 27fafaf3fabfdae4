package dev.holdfast.agent.secret;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.Maskable;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The outputs of one attempt that its definition calls secret: it, and not what the runner says,
 * tells them from others. Each is masked before it goes anywhere, and goes another way than other
 * outputs do.
 */
public final class SecretOutputs {
  private final Lease lease;
  private final SecretSource source;
  private final Masker masker;
  private final Set<Name> names;

  public SecretOutputs(Lease lease, SecretSource source, Masker masker) {
    this.lease = lease;
    this.source = source;
    this.masker = masker;
    this.names = lease.job().job().secretOutputs();
  }

  /** Whether the output of this name is one of them. */
  public boolean has(Name name) {
    return names.contains(name);
  }

  /**
   * Takes one.
   *
   * @throws SecretsUnavailable if it cannot be masked, or is not kept; the job must not go on
   */
  public void take(Name name, String text) throws SecretsUnavailable, InterruptedException {
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    try {
      Optional<String> unfit = Maskable.refusal(value);
      if (unfit.isPresent()) {
        throw new SecretsUnavailable(
            "the output " + name + " cannot be a secret: " + unfit.get(), false);
      }
      masker.add(List.of(value));
      source.keep(lease, name, value);
    } catch (IllegalArgumentException e) {
      throw new SecretsUnavailable(
          "the output " + name + " cannot be a secret: " + e.getMessage(), false);
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }
}
