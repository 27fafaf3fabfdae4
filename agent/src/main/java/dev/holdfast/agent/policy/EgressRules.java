package dev.holdfast.agent.policy;

import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Rule;
import dev.holdfast.agent.egress.rule.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The network's part of an agent's policy, {@code egress} in {@code agent.yaml}, as rules. */
public final class EgressRules {
  private EgressRules() {}

  /**
   * @throws BadRule if a part is not understood; it says which
   */
  public static EgressPolicy of(AgentPolicy policy) {
    if (policy.egress().isEmpty()) {
      return EgressPolicy.standard();
    }
    known("egress", policy.egress(), Set.of("internal-zones", "parts", "registries"));
    var parts = new ArrayList<EgressPolicy.Part>();
    List<?> listed = list("egress.parts", policy.egress().get("parts"));
    for (int i = 0; i < listed.size(); i++) {
      String place = "egress.parts[" + i + "]";
      if (!(listed.get(i) instanceof Map<?, ?> part)) {
        throw new BadRule(place + " is no map");
      }
      known(place, part, Set.of("pool", "repository", "workflow", "default", "rules"));
      parts.add(
          EgressPolicy.Part.parse(
              new Scope(
                  text(place, part, "pool"),
                  text(place, part, "repository"),
                  text(place, part, "workflow")),
              text(place, part, "default"),
              texts(place + ".rules", part.get("rules"))));
    }
    List<String> zones = texts("egress.internal-zones", policy.egress().get("internal-zones"));
    return policy.egress().containsKey("registries")
        ? new EgressPolicy(parts, zones, registries(policy.egress().get("registries")))
        : new EgressPolicy(parts, zones);
  }

  private static List<Rule> registries(@Nullable Object listed) {
    try {
      return texts("egress.registries", listed).stream().map(Rule::parse).toList();
    } catch (BadRule e) {
      throw new BadRule("egress.registries: " + e.getMessage());
    }
  }

  private static void known(String place, Map<?, ?> map, Set<String> keys) {
    for (Object key : map.keySet()) {
      if (!keys.contains(String.valueOf(key))) {
        throw new BadRule(
            place
                + "."
                + key
                + " is not understood; known here are "
                + String.join(", ", new TreeSet<>(keys)));
      }
    }
  }

  private static Optional<String> text(String place, Map<?, ?> map, String key) {
    Object value = map.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && !text.isBlank()) {
      return Optional.of(text);
    }
    throw new BadRule(place + "." + key + " is no text");
  }

  private static List<?> list(String place, @Nullable Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> items) {
      return items;
    }
    throw new BadRule(place + " is no list");
  }

  private static List<String> texts(String place, @Nullable Object value) {
    var texts = new ArrayList<String>();
    for (Object item : list(place, value)) {
      if (!(item instanceof String text)) {
        throw new BadRule(place + " has " + item + ", which is no text");
      }
      texts.add(text);
    }
    return texts;
  }
}
