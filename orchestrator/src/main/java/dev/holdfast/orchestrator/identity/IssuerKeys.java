package dev.holdfast.orchestrator.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.Seal;
import java.sql.SQLException;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The keys of the issuer: RSA, since every verifier knows it; sealed in the database. The first is
 * made when it is first asked for. Thread-safe.
 */
final class IssuerKeys {
  private static final int BITS = 2048;

  private final Database database;
  private final Seal seal;
  private final Audit audit;
  private final InstantSource clock;

  IssuerKeys(Database database, Seal seal, Audit audit, InstantSource clock) {
    this.database = database;
    this.seal = seal;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * With what to sign now.
   *
   * @throws Seal.Broken if somebody changed it
   */
  RSAKey signing() {
    Optional<RSAKey> key = database.read(this::signing);
    if (key.isPresent()) {
      return key.get();
    }
    sweep();
    return database.read(this::signing).orElseThrow();
  }

  private Optional<RSAKey> signing(Session session) throws SQLException {
    Optional<IssuerKey> key = IssuerKey.signing(all(session), clock.instant());
    return key.isEmpty()
        ? Optional.empty()
        : session.first(
            "SELECT id, sealed FROM issuer_key WHERE id = ?", this::opened, key.get().id());
  }

  /**
   * What verifiers check with: the open halves of all keys that sign, signed lately or will. They
   * are taken from what is sealed: whoever writes the database has nobody believe a key of theirs.
   *
   * @throws Seal.Broken if somebody changed one
   */
  JWKSet published() {
    List<JWK> keys = open();
    if (keys.isEmpty()) {
      sweep();
      keys = open();
    }
    return new JWKSet(keys);
  }

  private List<JWK> open() {
    return database.read(s ->
        s.list(
            "SELECT id, sealed FROM issuer_key ORDER BY signs_from, id",
            row -> opened(row).toPublicJWK()));
  }

  private RSAKey opened(Row row) throws SQLException {
    String id = row.text("id");
    RSAKey key = parsed(seal.open(row.text("sealed"), place(id)));
    if (!id.equals(key.getKeyID())) {
      throw new IllegalStateException("the issuer's key " + id + " says that it is another");
    }
    return key;
  }

  /** Makes the next key where it is time, and removes those that no token can be by. */
  void sweep() {
    Instant now = clock.instant();
    List<IssuerKey> keys = database.read(this::all);
    if (IssuerKey.next(keys, now).isEmpty() && IssuerKey.over(keys, now).isEmpty()) {
      return;
    }
    // Outside of the write, which others wait for.
    RSAKey made = made();
    database.write(s -> {
      List<IssuerKey> there = all(s);
      Optional<Instant> from = IssuerKey.next(there, now);
      if (from.isPresent()) {
        keep(s, made, from.get(), now);
        record(s, "identity.key", made.getKeyID(), "it signs from " + from.get() + " on");
      }
      for (IssuerKey over : IssuerKey.over(there, now)) {
        s.update("DELETE FROM issuer_key WHERE id = ?", over.id());
        record(s, "identity.key-removed", over.id(), "no token is by it any more");
      }
      return true;
    });
  }

  /**
   * Signs with another key from now on, and takes all others away: what they signed is believed
   * only by who kept them. For when one may have become known.
   */
  String replace(Session session, RSAKey made, Instant now) throws SQLException {
    session.update("DELETE FROM issuer_key");
    keep(session, made, now, now);
    return made.getKeyID();
  }

  private void keep(Session session, RSAKey key, Instant from, Instant now) throws SQLException {
    session.update(
        "INSERT INTO issuer_key (id, sealed, signs_from, made_at) VALUES (?, ?, ?, ?)",
        key.getKeyID(),
        seal.seal(key.toJSONString(), place(key.getKeyID())),
        from,
        now);
  }

  private void record(Session session, String action, String key, String why) throws SQLException {
    audit.record(
        session,
        new Audit.Entry(
            "holdfast", action, key, Optional.empty(), Audit.Outcome.DONE, List.of(why)));
  }

  private List<IssuerKey> all(Session session) throws SQLException {
    return session.list(
        "SELECT id, signs_from FROM issuer_key ORDER BY signs_from, id",
        row -> new IssuerKey(row.text("id"), row.time("signs_from")));
  }

  /** A new key, which takes some tenths of a second. */
  RSAKey made() {
    try {
      return new RSAKeyGenerator(BITS)
          .keyUse(KeyUse.SIGNATURE)
          .algorithm(JWSAlgorithm.RS256)
          .keyID(database.ids().next("key"))
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java makes RSA keys", e);
    }
  }

  private static RSAKey parsed(String text) {
    try {
      return RSAKey.parse(text);
    } catch (ParseException e) {
      // Not the cause: its message may hold what could not be parsed.
      throw new IllegalStateException("a key of the issuer is damaged; restore it from a backup");
    }
  }

  private static String place(String id) {
    return "issuer_key/" + id + "/sealed";
  }
}
