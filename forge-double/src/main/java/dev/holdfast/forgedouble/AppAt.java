package dev.holdfast.forgedouble;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An app that is registered at the forge. It shows who it is by what it signs, and gets tokens that
 * are good for one repository. Checks signatures with the JDK alone. Thread-safe.
 */
public final class AppAt {
  /** GitHub refuses what is good for longer. */
  private static final long LONGEST_SECONDS = 600;

  final long id;

  /** What its tokens do is done by this one. */
  final Account bot;

  private final KeyPair keys;
  private final Map<String, String> permissions = new LinkedHashMap<>();
  private final Map<Long, Long> installations = new ConcurrentHashMap<>();
  private final Map<String, Long> tokens = new ConcurrentHashMap<>();
  private final List<String> minted = new ArrayList<>();
  volatile Optional<Repo.Hook> hook = Optional.empty();

  AppAt(long id, Account bot) {
    this.id = id;
    this.bot = bot;
    List.of("contents", "metadata").forEach(what -> permissions.put(what, "read"));
    List.of("pull_requests", "checks").forEach(what -> permissions.put(what, "write"));
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      this.keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public long id() {
    return id;
  }

  /** As GitHub hands it out: PKCS #1, which is what a PKCS #8 key holds after 26 bytes. */
  public String privateKey() {
    byte[] whole = keys.getPrivate().getEncoded();
    byte[] bare = java.util.Arrays.copyOfRange(whole, 26, whole.length);
    return pem("RSA PRIVATE KEY", bare);
  }

  /** As other programs write it. */
  public String privateKeyAsOthersWriteIt() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END "
        + what
        + "-----\n";
  }

  /** Has webhooks of all repositories it is installed on sent to {@code url} as well. */
  public void webhook(String url, String secret) {
    hook = Optional.of(new Repo.Hook(url, secret));
  }

  /** Lets it do this, as {@code read} or {@code write}; {@code none} takes it away. */
  public void permit(String what, String level) {
    permissions.put(what, level);
  }

  long install(Repo repo, long number) {
    installations.put(repo.id, number);
    return number;
  }

  /** Takes it away from a repository, and all tokens for that. */
  public void uninstall(Repo repo) {
    installations.remove(repo.id);
    tokens.values().removeIf(of -> of == repo.id);
  }

  boolean installed(Repo repo) {
    return installations.containsKey(repo.id);
  }

  /** How many tokens it was given so far. */
  public synchronized int minted() {
    return minted.size();
  }

  /** Every token it was given so far. */
  public synchronized List<String> tokens() {
    return List.copyOf(minted);
  }

  /** Whether {@code token} is one of its for this repository. */
  boolean holds(String token, Repo repo) {
    return Long.valueOf(repo.id).equals(tokens.get(token));
  }

  boolean issued(String token) {
    return tokens.containsKey(token);
  }

  Rest.Answer self() {
    return new Rest.Answer(
        200,
        Shape.obj(
            "id",
            id,
            "slug",
            "holdfast",
            "name",
            "Holdfast of the double",
            "permissions",
            given(),
            "events",
            new Json.Arr(
                List.of(
                    new Json.Str("push"),
                    new Json.Str("pull_request"),
                    new Json.Str("issue_comment")))));
  }

  Rest.Answer installation(Repo repo) {
    Long number = installations.get(repo.id);
    return number == null
        ? Rest.MISSING
        : new Rest.Answer(200, Shape.obj("id", number, "app_id", id, "permissions", given()));
  }

  private Json.Obj given() {
    var fields = new LinkedHashMap<String, Json>();
    permissions.forEach((what, level) -> {
      if (!level.equals("none")) {
        fields.put(what, new Json.Str(level));
      }
    });
    return new Json.Obj(fields);
  }

  /** A token for the one repository that {@code body} asks for, by name or number. */
  Rest.Answer mint(long installation, byte[] body, Book book) {
    String text = new String(body, StandardCharsets.UTF_8);
    Optional<Repo> repo =
        installations.entrySet().stream()
            .filter(one -> one.getValue() == installation)
            .flatMap(one -> book.repository(one.getKey()).stream())
            .filter(one ->
                text.contains("\"repositories\":[\"" + one.name + "\"]")
                    || text.contains("\"repository_ids\":[" + one.id + "]"))
            .findFirst();
    if (repo.isEmpty()) {
      return Rest.MISSING;
    }
    String token = "ghs_" + java.util.UUID.randomUUID().toString().replace("-", "");
    tokens.put(token, repo.get().id);
    synchronized (this) {
      minted.add(token);
    }
    return new Rest.Answer(
        201, Shape.obj("token", token, "expires_at", Instant.now().plusSeconds(3600)));
  }

  /** Whether this is what the app signed, still good and for no longer than may be. */
  boolean signed(String jwt) {
    String[] parts = jwt.split("\\.", -1);
    if (parts.length != 3) {
      return false;
    }
    try {
      Base64.Decoder decoder = Base64.getUrlDecoder();
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(keys.getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      if (!signature.verify(decoder.decode(parts[2]))
          || !(JsonText.parse(decoder.decode(parts[1])) instanceof Json.Obj(var claims))) {
        return false;
      }
      long now = Instant.now().getEpochSecond();
      long from = number(claims.get("iat"));
      long until = number(claims.get("exp"));
      return Long.toString(id).equals(text(claims.get("iss")))
          && from <= now
          && until > now
          && until - now <= LONGEST_SECONDS;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static long number(@org.jspecify.annotations.Nullable Json json) {
    return json instanceof Json.Num(var literal) ? Long.parseLong(literal) : 0;
  }

  private static String text(@org.jspecify.annotations.Nullable Json json) {
    return json instanceof Json.Str(var value) ? value : "";
  }
}
