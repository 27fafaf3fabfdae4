package dev.holdfast.agent.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.channel.SecretValues;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens of the one step that starts, by which it shows others what its job is. They are asked
 * for then and not before, masked before anybody has them, and wiped once they are handed over.
 */
public final class StepTokens implements AutoCloseable {
  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final Map<Audience, String> withheld = new LinkedHashMap<>();

  private StepTokens() {}

  /**
   * Those that the step names.
   *
   * @throws SecretsUnavailable if the step must not start
   */
  public static StepTokens of(Lease lease, int step, SecretSource source, Masker masker)
      throws SecretsUnavailable, InterruptedException {
    var tokens = new StepTokens();
    List<Audience> audiences =
        lease.job().job().steps().get(step).audiences().stream().sorted().toList();
    boolean made = false;
    try {
      for (Audience audience : audiences) {
        String name = SecretValues.token(audience.value());
        switch (lease.limits().secrets()
            ? source.token(lease, step, audience)
            : new SecretSource.Token.Refused("what let the run start gives it no secrets")) {
          case SecretSource.Token.Made(byte[] value) -> {
            tokens.values.put(name, value);
            mask(masker, value);
          }
          case SecretSource.Token.Refused(String why) -> tokens.withheld.put(audience, why);
        }
      }
      made = true;
      return tokens;
    } catch (IllegalArgumentException e) {
      throw new SecretsUnavailable(
          "the step's token cannot be handed over: " + e.getMessage(), false);
    } finally {
      if (!made) {
        tokens.close();
      }
    }
  }

  /** What it is signed with alone as well: the rest of it says what everybody may know. */
  private static void mask(Masker masker, byte[] token) {
    int dot = token.length;
    while (dot > 0 && token[dot - 1] != '.') {
      dot--;
    }
    if (dot == 0 || !new String(token, US_ASCII).matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2}")) {
      throw new IllegalArgumentException("it is not of the form that tokens have");
    }
    masker.add(List.of(token, Arrays.copyOfRange(token, dot, token.length)));
  }

  /** By their names among the step's secrets; not copied. */
  public Map<String, byte[]> values() {
    return values;
  }

  /** Why not the others that the step names. */
  public Map<Audience, String> withheld() {
    return withheld;
  }

  /** Why the step must not start without, as {@link JobSecrets#lacking} says of its secrets. */
  public Optional<String> lacking(Step step) {
    return JobSecrets.lacking(step, "token for", withheld);
  }

  /** Wipes them. */
  @Override
  public void close() {
    values.values().forEach(value -> Arrays.fill(value, (byte) 0));
    values.clear();
  }
}
