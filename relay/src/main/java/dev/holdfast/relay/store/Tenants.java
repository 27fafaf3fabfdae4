package dev.holdfast.relay.store;

import static dev.holdfast.relay.store.Unguessable.hash;

import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.RelayApi.PutCredential;
import dev.holdfast.model.wire.relay.RelayApi.Standing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who may use the relay, and what each showed to be who it is. Thread-safe. */
public final class Tenants {
  /** How long a token for enrolment is good for. */
  public static final Duration TOKEN_LIFE = Duration.ofDays(7);

  private final Store store;

  Tenants(Store store) {
    this.store = store;
  }

  /**
   * A tenant, as its operator sees it.
   *
   * @param name what the operator calls it; the relay learns no other
   * @param oldest when the oldest delivery arrived that waits
   */
  public record Tenant(
      String id,
      String name,
      Instant made,
      Optional<Instant> enrolled,
      Optional<Instant> revoked,
      long sources,
      Standing standing,
      Optional<Instant> oldest) {}

  /** A tenant that may enrol, and the one time that its token is known. */
  public record Added(String id, String token) {
    @Override
    public String toString() {
      return id;
    }
  }

  /** Whose call it is. */
  public record Caller(String tenant, String credentialHash) {
    @Override
    public String toString() {
      return tenant;
    }
  }

  /** Lets somebody enrol. */
  public Added add(String name) {
    String id = Unguessable.id("ten");
    String token = Unguessable.secret(RelayApi.TOKEN);
    Instant now = store.now();
    store.write(
        id,
        s ->
            s.update(
                "INSERT INTO tenant (id, name, made_at, token_hash, token_until) VALUES (?, ?, ?,"
                    + " ?, ?)",
                id,
                name,
                now,
                hash(token),
                now.plus(TOKEN_LIFE)));
    return new Added(id, token);
  }

  /** All there ever were, oldest first. */
  public List<Tenant> list() {
    return store.read(s ->
        s.list(
            """
            SELECT t.*,
              (SELECT COUNT(*) FROM source WHERE source.tenant_id = t.id) AS sources,
              (SELECT MIN(arrived_at) FROM delivery WHERE delivery.tenant_id = t.id) AS oldest
            FROM tenant t ORDER BY made_at, id
            """,
            row ->
                new Tenant(
                    row.getString("id"),
                    row.getString("name"),
                    Session.time(row, "made_at"),
                    Session.maybeTime(row, "enrolled_at"),
                    Session.maybeTime(row, "revoked_at"),
                    row.getLong("sources"),
                    standing(row),
                    Session.maybeTime(row, "oldest"))));
  }

  static Standing standing(ResultSet row) throws SQLException {
    return new Standing(
        row.getLong("waiting"),
        row.getLong("waiting_bytes"),
        row.getLong("refused"),
        row.getLong("expired"));
  }

  /**
   * Ends a tenant: from the moment that this returns nothing is taken for it and nothing given to
   * it, by any relay. What waited is dropped.
   *
   * @return whether there was one in force
   */
  public boolean revoke(String tenant) {
    Instant now = store.now();
    return store.write(
        tenant,
        s -> {
          if (!locked(s, tenant)) {
            return false;
          }
          s.update("DELETE FROM delivery WHERE tenant_id = ?", tenant);
          s.update("DELETE FROM source WHERE tenant_id = ?", tenant);
          s.update(
              "UPDATE tenant SET revoked_at = ?, credential_hash = NULL, former_hash = NULL,"
                  + " token_until = 0, waiting = 0, waiting_bytes = 0 WHERE id = ?",
              now,
              tenant);
          return true;
        });
  }

  /** Whether the tenant is in force; from here to the commit nobody else changes what is its. */
  boolean locked(Session session, String tenant) throws SQLException {
    return session
        .first(
            store.dialect().lockTenant(),
            row -> Session.maybeTime(row, "revoked_at").isEmpty(),
            tenant)
        .orElse(false);
  }

