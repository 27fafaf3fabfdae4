package dev.holdfast.model.secret;

import dev.holdfast.model.json.Quote;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a secret is for that no job is given: requests over HTTPS to one place, to which an agent
 * adds it.
 *
 * @param host a name; never an address, since it is the name that a certificate shows
 * @param path where requests may go: this path and all below it if it ends with {@code /}, else
 *     just it
 * @param methods that requests may have
 * @param header that carries it
 * @param form of the header: {@code {}} stands for the value, or {@code {USER:}} for both of them
 *     as HTTP's basic authentication has it
 * @param passes headers of the job's own that go along, beside those that say what a body is and
 *     what is wanted
 * @throws IllegalArgumentException if a part cannot be one; it says which and what may stand there
 */
public record SecretUse(
    String host,
    int port,
    String path,
    List<String> methods,
    String header,
    String form,
    List<String> passes) {
  /** Where nothing else is said. */
  public static final List<String> READING = List.of("GET", "HEAD");

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** What says where a message ends, who it is for and by whom it goes: never anybody's choice. */
  private static final Set<String> FRAMING =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "keep-alive",
          "proxy-connection",
          "range",
          "if-range",
          "accept-encoding",
          "cookie",
          "via",
          "forwarded");

  /** By which some servers take another method or path than the request has. */
  private static final Pattern OVERRIDES =
      Pattern.compile("x-(http-)?method(-override)?|x-(original|rewrite)-ur[il]|x-forwarded-.*");

  private static final Pattern HOST =
      Pattern.compile("(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,62}");
  private static final Pattern URL =
      Pattern.compile("https://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(/[^?#]*)?");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
  private static final Pattern PLACE = Pattern.compile("\\{(?:([A-Za-z0-9._@+-]{1,100}):)?\\}");
  private static final int MOST_PASSES = 20;

  public SecretUse {
    methods = List.copyOf(methods);
    passes = List.copyOf(passes);
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          Quote.of(host) + " is no name of a host; use small letters, as api.example.com");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(port + " is no port");
    }
    Optional<String> problem = RequestPath.problem(path);
    if (!path.startsWith("/") || path.length() > 500 || path.contains("?") || problem.isPresent()) {
      throw new IllegalArgumentException(
          Quote.of(path)
              + " is no path that requests can be kept to"
              + problem.map(why -> ": " + why).orElse("; it starts with '/' and has no '?'"));
    }
    if (methods.isEmpty() || !METHODS.containsAll(methods)) {
      throw new IllegalArgumentException(
          "methods are of " + METHODS.stream().sorted().toList() + ", and not " + methods);
    }
    check(header);
    if (!form.matches("[\\x20-\\x7e]{2,300}") || !form.strip().equals(form)) {
      throw new IllegalArgumentException("a header has up to 300 characters of plain text");
    }
    Matcher place = PLACE.matcher(form);
    if (!place.find() || place.find()) {
      throw new IllegalArgumentException(
          "the header has one place for the value, {} or {USER:}, as 'Authorization: Bearer {}'");
    }
    if (passes.size() > MOST_PASSES) {
      throw new IllegalArgumentException("up to " + MOST_PASSES + " headers go along");
    }
    for (String pass : passes) {
      check(pass);
      String small = pass.toLowerCase(Locale.ROOT);
      if (small.equals("authorization")
          || small.startsWith("proxy-")
          || pass.equalsIgnoreCase(header)) {
        throw new IllegalArgumentException("a job's own " + pass + " never goes along");
      }
    }
  }

  private static void check(String header) {
    String small = header.toLowerCase(Locale.ROOT);
    if (!TOKEN.matcher(header).matches()
        || FRAMING.contains(small)
        || OVERRIDES.matcher(small).matches()) {
      throw new IllegalArgumentException(Quote.of(header) + " is no header that this can be");
    }
  }

  /**
   * As people write it.
   *
   * @param url {@code https://HOST[:PORT]/PATH}
   * @param as {@code HEADER: FORM}
   * @throws IllegalArgumentException if it is none
   */
  public static SecretUse parse(String url, String as, List<String> methods, List<String> passes) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          Quote.of(url) + " is not of the form https://HOST[:PORT]/PATH");
    }
    int colon = as.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          Quote.of(as) + " is not of the form HEADER: VALUE, as 'Authorization: Bearer {}'");
    }
    return new SecretUse(
        parts.group(1).toLowerCase(Locale.ROOT),
        parts.group(2) == null ? 443 : Integer.parseInt(parts.group(2)),
        parts.group(3) == null ? "/" : parts.group(3),
        methods,
        as.substring(0, colon).strip(),
        as.substring(colon + 1).strip(),
        passes);
  }

  /** The host, and the port where it is not that of HTTPS; as the header {@code Host} has it. */
  public String authority() {
    return port == 443 ? host : host + ":" + port;
  }

  /** For people. */
  public String described() {
    return String.join(",", methods) + " https://" + authority() + path + " as " + header;
  }

  /** Why {@code value} cannot stand in a header; empty if it can. Says nothing of it. */
  public Optional<String> unfit(byte[] value) {
    for (byte one : value) {
      if (one < 0x21 || one > 0x7e) {
        return Optional.of("what goes into a header has printable characters without blanks alone");
      }
    }
    return Optional.empty();
  }

  /** What the header holds; for the caller to wipe. */
  public byte[] filled(byte[] value) {
    Matcher place = PLACE.matcher(form);
    if (!place.find()) {
      throw new IllegalStateException("a form without a place passed");
    }
    byte[] middle = value.clone();
    if (place.group(1) != null) {
      byte[] pair = joined(place.group(1) + ":", value, "");
      middle = Base64.getEncoder().encode(pair);
      Arrays.fill(pair, (byte) 0);
    }
    byte[] whole = joined(form.substring(0, place.start()), middle, form.substring(place.end()));
    Arrays.fill(middle, (byte) 0);
    return whole;
  }

  private static byte[] joined(String before, byte[] middle, String after) {
    byte[] first = before.getBytes(StandardCharsets.US_ASCII);
    byte[] last = after.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(first, first.length + middle.length + last.length);
    System.arraycopy(middle, 0, all, first.length, middle.length);
    System.arraycopy(last, 0, all, first.length + middle.length, last.length);
    return all;
  }

  /**
   * Why a request is not one of these; empty if it is.
   *
   * @param rest what the job wrote behind its address: a path below {@link #path}, and a query
   */
  public Optional<String> refusal(String method, String rest) {
    if (!methods.contains(method)) {
      return Optional.of("it is for " + String.join(", ", methods) + " alone");
    }
    if (!path.endsWith("/") && !rest.isEmpty() && !rest.startsWith("?")) {
      return Optional.of("it is for the path " + path + " alone");
    }
    return RequestPath.problem(path + rest);
  }
}
