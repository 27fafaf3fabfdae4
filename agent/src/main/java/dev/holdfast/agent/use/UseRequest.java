package dev.holdfast.agent.use;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.model.secret.SecretUse;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a job asked for at its address, once it is known to be within what the secret is for.
 *
 * @param target the path and query at the host
 * @param fields of the job's header that go along
 */
record UseRequest(
    String method,
    String target,
    List<Head.Field> fields,
    Head.Length length,
    boolean waitsToSend) {
  private static final Pattern LINE = Pattern.compile("([A-Z]{1,20}) (\\S{1,9000}) HTTP/1\\.1");

  /** What says what a body is and what is wanted; all else is the job's to keep to itself. */
  private static final Set<String> PASSED =
      Set.of(
          "accept",
          "accept-language",
          "cache-control",
          "content-language",
          "content-md5",
          "content-type",
          "digest",
          "content-digest",
          "idempotency-key",
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-unmodified-since",
          "prefer",
          "user-agent");

  /** The request is refused, by this status. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String why) {
      super(why);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /**
   * The request that {@code head} makes.
   *
   * @param authority where the job was told that it is answered
   * @param word that is the first segment of its path
   */
  static UseRequest of(Head head, SecretUse use, String authority, String word) throws IOException {
    Matcher line = LINE.matcher(head.first());
    if (!line.matches()) {
      throw new BadMessage("its first line is not METHOD PATH HTTP/1.1");
    }
    String method = line.group(1);
    Head.Length length = head.length();
    if (!head.only("Host").equals(Optional.of(authority))) {
      throw new BadMessage("its Host is not " + authority);
    }
    Optional<String> expects = head.only("Expect");
    if (expects.isPresent() && !expects.get().toLowerCase(Locale.ROOT).equals("100-continue")) {
      throw new BadMessage("it expects what nobody does");
    }
    String rest = rest(line.group(2), use, word);
    Optional<String> refusal = use.refusal(method, rest);
    if (refusal.isPresent()) {
      throw new Refused(403, refusal.get());
    }
    List<Head.Field> passed =
        head.fields().stream()
            .filter(field ->
                PASSED.contains(field.name().toLowerCase(Locale.ROOT))
                    || use.passes().stream().anyMatch(field::is))
            // Said twice, some read the first and some the last.
            .filter(field -> !field.is(use.header()))
            .toList();
    for (Head.Field field : passed) {
      var _ = head.only(field.name());
    }
    return new UseRequest(method, use.path() + rest, passed, length, expects.isPresent());
  }

  /** What stands behind the job's own address. */
  private static String rest(String target, SecretUse use, String word) throws Refused {
    int end = 1 + word.length();
    if (target.length() < end
        || !MessageDigest.isEqual(
            ("/" + word).getBytes(US_ASCII), target.substring(0, end).getBytes(US_ASCII))) {
      throw new Refused(404, "nothing is here");
    }
    String rest = target.substring(end);
    if (!use.path().endsWith("/")) {
      return rest;
    }
    if (!rest.startsWith("/")) {
      throw new Refused(404, "nothing is here; the address ends with '/'");
    }
    return rest.substring(1);
  }

  /** The path without the query. */
  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}
