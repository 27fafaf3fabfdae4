package dev.holdfast.agent.policy;

import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code agent.yaml}. What is not understood is refused, with its place in the file: a rule
 * that was misspelt must not be a rule that is missing.
 */
public final class PolicyFile {
  private static final int MOST_BYTES = 256 * 1024;

  private final Path file;

  private PolicyFile(Path file) {
    this.file = file;
  }

  /**
   * @throws BadPolicy if the file is not there, not to be trusted, or not understood
   */
  public static AgentPolicy read(Path file) throws BadPolicy {
    return new PolicyFile(file).read();
  }

  private AgentPolicy read() throws BadPolicy {
    Object document;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw bad("", "is larger than 256 KiB");
      }
      var settings =
          LoadSettings.builder()
              .setAllowDuplicateKeys(false)
              .setMaxAliasesForCollections(0)
              .setCodePointLimit(MOST_BYTES)
              .setLabel(file.toString())
              .build();
      document = new Load(settings).loadFromString(Files.readString(file, StandardCharsets.UTF_8));
    } catch (BadPolicy e) {
      throw e;
    } catch (IOException e) {
      throw bad("", "cannot be read: " + e.getMessage());
    } catch (YamlEngineException e) {
      throw bad("", "is not YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
    if (document == null) {
      return AgentPolicy.standard();
    }
    Map<String, Object> top = map("", document, Set.of("accept", "network", "egress"));
    var policy =
        new AgentPolicy(
            accept(top.get("accept")), network(top.get("network")), egress(top.get("egress")));
    try {
      EgressRules.of(policy);
    } catch (BadRule e) {
      throw bad("", String.valueOf(e.getMessage()));
    }
    return policy;
  }

  private AgentPolicy.Accept accept(@Nullable Object value) throws BadPolicy {
    if (value == null) {
      return AgentPolicy.Accept.everything();
    }
    Map<String, Object> accept = map("accept", value, Set.of("repositories", "images", "users"));
    Optional<List<String>> images = texts("accept.images", accept.get("images"));
    for (String image : images.orElse(List.of())) {
      if (image.substring(0, image.length() - 1).contains("*")
          || (image.endsWith("*") && !image.endsWith("/*") && !image.endsWith(":*"))) {
        throw bad(
            "accept.images",
            "has " + Quote.of(image) + "; a * stands only at the end, after / or :");
      }
    }
    Optional<List<String>> users = texts("accept.users", accept.get("users"));
    for (String user : users.orElse(List.of())) {
      if (!user.matches("[a-z0-9.-]{1,100}:[A-Za-z0-9-]{1,64}")) {
        throw bad(
            "accept.users", "has " + Quote.of(user) + "; write FORGE:ID, with the forge's own id");
      }
    }
    return new AgentPolicy.Accept(
        plain("accept.repositories", texts("accept.repositories", accept.get("repositories"))),
        images,
        users.map(Set::copyOf));
  }

  /** Names are compared whole: no patterns, so that nothing is meant by accident. */
  private Optional<Set<String>> plain(String place, Optional<List<String>> names) throws BadPolicy {
    for (String name : names.orElse(List.of())) {
      if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
        throw bad(
            place, "has " + Quote.of(name) + ", which is no name; patterns are not understood");
      }
    }
    return names.map(Set::copyOf);
  }

  private AgentPolicy.Network network(@Nullable Object value) throws BadPolicy {
    if (value == null) {
      return AgentPolicy.Network.NONE;
    }
    for (AgentPolicy.Network each : AgentPolicy.Network.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
        return each;
      }
    }
    throw bad("network", "is " + Quote.of(String.valueOf(value)) + "; write none or egress");
  }

  private Optional<AgentPolicy.Egress> egress(@Nullable Object value) throws BadPolicy {
    if (value == null) {
      return Optional.empty();
    }
    Map<String, Object> egress = map("egress", value, Set.of("internal-zones", "parts"));
    var parts = new ArrayList<AgentPolicy.Part>();
    Object listed = egress.get("parts");
    if (listed != null) {
      if (!(listed instanceof List<?> items)) {
        throw bad("egress.parts", "is no list");
      }
      for (int i = 0; i < items.size(); i++) {
        parts.add(part("egress.parts[" + i + "]", items.get(i)));
      }
    }
    return Optional.of(
        new AgentPolicy.Egress(
            parts, texts("egress.internal-zones", egress.get("internal-zones")).orElse(List.of())));
  }

  private AgentPolicy.Part part(String place, @Nullable Object value) throws BadPolicy {
    Map<String, Object> part =
        map(place, value, Set.of("pool", "repository", "workflow", "default", "rules"));
    return new AgentPolicy.Part(
        text(place + ".pool", part.get("pool")),
        text(place + ".repository", part.get("repository")),
        text(place + ".workflow", part.get("workflow")),
        text(place + ".default", part.get("default")),
        texts(place + ".rules", part.get("rules")).orElse(List.of()));
  }

  private Map<String, Object> map(String place, @Nullable Object value, Set<String> known)
      throws BadPolicy {
    if (!(value instanceof Map<?, ?> map)) {
      throw bad(place, "is no map");
    }
    var read = new java.util.HashMap<String, Object>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = String.valueOf(entry.getKey());
      if (!known.contains(key)) {
        throw bad(
            place.isEmpty() ? key : place + "." + key,
            "is not understood; known here are "
                + String.join(", ", new java.util.TreeSet<>(known)));
      }
      if (entry.getValue() == null) {
        throw bad(
            place.isEmpty() ? key : place + "." + key,
            "is empty; give it a value, or leave it out");
      }
      read.put(key, entry.getValue());
    }
    return read;
  }

  private Optional<String> text(String place, @Nullable Object value) throws BadPolicy {
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && !text.isBlank()) {
      return Optional.of(text);
    }
    throw bad(
        place, "is " + Quote.of(String.valueOf(value)) + "; write a text, in quotes if need be");
  }

  private Optional<List<String>> texts(String place, @Nullable Object value) throws BadPolicy {
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof List<?> items)) {
      throw bad(place, "is no list");
    }
    var texts = new ArrayList<String>();
    for (int i = 0; i < items.size(); i++) {
      texts.add(
          text(place + "[" + i + "]", items.get(i))
              .orElseThrow(() -> bad(place, "has an empty item")));
    }
    if (new HashSet<>(texts).size() < texts.size()) {
      throw bad(place, "has something twice");
    }
    return Optional.of(texts);
  }

  private BadPolicy bad(String place, String what) {
    return new BadPolicy(file + ": " + (place.isEmpty() ? "" : place + " ") + what);
  }
}
