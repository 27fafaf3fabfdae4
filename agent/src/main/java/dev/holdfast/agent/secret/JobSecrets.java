package dev.holdfast.agent.secret;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.use.Usable;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The values of one attempt's secrets, each until the last step that names it has it. They are
 * masked from before this is made. Thread-safe.
 */
public final class JobSecrets implements AutoCloseable {
  private final List<Step> steps;
  private final Map<SecretName, byte[]> values;
  private final Map<SecretName, Usable> usable = new TreeMap<>();
  private final Map<SecretName, String> withheld;

  private JobSecrets(
      List<Step> steps, Map<SecretName, byte[]> values, Map<SecretName, String> withheld) {
    this.steps = steps;
    this.values = values;
    this.withheld = withheld;
  }

  /**
   * Those of the attempt, asked for where its job declares any and what let it start allows it.
   *
   * @param masker that takes them out of what the job says
   * @throws SecretsUnavailable if the job must not start
   */
  public static JobSecrets of(Lease lease, SecretSource source, Masker masker)
      throws SecretsUnavailable, InterruptedException {
    Set<SecretName> declared = lease.job().job().secretNames();
    var withheld = new TreeMap<SecretName, String>();
    var values = new TreeMap<SecretName, byte[]>();
    var secrets = new JobSecrets(lease.job().job().steps(), values, withheld);
    var allowed = new TreeSet<SecretName>();
    for (SecretName name : declared) {
      // What another job of the run puts out is as trusted as the run, and nobody else's.
      if (lease.limits().secrets() || name.output().isPresent()) {
        allowed.add(name);
      } else {
        withheld.put(name, "what let the run start gives it no secrets");
      }
    }
    if (!allowed.isEmpty()) {
      try {
        secrets.fill(source.ask(lease), declared, allowed);
        masker.add(values.values());
        masker.add(secrets.usable.values().stream().map(Usable::value).toList());
      } catch (IllegalArgumentException e) {
        secrets.close();
        throw new SecretsUnavailable(
            "the job's secrets cannot be handed over: " + e.getMessage(), false);
      }
    }
    return secrets;
  }

  private void fill(AgentApi.Secrets answer, Set<SecretName> declared, Set<SecretName> allowed) {
    for (AgentApi.GivenSecret given : answer.given()) {
      check(given.name(), declared, allowed);
      values.put(given.name(), Base64.getDecoder().decode(given.base64()));
    }
    for (AgentApi.UsableSecret one : answer.usable()) {
      check(one.name(), declared, allowed);
      byte[] value = Base64.getDecoder().decode(one.base64());
      usable.put(one.name(), new Usable(value, one.use()));
      Optional<String> unfit = one.use().unfit(value);
      if (unfit.isPresent()) {
        throw new IllegalArgumentException(one.name() + ": " + unfit.get());
      }
    }
    answer.withheld().stream()
        .filter(it -> declared.contains(it.name()))
        .forEach(it -> withheld.putIfAbsent(it.name(), it.reason()));
    declared.stream()
        .filter(name -> !values.containsKey(name) && !usable.containsKey(name))
        .forEach(name -> withheld.putIfAbsent(name, "the orchestrator did not give it"));
  }

  private void check(SecretName name, Set<SecretName> declared, Set<SecretName> allowed) {
    if (!allowed.contains(name)) {
      throw new IllegalArgumentException(
          "the orchestrator gave "
              + name
              + (declared.contains(name)
                  ? ", and what let the run start gives it no secrets"
                  : ", which the job does not declare"));
    }
    if (values.containsKey(name) || usable.containsKey(name)) {
      throw new IllegalArgumentException("the orchestrator gave " + name + " twice");
    }
  }

  /**
   * What a step is given.
   *
   * @param values by name, not copied
   * @param withheld why not the others that it names
   */
  public record Given(Map<String, byte[]> values, Map<String, String> withheld) {
    /** Names what it holds, and no value. */
    @Override
    public String toString() {
      return "secrets " + values.keySet() + ", withheld " + withheld;
    }
  }

  /** What the step may have. */
  public synchronized Given given(int step) {
    var given = new LinkedHashMap<String, byte[]>();
    var without = new LinkedHashMap<String, String>();
    steps.get(step).secretNames().stream()
        .filter(name -> !usable.containsKey(name))
        .sorted()
        .forEach(name -> {
          byte[] value = values.get(name);
          if (value == null) {
            without.put(name.value(), withheld.getOrDefault(name, "it is gone"));
          } else {
            given.put(name.value(), value);
          }
        });
    return new Given(given, without);
  }

  /** What the step uses and does not hold: copies, for the caller to close. */
  public synchronized Map<SecretName, Usable> usable(int step) {
    var found = new TreeMap<SecretName, Usable>();
    for (SecretName name : steps.get(step).secretNames()) {
      Usable one = usable.get(name);
      if (one != null) {
        found.put(name, one.copy());
      }
    }
    return found;
  }

  /**
   * Why the step must not start: it is a command, which knows nothing of a variable that is not
   * there, and one of its secrets is withheld. Code is started: it can ask whether it has one.
   */
  public synchronized Optional<String> lacking(int step) {
    return lacking(steps.get(step), "secret", given(step).withheld());
  }

  /** The same of anything that a step names, {@code what} it is and what of it is withheld. */
  static Optional<String> lacking(Step step, String what, Map<?, String> withheld) {
    return switch (step) {
      case Step.Code _ -> Optional.empty();
      case Step.Command _ ->
          withheld.entrySet().stream()
              .findFirst()
              .map(missing ->
                  "it is not given the "
                      + what
                      + " "
                      + missing.getKey()
                      + ", which it names: "
                      + missing.getValue());
    };
  }

  /** The step has what it names: wipes what no later one does. */
  public synchronized void handed(int step) {
    steps.subList(0, step + 1).stream()
        .flatMap(it -> it.secretNames().stream())
        .filter(name ->
            steps.subList(step + 1, steps.size()).stream()
                .noneMatch(later -> later.secretNames().contains(name)))
        .forEach(this::wipe);
  }

  private void wipe(SecretName name) {
    byte[] value = values.remove(name);
    if (value != null) {
      Arrays.fill(value, (byte) 0);
    }
    Usable one = usable.remove(name);
    if (one != null) {
      one.close();
    }
  }

  /** Wipes what is left. */
  @Override
  public synchronized void close() {
    Set.copyOf(values.keySet()).forEach(this::wipe);
    Set.copyOf(usable.keySet()).forEach(this::wipe);
  }
}
