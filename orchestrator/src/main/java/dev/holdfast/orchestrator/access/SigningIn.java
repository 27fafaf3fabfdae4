package dev.holdfast.orchestrator.access;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Changes.Done;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.LazyHttp;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Signing in with a browser, by a forge's own sign-in or a provider of OpenID Connect. Whoever
 * comes back is known by the account, which was linked to a user before; names and mail addresses
 * decide nothing. What is under way lives in memory and ends after minutes. Thread-safe.
 */
public final class SigningIn implements AutoCloseable {
  private static final Duration LIFE = Duration.ofMinutes(10);

  /** Anybody may begin, so the eldest go first. */
  private static final int MOST = 10_000;

  private static final int SECRET_BYTES = 32;
  private static final int MOST_NAMESAKES = 1000;
  private static final Pattern NOT_IN_NAMES = Pattern.compile("[^A-Za-z0-9._-]");

  private final Changes changes;
  private final Tokens tokens;
  private final SignInClients clients;
  private final InstantSource clock;
  private final LazyHttp http = new LazyHttp(Duration.ofSeconds(10));
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Begun> begun =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Begun> eldest) {
          return size() > MOST;
        }
      };

  private record Begun(
      SignInClient client, String verifier, String browser, Optional<String> to, Instant until) {}

  /**
   * @param clients what Holdfast is at a forge or a provider, by {@link SignInClient#name}
   */
  public SigningIn(Access access, SignInClients clients, InstantSource clock) {
    this.changes = access.tokens().changes();
    this.tokens = access.tokens();
    this.clients = clients;
    this.clock = clock;
  }

  /**
   * Somebody is signed in.
   *
   * @param secret what their browser keeps as a cookie
   * @param to the page that they came for
   */
  public record In(User user, String secret, boolean encrypted, Optional<String> to) {}

  /** Where people can sign in, by name. */
  public List<String> names() {
    return clients.names();
  }

  /**
   * Sends a browser away to sign in.
   *
   * @param to the page of ours that it is sent to in the end
   */
  public Linking.Away start(String name, Optional<String> to) {
    SignInClient client =
        clients
            .named(name)
            .orElseThrow(() ->
                AccessRefused.unknown(
                    "nothing says how to sign in at " + name + "; see holdfast server --sign-in"));
    String state = secret();
    var one = new Begun(client, secret(), secret(), to, clock.instant().plus(LIFE));
    synchronized (begun) {
      begun.values().removeIf(this::over);
      begun.put(state, one);
    }
    return new Linking.Away(
        client.authorize(http.get(), state, one.verifier()), one.browser(), encrypted(client));
  }

  /**
   * A browser came back. Whatever comes of it, that state is used up.
   *
   * @param from its address
   * @return empty if no sign-in was begun with this state
   */
  public Optional<In> callback(
      String name, String state, String code, String browser, Optional<String> from) {
    Begun one;
    synchronized (begun) {
      one = begun.remove(state);
    }
    if (one == null) {
      return Optional.empty();
    }
    if (over(one) || !one.client().name().equals(name) || !same(one.browser(), browser)) {
      throw AccessRefused.conflict(
          "this is not the end of a sign-in that this browser began; begin again");
    }
    ForgeAccount account = one.client().account(http.get(), code, one.verifier());
    String whose = name + " account " + account.id();
    Optional<In> in =
        changes.as(
            whose,
            from,
            "session.begin",
            (s, now) -> {
              Optional<User> known = known(now, name, account);
              Optional<User> user =
                  known.isPresent() || !one.client().newUsers()
                      ? known
                      : Optional.of(arrived(s, now, name, account));
              if (user.filter(User::enabled).isEmpty()) {
                return Optional.empty();
              }
              Tokens.Made made =
                  tokens.begin(s, user.get(), encrypted(one.client()), "signed in at " + name);
              return Optional.of(
                  new Done<>(
                      new In(user.get(), made.secret(), encrypted(one.client()), one.to()),
                      made.token().id(),
                      List.of("the user " + user.get().name())));
            });
    if (in.isEmpty()) {
      String why =
          "no user who may sign in is linked to "
              + account.name()
              + " at "
              + name
              + "; whoever has a token links it: holdfast user link --forge "
              + name;
      changes.refused(whose, from, "session.begin", why);
      throw AccessRefused.forbidden(why);
    }
    return in;
  }

  private static Optional<User> known(Directory now, String name, ForgeAccount account) {
    return now.identities().stream()
        .filter(i -> i.forge().equals(name) && i.account().equals(account.id()))
        .findFirst()
        .flatMap(identity -> now.user(identity.user()));
  }

  /** A user for somebody whom the provider knows and we do not, with no right at all. */
  private User arrived(Session session, Directory now, String provider, ForgeAccount account)
      throws SQLException {
    Instant at = clock.instant();
    String base = NOT_IN_NAMES.matcher(account.name()).replaceAll("-").replaceAll("^[._-]+", "");
    base = base.isEmpty() ? "user" : base.substring(0, Math.min(base.length(), 80));
    var name = new Name(base);
    // Who is called as somebody here is called is not them.
    for (int i = 2; now.user(name).isPresent() || now.team(name).isPresent(); i++) {
      if (i > MOST_NAMESAKES) {
        throw AccessRefused.conflict("too many are called " + base + " here; add the user by hand");
      }
      name = new Name(base + "-" + i);
    }
    var user = new User(changes.database().ids().next("usr"), name, at, Optional.empty());
    session.update(
        "INSERT INTO person (id, name, created_at) VALUES (?, ?, ?)", user.id(), name.value(), at);
    session.update(
        "INSERT INTO identity (id, forge, account, name, person_id, linked_at, how) VALUES (?, ?, ?,"
            + " ?, ?, ?, 'oidc')",
        changes.database().ids().next("idn"),
        provider,
        account.id(),
        account.name(),
        user.id(),
        at);
    return user;
  }

  private static boolean encrypted(SignInClient client) {
    return "https".equals(client.here().getScheme());
  }

  private boolean over(Begun one) {
    return !clock.instant().isBefore(one.until());
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        given.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    http.close();
  }
}
