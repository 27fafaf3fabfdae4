package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Scope;
import dev.holdfast.orchestrator.forge.LazyHttp;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Links an account at a forge to a user, by the forge's own sign-in (OAuth 2 authorization code
 * with PKCE). The user begins with their token and gets a link for a browser. The browser signs in
 * at the forge and is shown a code. The user ends with their token and that code. So both ends are
 * the same person's: a link sent to somebody else leads to a code that only they see, and a sign-in
 * of somebody else's browser fits no link. What is under way lives in memory and ends after
 * minutes. Thread-safe.
 */
public final class Linking implements AutoCloseable {
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final int SECRET_BYTES = 32;
  private static final int TRIES = 5;
  // 50 bits, of which somebody has five guesses.
  private static final int CODE_LENGTH = 10;
  private static final String CODE_DIGITS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

  private final Identities identities;
  private final SignInClients clients;
  private final InstantSource clock;
  private final LazyHttp http = new LazyHttp(Duration.ofSeconds(10));
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();

  /** One for each token at most, so that nobody fills the memory. */
  private final Map<String, Way> byToken = new HashMap<>();

  /** How far somebody has come. */
  private sealed interface Way {
    Begun begun();
  }

  private record Begun(String user, SignInClient client, Instant until, String link)
      implements Way {
    @Override
    public Begun begun() {
      return this;
    }
  }

  private record Started(Begun begun, String state, String verifier, String browser)
      implements Way {}

  private record Shown(Begun begun, ForgeAccount account, String code, int tries) implements Way {}

  /**
   * @param clients what Holdfast is at a forge, by {@code Contributor.forge}
   */
  public Linking(Access access, SignInClients clients, InstantSource clock) {
    this.identities = access.identities();
    this.clients = clients;
    this.clock = clock;
  }

  /** Where to go on with a browser, once. */
  public record Link(URI url, Instant until) {}

  /**
   * Where to send the browser, and the secret by which it is known again.
   *
   * @param encrypted whether the browser reaches us by https
   */
  public record Away(URI url, String browser, boolean encrypted) {}

  /** What the browser shows: whose account it is, who asked for it, and the code. */
  public record Told(String account, String user, String code) {}

  /** Begins for the user {@code by}. */
  public Link begin(Caller by, String forge) {
    // A token that is good for less must not bring its user's rights to somebody's account.
    if (!by.scope().equals(Scope.ALL)) {
      throw AccessRefused.forbidden(
          "linking an account needs a token that is as good as its user; this one's scope is"
              + " narrower");
    }
    SignInClient client =
        clients
            .named(forge)
            .orElseThrow(() ->
                AccessRefused.unknown(
                    "nothing says how to sign in at "
                        + forge
                        + "; an owner registers Holdfast there as an application first"));
    var begun = new Begun(by.user().id(), client, clock.instant().plus(LIFE), secret());
    lock.lock();
    try {
      byToken.values().removeIf(this::over);
      byToken.put(by.token(), begun);
    } finally {
      lock.unlock();
    }
    return new Link(
        URI.create(client.here() + "/login/" + forge + "/start?link=" + begun.link()),
        begun.until());
  }

  /** A browser opened the link. */
  public Away start(String forge, String link) {
    Started started = null;
    lock.lock();
    try {
      for (var entry : byToken.entrySet()) {
        if (entry.getValue() instanceof Begun begun && same(begun.link(), link)) {
          SignInClient client = begun.client();
          if (over(begun) || !client.name().equals(forge)) {
            break;
          }
          started = new Started(begun, secret(), secret(), secret());
          entry.setValue(started);
        }
      }
    } finally {
      lock.unlock();
    }
    if (started != null) {
      SignInClient client = started.begun().client();
      return new Away(
          client.authorize(http.get(), started.state(), started.verifier()),
          started.browser(),
          "https".equals(client.here().getScheme()));
    }
    throw AccessRefused.conflict(
        "this link was used or is over; begin again: holdfast user link --forge " + forge);
  }

  /** The forge sent the browser back. Whatever comes of it, that state is used up. */
  public Told callback(String forge, String state, String code, String browser) {
    String token = "";
    Started started = null;
    lock.lock();
    try {
      for (var entry : byToken.entrySet()) {
        if (entry.getValue() instanceof Started one && same(one.state(), state)) {
          token = entry.getKey();
          started = one;
        }
      }
      byToken.remove(token);
    } finally {
      lock.unlock();
    }
    if (started == null
        || over(started)
        || !started.begun().client().name().equals(forge)
        || !same(started.browser(), browser)) {
      throw AccessRefused.conflict(
          "this is not the end of a sign-in that this browser began; begin again: holdfast user"
              + " link --forge "
              + forge);
    }
    Begun begun = started.begun();
    ForgeAccount account = begun.client().account(http.get(), code, started.verifier());
    var shown = new Shown(begun, account, code(), TRIES);
    lock.lock();
    try {
      // One that was begun anew meanwhile goes before.
      byToken.putIfAbsent(token, shown);
    } finally {
      lock.unlock();
    }
    return new Told(account.name(), begun.user(), shown.code());
  }

  /** The user has the code from the browser: the account is theirs. */
  public Identity confirm(Caller by, String code) {
    Shown shown = null;
    lock.lock();
    try {
      if (byToken.get(by.token()) instanceof Shown one
          && !over(one)
          && one.begun().user().equals(by.user().id())) {
        if (same(one.code(), code.replace("-", ""))) {
          shown = one;
          byToken.remove(by.token());
        } else if (one.tries() <= 1) {
          byToken.remove(by.token());
        } else {
          byToken.put(
              by.token(), new Shown(one.begun(), one.account(), one.code(), one.tries() - 1));
        }
      }
    } finally {
      lock.unlock();
    }
    if (shown == null) {
      throw AccessRefused.forbidden(
          "this is not the code that the browser showed for a link of this token; begin again:"
              + " holdfast user link");
    }
    return identities.link(
        by, shown.begun().client().name(), shown.account().id(), shown.account().name());
  }

  private boolean over(Way way) {
    return !clock.instant().isBefore(way.begun().until());
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private String code() {
    var out = new StringBuilder();
    for (int i = 0; i < CODE_LENGTH; i++) {
      out.append(CODE_DIGITS.charAt(random.nextInt(CODE_DIGITS.length())));
    }
    return out.toString();
  }

  static String challenge(String verifier) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    http.close();
  }
}
