package dev.holdfast.model.secret;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which values can be secrets. What is short or ordinary stands in every log: masking it would hide
 * the log and, by what is hidden, tell the value. So it is refused where it is entered.
 */
public final class Maskable {
  /** Bytes of the shortest value. */
  public static final int SHORTEST = 8;

  /** Bytes of the longest value. */
  public static final int LONGEST = 64 * 1024;

  private static final int FEWEST_CHARACTERS = 4;
  private static final int SHORTEST_NUMBER = 16;
  private static final int SHORTEST_LETTERS = 12;

  /** Also with digits or a mark behind. */
  private static final Set<String> COMMON =
      Set.of(
          "password",
          "passwort",
          "passw0rd",
          "p@ssw0rd",
          "changeme",
          "changeit",
          "letmein",
          "secret",
          "supersecret",
          "topsecret",
          "mysecret",
          "secretkey",
          "apikey",
          "api_key",
          "api-key",
          "accesstoken",
          "access_token",
          "token",
          "default",
          "undefined",
          "placeholder",
          "administrator",
          "admin",
          "username",
          "postgres",
          "postgresql",
          "localhost",
          "production",
          "development",
          "staging",
          "testing",
          "example",
          "welcome",
          "qwertyui",
          "qwertyuiop",
          "true",
          "false",
          "none",
          "null",
          "enabled",
          "disabled",
          "success",
          "successful",
          "failure",
          "linux",
          "ubuntu",
          "debian",
          "github",
          "gitlab",
          "docker",
          "holdfast",
          "master",
          "main");

  private static final Pattern BEHIND = Pattern.compile("[0-9!.?_-]{0,6}$");

  /** Dates, times, versions, addresses, amounts. */
  private static final Pattern NUMBERS = Pattern.compile("[-0-9 .,:/_TZ+]+");

  private static final Pattern LETTERS = Pattern.compile("[a-z]+|[A-Z]+|[A-Z][a-z]+");

  /** A path, a file's name, a host or a URL without anything in it that nobody could guess. */
  private static final Pattern PLACE =
      Pattern.compile("([a-z]{2,10}://)?[./~]*[a-z]+([-._/:][a-z]*[0-9]{0,5})*");

  private Maskable() {}

  /** Why {@code value} cannot be a secret, in words that do not tell it; empty if it can. */
  public static Optional<String> refusal(byte[] value) {
    return Optional.ofNullable(reason(value));
  }

  private static @org.jspecify.annotations.Nullable String reason(byte[] value) {
    if (value.length > LONGEST) {
      return "the value is longer than 64 KiB; keep the file elsewhere and its key here";
    }
    // Bytes as characters: what is said of text holds for it, and no other bytes are lost.
    String text = new String(value, StandardCharsets.ISO_8859_1).strip();
    if (text.length() < SHORTEST) {
      return "the value is shorter than "
          + SHORTEST
          + " bytes: masking it would hide parts of every log; choose a longer one";
    }
    if (text.chars().distinct().count() < FEWEST_CHARACTERS) {
      return "the value has fewer than "
          + FEWEST_CHARACTERS
          + " different characters, as lines and padding in every log do; choose another";
    }
    if (repeats(text)) {
      return "the value is one piece over and over; choose another";
    }
    if (counts(text)) {
      return "the value is a row of neighbouring characters, which anybody guesses; choose another";
    }
    String small = text.toLowerCase(Locale.ROOT);
    if (COMMON.contains(small) || COMMON.contains(BEHIND.matcher(small).replaceFirst(""))) {
      return "the value is a word that is in many logs and that anybody guesses; choose another";
    }
    if (NUMBERS.matcher(text).matches()
        && text.chars().filter(Character::isDigit).count() < SHORTEST_NUMBER) {
      return "the value is a number, date, version or address of fewer than "
          + SHORTEST_NUMBER
          + " digits, which logs are full of; if it is no secret, make it a variable";
    }
    if (text.length() < SHORTEST_LETTERS && LETTERS.matcher(text).matches()) {
      return "the value is a single word of fewer than "
          + SHORTEST_LETTERS
          + " letters, which may be in any log; choose a longer one, or one with digits";
    }
    if (text.matches(".*[./:-].*") && PLACE.matcher(text).matches()) {
      return "the value is a path, host or address without anything secret in it; make it a"
          + " variable";
    }
    return null;
  }

  /** Whether it is made of one piece, at least twice, the last time perhaps not to its end. */
  private static boolean repeats(String text) {
    // The longest beginning that is also an end, as in the search of Knuth, Morris and Pratt.
    int[] border = new int[text.length()];
    int length = 0;
    for (int i = 1; i < text.length(); i++) {
      while (length > 0 && text.charAt(i) != text.charAt(length)) {
        length = border[length - 1];
      }
      if (text.charAt(i) == text.charAt(length)) {
        length++;
      }
      border[i] = length;
    }
    int period = text.length() - length;
    return period * 2 <= text.length();
  }

  private static boolean counts(String text) {
    int step = text.charAt(1) - text.charAt(0);
    if (Math.abs(step) > 1) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      boolean turns = text.charAt(i) == '0' && text.charAt(i - 1) == '9';
      if (text.charAt(i) - text.charAt(i - 1) != step && !turns) {
        return false;
      }
    }
    return true;
  }
}
