package dev.holdfast.orchestrator.web;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.access.Tokens;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Sessions of browsers, by cookie. A browser sends a cookie whichever page has it call, so what
 * changes something also has to send a header, which no other site's page can: the browser would
 * ask us first, and we never agree.
 */
public final class Sessions {
  /** The field of a page's form that stands for {@link #CSRF}. */
  public static final String FIELD = "csrf";

  static final String CSRF = "X-Holdfast-Csrf";

  /** Browsers take one of this name over https alone, for this very host and all of it. */
  private static final String ENCRYPTED = "__Host-holdfast";

  private static final String PLAIN = "holdfast-session";

  // SHA-256's bytes.
  private static final int DIGEST = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Set<String> READS = Set.of("GET", "HEAD");

  private final Tokens tokens;

  Sessions(Tokens tokens) {
    this.tokens = tokens;
  }

  /** The secret that the cookie holds, if one was sent. */
  private static Optional<String> secret(Context ctx, boolean encrypted) {
    return Optional.ofNullable(ctx.cookie(encrypted ? ENCRYPTED : PLAIN))
        .filter(value -> !value.isEmpty());
  }

  /** Whether the call came with a session's cookie. */
  static boolean sent(Context ctx) {
    return secret(ctx, true).isPresent() || secret(ctx, false).isPresent();
  }

  /**
   * The session that a call came by; refuses one that is over, or that another site may have made.
   */
  Tokens.Token check(Context ctx) {
    boolean encrypted = secret(ctx, true).isPresent();
    String secret = secret(ctx, encrypted).orElse("");
    Tokens.Token session =
        tokens
            .session(secret, encrypted)
            .orElseThrow(() -> new Problem(401, "the session is over; sign in again"));
    boolean reads = READS.contains(ctx.req().getMethod());
    String sent = Optional.ofNullable(ctx.header(CSRF)).orElse("");
    if (!reads
        && !MessageDigest.isEqual(
            csrf(secret).getBytes(StandardCharsets.US_ASCII),
            sent.getBytes(StandardCharsets.US_ASCII))) {
      throw new Problem(
          403,
          "a session that changes something sends the header "
              + CSRF
              + ", as GET /api/v1/session answers it");
    }
    return session;
  }

  /**
   * The session that a page is asked for by. Its forms show that they are ours by a field, since
   * they can send no header.
   */
  Tokens.Token checkPage(Context ctx) {
    boolean encrypted = secret(ctx, true).isPresent();
    String secret = secret(ctx, encrypted).orElse("");
    Tokens.Token session =
        tokens
            .session(secret, encrypted)
            .orElseThrow(() -> new Problem(401, "sign in to see this page"));
    if (!READS.contains(ctx.req().getMethod())) {
      String sent = Optional.ofNullable(ctx.formParam(FIELD)).orElse("");
      if (!MessageDigest.isEqual(
          csrf(secret).getBytes(StandardCharsets.US_ASCII),
          unveiled(sent).getBytes(StandardCharsets.US_ASCII))) {
        throw new Problem(
            403, "this did not come from a page of this session; open the page again and retry");
      }
    }
    return session;
  }

  /** What shows that a page of ours makes the call; says nothing of the session's secret. */
  public static String csrf(Context ctx) {
    return csrf(secret(ctx, true).or(() -> secret(ctx, false)).orElse(""));
  }

  /**
   * The same for a page's form, and another one each time: a page is compressed beside what others
   * wrote, and the length of many answers would tell what stays the same in them.
   */
  public static String field(Context ctx) {
    byte[] plain = HexFormat.of().parseHex(csrf(ctx));
    var veil = new byte[plain.length];
    RANDOM.nextBytes(veil);
    return HexFormat.of().formatHex(veil) + HexFormat.of().formatHex(xor(plain, veil));
  }

  /** What {@link #field} hid; anything else if it is none. */
  private static String unveiled(String field) {
    if (field.length() != 4 * DIGEST) {
      return "";
    }
    try {
      byte[] both = HexFormat.of().parseHex(field);
      return HexFormat.of()
          .formatHex(
              xor(
                  Arrays.copyOfRange(both, 0, DIGEST),
                  Arrays.copyOfRange(both, DIGEST, 2 * DIGEST)));
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static byte[] xor(byte[] one, byte[] other) {
    var both = new byte[one.length];
    for (int i = 0; i < both.length; i++) {
      both[i] = (byte) (one[i] ^ other[i]);
    }
    return both;
  }

  private static String csrf(String secret) {
    return Sha256.hex("csrf of " + secret);
  }

  /** Has the browser keep it. */
  public static void begin(Context ctx, String secret, boolean encrypted) {
    cookie(ctx, secret, encrypted, Tokens.SESSION_LIFE.toSeconds());
  }

  /** Has the browser forget it. */
  public static void end(Context ctx) {
    cookie(ctx, "", true, 0);
    cookie(ctx, "", false, 0);
  }

  private static void cookie(Context ctx, String value, boolean encrypted, long seconds) {
    ctx.res()
        .addHeader(
            "Set-Cookie",
            (encrypted ? ENCRYPTED : PLAIN)
                + "="
                + value
                + "; Path=/; HttpOnly; SameSite=Lax; Max-Age="
                + seconds
                + (encrypted ? "; Secure" : ""));
  }
}
