package dev.holdfast.model.definition;

import dev.holdfast.model.secret.SecretName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rule for what a step says of the secrets that it is given. */
final class SecretNames {
  /** For one step. */
  private static final int MOST = 50;

  private SecretNames() {}

  static List<SecretName> checked(List<SecretName> names) {
    Texts.count("secrets of a step", names.size(), MOST);
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "the step names a secret twice, in " + names);
    }
    return List.copyOf(names);
  }

  /**
   * @param env what else the step sets
   */
  static Map<String, SecretName> checked(
      Map<String, SecretName> byVariable, Map<String, String> env) {
    Texts.count("secrets of a step", byVariable.size(), MOST);
    var blank = new LinkedHashMap<String, String>();
    byVariable.keySet().forEach(variable -> blank.put(variable, ""));
    Env.checked(blank);
    byVariable.keySet().forEach(variable -> {
      if (env.containsKey(variable)) {
        throw new IllegalArgumentException(
            "the variable " + variable + " is set by env and by secrets; remove one");
      }
    });
    return Collections.unmodifiableMap(new LinkedHashMap<>(byVariable));
  }
}
