package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.Inside;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The environment that a job's steps start with: an allowlist, built from nothing. Of the agent's
 * own environment not one name passes. The runner adds what the event and earlier jobs are.
 */
final class JobEnvironment {
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private JobEnvironment() {}

  /**
   * @param image what the job's image sets: the image knows where its programs are
   */
  static Map<String, String> of(Lease lease, Map<String, String> image, Inside inside) {
    var env = new LinkedHashMap<String, String>();
    env.put("PATH", PATH);
    env.put("LANG", "C.UTF-8");
    image.forEach((name, value) -> {
      if (!name.startsWith("HOLDFAST")) {
        env.put(name, value);
      }
    });
    env.put("HOME", inside.home());
    env.put("TMPDIR", inside.temporary());
    env.put("CI", "true");
    // Below what the job and its steps set: what a definition says, its readers can rely on.
    lease.environments().forEach(entered -> env.putAll(entered.variables()));
    if (!lease.environments().isEmpty()) {
      env.put(
          "HOLDFAST_ENVIRONMENT",
          lease.environments().stream()
              .map(entered -> entered.name().value())
              .collect(Collectors.joining(",")));
    }
    env.put("HOLDFAST", "true");
    env.put("HOLDFAST_RUN", lease.run());
    env.put("HOLDFAST_ATTEMPT", lease.attempt());
    return env;
  }
}
