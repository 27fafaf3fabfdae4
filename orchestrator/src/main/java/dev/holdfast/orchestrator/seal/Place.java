package dev.holdfast.orchestrator.seal;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a sealed value is, to the last detail: it can be opened as nothing else. Every part says how
 * long it is, so that no two places have the same bytes.
 *
 * @param parts what it is, then where, then which
 */
public record Place(List<String> parts) {
  public Place {
    parts = List.copyOf(parts);
  }

  /** The place with these parts. */
  public static Place of(String... parts) {
    return new Place(List.of(parts));
  }

  /** The bytes that it is bound by, in this installation, under this key. */
  byte[] bytes(String installation, String key) {
    var text = new StringBuilder();
    field(text, "holdfast sealed 2");
    field(text, installation);
    field(text, key);
    field(text, Integer.toString(parts.size()));
    parts.forEach(part -> field(text, part));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder text, String value) {
    text.append(value.length()).append(':').append(value).append('\n');
  }

  /** For people. */
  @Override
  public String toString() {
    return String.join("/", parts);
  }
}
