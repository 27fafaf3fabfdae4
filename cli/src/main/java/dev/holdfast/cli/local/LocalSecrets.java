package dev.holdfast.cli.local;

import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What jobs of one run put out as secret for later ones, in this process's memory. Nothing else is
 * there: a run by hand is given no secrets that are kept. Thread-safe.
 */
final class LocalSecrets implements SecretSource, AutoCloseable {
  private final Map<SecretName.Output, byte[]> outputs = new HashMap<>();

  @Override
  public synchronized AgentApi.Secrets ask(Lease lease) {
    var given = new ArrayList<AgentApi.GivenSecret>();
    var withheld = new ArrayList<AgentApi.WithheldSecret>();
    for (SecretName name : lease.job().job().secretNames().stream().sorted().toList()) {
      Optional<SecretName.Output> output =
          name.output().filter(one -> lease.job().needs().contains(one.job()));
      byte[] value = output.isPresent() ? outputs.get(output.get()) : null;
      if (value != null) {
        given.add(new AgentApi.GivenSecret(name, Base64.getEncoder().encodeToString(value)));
      } else {
        withheld.add(
            new AgentApi.WithheldSecret(
                name,
                name.output().isPresent()
                    ? "the job that it names put out no secret of this name"
                    : "a job that is run by hand is given no secrets"));
      }
    }
    return new AgentApi.Secrets(List.copyOf(given), List.copyOf(withheld));
  }

  @Override
  public synchronized void keep(Lease lease, Name output, byte[] value) {
    outputs.put(new SecretName.Output(output.value(), lease.job().key()), value.clone());
  }

  /** Wipes them. */
  @Override
  public synchronized void close() {
    outputs.values().forEach(value -> Arrays.fill(value, (byte) 0));
    outputs.clear();
  }
}
