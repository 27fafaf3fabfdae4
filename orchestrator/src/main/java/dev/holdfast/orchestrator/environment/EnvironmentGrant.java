package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.environment.Environment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An environment that an attempt was granted.
 *
 * @param kept all that applies to it, what is kept for an organisation before what is kept for a
 *     repository; each opens the secrets that are kept for its own scope and its own name or
 *     pattern, and no others
 */
public record EnvironmentGrant(EnvironmentName name, List<Environment> kept) {
  public EnvironmentGrant {
    kept = List.copyOf(kept);
  }

  /** Its variables; what a repository says takes the place of what its organisation does. */
  public Map<String, String> variables() {
    var all = new LinkedHashMap<String, String>();
    kept.forEach(environment -> all.putAll(environment.rules().variables()));
    return all;
  }
}