  /** The tenant whose token it is, from then on with this credential; empty if it is nobody's. */
  public Optional<String> enrol(Enrol asked) {
    String token = hash(asked.token());
    Optional<String> found =
        store.read(s ->
            s.first("SELECT id FROM tenant WHERE token_hash = ?", r -> r.getString("id"), token));
    return found.filter(tenant -> store.write(tenant, s -> enrolled(s, tenant, asked)));
  }

  private boolean enrolled(Session s, String tenant, Enrol asked) throws SQLException {
    Instant now = store.now();
    String credential = hash(asked.credential());
    if (!locked(s, tenant)) {
      return false;
    }
    record Kept(@Nullable String credential, boolean open) {}
    Kept kept =
        s.first(
                "SELECT credential_hash, token_until FROM tenant WHERE id = ?",
                row ->
                    new Kept(
                        row.getString("credential_hash"),
                        now.toEpochMilli() < row.getLong("token_until")),
                tenant)
            .orElseThrow();
    if (kept.credential() != null) {
      // The answer to the same call went missing; any other is somebody with a token that is used.
      return same(kept.credential(), credential);
    }
    return kept.open()
        && s.update(
                "UPDATE tenant SET enrolled_at = ?, credential_hash = ?, public_key = ? WHERE id ="
                    + " ?",
                now,
                credential,
                asked.key().value(),
                tenant)
            == 1;
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  /** Whose credential it is, looked up anew for each call: who was revoked is so at once. */
  public Optional<Caller> caller(String credential) {
    String hash = hash(credential);
    Instant now = store.now();
    return store.read(s ->
        s.first(
            "SELECT id FROM tenant WHERE credential_hash = ? AND revoked_at IS NULL UNION ALL"
                + " SELECT id FROM tenant WHERE former_hash = ? AND former_until > ? AND"
                + " revoked_at IS NULL",
            row -> new Caller(row.getString("id"), hash),
            hash,
            hash,
            now));
  }

  /** Puts another credential in force; says until when the one that the call came with is. */
  public Instant put(Caller by, PutCredential asked) {
    String fresh = hash(asked.credential());
    Instant now = store.now();
    Instant until = now.plus(asked.overlap());
    return store.write(
        by.tenant(),
        s -> {
          mustBe(s, by.tenant());
          if (s.first(
                  "SELECT id FROM tenant WHERE credential_hash = ? AND id <> ?",
                  row -> true,
                  fresh,
                  by.tenant())
              .isPresent()) {
            throw new Refused("the credential is in use; make one of 32 random bytes");
          }
          Optional<Instant> present =
              s.first(
                  "SELECT former_until FROM tenant WHERE id = ? AND credential_hash = ?",
                  row -> Instant.ofEpochMilli(row.getLong("former_until")),
                  by.tenant(),
                  fresh);
          if (present.isPresent()) {
            return present.get();
          }
          s.update(
              "UPDATE tenant SET credential_hash = ?, former_hash = ?, former_until = ? WHERE id ="
                  + " ?",
              fresh,
              by.credentialHash(),
              until,
              by.tenant());
          return until;
        });
  }

  /** Seals to another key from now on; says which keys what is kept is sealed to. */
  public List<String> put(String tenant, PublicKey key) {
    return store.write(
        tenant,
        s -> {
          mustBe(s, tenant);
          s.update("UPDATE tenant SET public_key = ? WHERE id = ?", key.value(), tenant);
          List<String> needed =
              s.list(
                  "SELECT DISTINCT key_id FROM delivery WHERE tenant_id = ?",
                  row -> row.getString("key_id"),
                  tenant);
          return Stream.concat(Stream.of(key.id()), needed.stream()).distinct().toList();
        });
  }

  void mustBe(Session session, String tenant) throws SQLException {
    if (!locked(session, tenant)) {
      throw new Refused("the tenant was revoked; ask the relay's operator");
    }
  }
}
