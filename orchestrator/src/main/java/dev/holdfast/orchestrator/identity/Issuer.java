package dev.holdfast.orchestrator.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.Seal;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Holdfast as an issuer of OpenID Connect tokens for jobs. Verifiers find its keys below its
 * address; they need no network to this host if somebody hands them the two documents. Thread-safe.
 */
public final class Issuer {
  /** Where verifiers look first, as OpenID Connect Discovery 1.0 has it. */
  public static final String DISCOVERY = "/.well-known/openid-configuration";

  public static final String KEYS = "/.well-known/jwks.json";

  /** Enough to exchange it for what the other side gives, and not for much else. */
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final String MINT = "identity.mint";

  private final Optional<URI> address;
  private final IssuerKeys keys;
  private final Database database;
  private final Audit audit;
  private final InstantSource clock;

  /**
   * @param address where verifiers find this installation, without a slash at the end; without one
   *     there are no tokens
   */
  public Issuer(
      Optional<URI> address, Database database, Seal seal, Audit audit, InstantSource clock) {
    this.address = address;
    this.keys = new IssuerKeys(database, seal, audit, clock);
    this.database = database;
    this.audit = audit;
    this.clock = clock;
  }

  /** What tokens say who made them, and what verifiers are told to trust. */
  public Optional<URI> address() {
    return address;
  }

  /** What tokens say. */
  public static List<String> claims() {
    return JobIdentity.CLAIMS;
  }

  /** The keys that tokens are checked with, as a JWK set. */
  public String keySet() {
    return keys.published().toString(true);
  }

  /** Makes and removes keys where it is time. */
  public void sweep() {
    if (address.isPresent()) {
      keys.sweep();
    }
  }

  /**
   * Takes all keys away and makes another one that signs at once.
   *
   * @param record puts it on record, in the same transaction; gets the new key's id
   */
  public String replaceKeys(OnRecord record) {
    RSAKey made = keys.made();
    return database.write(s -> {
      String id = keys.replace(s, made, clock.instant());
      record.put(s, id);
      return id;
    });
  }

  /** Puts something on record in a transaction. */
  public interface OnRecord {
    void put(Session session, String id) throws SQLException;
  }

  /** A token. Not to be logged. */
  record Signed(String id, String token, Instant from, Instant until) {
    @Override
    public String toString() {
      return "Signed[id=" + id + ", until=" + until + "]";
    }
  }

  /** A token for this audience, to be given to nobody before {@link #minted} recorded it. */
  Signed sign(JobIdentity who, String audience) {
    RSAKey key = keys.signing();
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant until = now.plus(LIFE);
    String id = database.ids().next("tok");
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID())
                .build(),
            who.claims(address.orElseThrow().toString(), audience, id, now, until));
    try {
      token.sign(new RSASSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java signs with RSA", e);
    }
    return new Signed(id, token.serialize(), now, until);
  }

  /** How often tokens were asked for in the name of an attempt. */
  static long asked(Session session, String attempt) throws SQLException {
    return session
        .first(
            "SELECT count(*) AS asked FROM identity_asked WHERE attempt_id = ?",
            row -> row.number("asked"),
            attempt)
        .orElse(0L);
  }

  void minted(Session session, Identities.Ask ask, JobIdentity who, Signed signed)
      throws SQLException {
    note(session, ask, Optional.of(signed.id()));
    record(
        session,
        ask,
        Audit.Outcome.DONE,
        "the token "
            + signed.id()
            + " for "
            + ask.of().audience()
            + ", job "
            + who.job()
            + " of run "
            + who.run()
            + ", step "
            + Quote.of(who.step()),
        "its subject is " + who.subject());
  }

  void refused(Session session, Identities.Ask ask, String why) throws SQLException {
    note(session, ask, Optional.empty());
    record(
        session,
        ask,
        Audit.Outcome.REFUSED,
        "a token for " + Quote.of(ask.of().audience()) + ", step " + ask.of().step(),
        why);
  }

  private void note(Session session, Identities.Ask ask, Optional<String> token)
      throws SQLException {
    session.update(
        "INSERT INTO identity_asked (id, attempt_id, step, audience, token, at) VALUES (?, ?, ?, ?,"
            + " ?, ?)",
        database.ids().next("ask"),
        ask.attempt(),
        ask.of().step(),
        ask.of().audience(),
        token,
        clock.instant());
  }

  private void record(
      Session session, Identities.Ask ask, Audit.Outcome outcome, String what, String why)
      throws SQLException {
    audit.record(
        session,
        new Audit.Entry(
            ask.agent().id(),
            MINT,
            ask.attempt(),
            Optional.of(ask.from()),
            outcome,
            List.of(what, why)));
  }
}
