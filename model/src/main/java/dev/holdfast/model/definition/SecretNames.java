package dev.holdfast.model.definition;

import dev.holdfast.model.secret.SecretName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules for what a step says of the secrets and tokens that it is given. */
final class SecretNames {
  /** For one step. */
  private static final int MOST = 50;

  /** Each is asked for when the step starts, and has it wait. */
  private static final int MOST_AUDIENCES = 5;

  private SecretNames() {}

  static List<SecretName> checked(List<SecretName> names) {
    Texts.count("secrets of a step", names.size(), MOST);
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("the step names a secret twice, in " + names);
    }
    return List.copyOf(names);
  }

  /**
   * @param env what else the step sets
   */
  static Map<String, SecretName> checked(
      Map<String, SecretName> byVariable, Map<String, String> env) {
    Texts.count("secrets of a step", byVariable.size(), MOST);
    variables(byVariable, env, "env and by secrets");
    return Collections.unmodifiableMap(new LinkedHashMap<>(byVariable));
  }

  static List<Name> outputs(List<Name> outputs) {
    Texts.count("secret outputs of a step", outputs.size(), MOST);
    if (outputs.stream().distinct().count() < outputs.size()) {
      throw new IllegalArgumentException("the step names a secret output twice, in " + outputs);
    }
    return List.copyOf(outputs);
  }

  static List<Audience> audiences(List<Audience> audiences) {
    Texts.count("tokens of a step", audiences.size(), MOST_AUDIENCES);
    if (audiences.stream().distinct().count() < audiences.size()) {
      throw new IllegalArgumentException(
          "the step asks twice for a token for the same, in " + audiences);
    }
    return List.copyOf(audiences);
  }

  /**
   * @param env what else the step sets
   * @param secrets what else it is given
   */
  static Map<String, Audience> audiences(
      Map<String, Audience> byVariable, Map<String, String> env, Map<String, SecretName> secrets) {
    audiences(List.copyOf(byVariable.values()));
    variables(byVariable, env, "env and by identity");
    variables(byVariable, secrets, "secrets and by identity");
    return Collections.unmodifiableMap(new LinkedHashMap<>(byVariable));
  }

  private static void variables(Map<String, ?> byVariable, Map<String, ?> others, String both) {
    var blank = new LinkedHashMap<String, String>();
    byVariable.keySet().forEach(variable -> blank.put(variable, ""));
    Env.checked(blank);
    byVariable
        .keySet()
        .forEach(variable -> {
          if (others.containsKey(variable)) {
            throw new IllegalArgumentException(
                "the variable " + variable + " is set by " + both + "; remove one");
          }
        });
  }
}
