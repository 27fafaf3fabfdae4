package dev.holdfast.orchestrator.secret;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Refuses what is too short or too common to be masked without masking half a log. */
public final class CommonWords implements Fit {
  private static final int SHORTEST = 8;

  /** What is said all the time in logs, or is where a value was forgotten. */
  private static final Set<String> WORDS =
      Set.of(
          "password", "changeme", "changeit", "username", "localhost", "127.0.0.1", "production",
          "staging", "development", "postgres", "postgresql", "undefined", "disabled", "administrator",
          "anonymous", "application", "container", "holdfast", "repository", "workflow", "placeholder",
          "xxxxxxxx", "password1", "password123", "12345678", "123456789", "1234567890", "qwertyui",
          "your-token", "your_token", "yourtoken", "redacted", "testtest", "workspace", "/workspace");

  @Override
  public Optional<String> problem(byte[] value) {
    if (value.length < SHORTEST) {
      return Optional.of(
          "it has "
              + value.length
              + " bytes; below "
              + SHORTEST
              + " it would be masked wherever the same letters stand in a log. Keep what is no"
              + " secret in env: instead");
    }
    String text = new String(value, StandardCharsets.UTF_8).strip();
    if (text.chars().distinct().count() < 3) {
      return Optional.of("it is the same one or two characters all along, which many logs hold");
    }
    return WORDS.contains(text.toLowerCase(Locale.ROOT))
        ? Optional.of("it is a word that many logs hold; use a value that was made at random")
        : Optional.empty();
  }
}
