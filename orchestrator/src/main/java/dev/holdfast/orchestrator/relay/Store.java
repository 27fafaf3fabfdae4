package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.Seal;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What is kept about the relay: the enrolment, the keys, the sources. All that is secret is sealed
 * at its row and column. Thread-safe.
 */
final class Store {
  private static final int SECRET_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Database database;
  private final Seal seal;

  Store(Database database, Seal seal) {
    this.database = database;
    this.seal = seal;
  }

  static String unguessable() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String digest(String token) {
    return HexFormat.of().formatHex(Sha256.of(token.getBytes(StandardCharsets.UTF_8)));
  }

  Optional<Enrolment> enrolment() {
    return database.read(this::enrolment);
  }

  Optional<Enrolment> enrolment(Session session) throws SQLException {
    return session.first(
        "SELECT * FROM relay",
        row -> {
          Optional<String> token = row.maybeText("token");
          Optional<String> tenant = row.maybeText("tenant");
          return new Enrolment(
              row.text("url"),
              seal.open(row.text("credential"), "relay/1/credential"),
              token.map(sealed -> seal.open(sealed, "relay/1/token")),
              tenant.isPresent()
                  ? Optional.of(new Enrolment.Taken(tenant.get(), row.text("ingress")))
                  : Optional.empty());
        });
  }

  /** Whether {@code invitation} is the one that was made use of, or is being made use of. */
  boolean used(Invitation invitation) {
    return database
        .read(s ->
            s.first(
                "SELECT 1 FROM relay WHERE url = ? AND token_digest = ?",
                row -> 1,
                invitation.url(),
                digest(invitation.token())))
        .isPresent();
  }

  /**
   * Begins anew as a tenant: everything that is secret is made and kept before the relay is told of
   * it, so that a call whose answer was lost can be made again. Sources have new addresses.
   */
  void begin(Session session, Invitation invitation, Instant now) throws SQLException {
    session.update("DELETE FROM relay");
    session.update("DELETE FROM relay_source");
    session.update(
        "INSERT INTO relay (one, url, token, token_digest, credential, begun_at) VALUES (1, ?, ?,"
            + " ?, ?, ?)",
        invitation.url(),
        seal.seal(invitation.token(), "relay/1/token"),
        digest(invitation.token()),
        seal.seal(RelayApi.CREDENTIAL + unguessable(), "relay/1/credential"),
        now);
    make(session, now);
  }

  void enrolled(Session session, Enrolment.Taken taken, Instant now) throws SQLException {
    session.update(
        "UPDATE relay SET tenant = ?, ingress = ?, token = NULL, enrolled_at = ?",
        taken.tenant(),
        taken.ingress(),
        now);
  }

  // Credentials.

  /**
   * A credential that the relay is to take.
   *
   * @param overlap how long it still takes the one before
   */
  record NextCredential(String value, Duration overlap) {
    @Override
    public String toString() {
      return "a credential";
    }
  }

  /** Makes the next credential; one that the relay was not told of yet stays. */
  void makeCredential(Session session, Duration overlap) throws SQLException {
    session.update(
        "UPDATE relay SET next_credential = coalesce(next_credential, ?), next_overlap = ?",
        seal.seal(RelayApi.CREDENTIAL + unguessable(), "relay/1/next-credential"),
        overlap.toMillis());
  }

  /** What the relay is still to take; empty if it took all. */
  Optional<NextCredential> nextCredential() {
    return database
        .read(s -> s.first("SELECT next_credential, next_overlap FROM relay", this::next))
        .flatMap(found -> found);
  }

  private Optional<NextCredential> next(Row row) throws SQLException {
    Optional<String> sealed = row.maybeText("next_credential");
    return sealed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NextCredential(
                seal.open(sealed.get(), "relay/1/next-credential"),
                Duration.ofMillis(row.number("next_overlap"))));
  }

  /** The relay takes {@code next} from now on; the one before is forgotten here. */
  void credentialTaken(Session session, NextCredential next) throws SQLException {
    session.update(
        "UPDATE relay SET credential = ?, next_credential = NULL, next_overlap = 0",
        seal.seal(next.value(), "relay/1/credential"));
  }

  // Keys.

  /** Makes a key, which is the newest from now on. */
  Opener.Key make(Session session, Instant now) throws SQLException {
    Opener.Key key = Opener.Key.make();
    String id = key.open().id();
    session.update(
        "INSERT INTO relay_key (id, number, open_half, secret_half, made_at) SELECT ?,"
            + " coalesce(max(number), 0) + 1, ?, ?, ? FROM relay_key",
        id,
        key.open().value(),
        seal.seal(Base64.getEncoder().encodeToString(key.secret()), keyPlace(id)),
        now);
    return key;
  }

  /**
   * A key as it is kept.
   *
   * @param takenAt when the relay first took it; empty if it did not yet
   */
  record Kept(Opener.Key key, Instant madeAt, Optional<Instant> takenAt) {}

  /** All keys, the newest first. */
  List<Kept> keys() {
    return database.read(s -> s.list("SELECT * FROM relay_key ORDER BY number DESC", this::kept));
  }

  Optional<Opener.Key> key(String id) {
    return database.read(
        s -> s.first("SELECT * FROM relay_key WHERE id = ?", row -> kept(row).key(), id));
  }

  private Kept kept(Row row) throws SQLException {
    return new Kept(
        new Opener.Key(
            Base64.getDecoder()
                .decode(seal.open(row.text("secret_half"), keyPlace(row.text("id")))),
            new RelayApi.PublicKey(row.text("open_half"))),
        row.time("made_at"),
        row.maybeTime("taken_at"));
  }

  /**
   * The relay seals to the key {@code id} from now on. Of those that it needs no more, the ones
   * that were made before {@code latest} are forgotten.
   */
  List<String> taken(Session session, String id, List<String> needed, Instant latest, Instant now)
      throws SQLException {
    session.update("UPDATE relay_key SET taken_at = ? WHERE id = ? AND taken_at IS NULL", now, id);
    List<String> old =
        session
            .list(
                "SELECT id FROM relay_key WHERE id <> ? AND retired_at < ?",
                row -> row.text("id"),
                id,
                latest)
            .stream()
            .filter(one -> !needed.contains(one))
            .toList();
    session.update(
        "UPDATE relay_key SET retired_at = ? WHERE id <> ? AND retired_at IS NULL", now, id);
    for (String one : old) {
      session.update("DELETE FROM relay_key WHERE id = ?", one);
    }
    return old;
  }

  private static String keyPlace(String id) {
    return "relay_key/" + id + "/secret_half";
  }

  // Sources.

  /**
   * Where a link's webhooks reach the relay.
   *
   * @param id what the relay calls it
   * @param link what {@code Links} calls it
   * @param secret the unguessable part of its address
   * @param ranges of addresses that may post to it; none for any
   * @param overlap how long the secret before this one is still taken
   * @param taken whether the relay knows all that
   */
  record Source(
      String id, String link, String secret, List<String> ranges, Duration overlap, boolean taken) {
    @Override
    public String toString() {
      return "the source " + id;
    }
  }

  /** The source of {@code link}, which is made if there is none. */
  Source source(Session session, String link, Instant now) throws SQLException {
    Optional<Source> there =
        session.first("SELECT * FROM relay_source WHERE link = ?", this::source, link);
    if (there.isPresent()) {
      return there.get();
    }
    var made =
        new Source(
            database.ids().next("rsrc"), link, unguessable(), List.of(), Duration.ZERO, false);
    session.update(
        "INSERT INTO relay_source (id, link, secret, made_at) VALUES (?, ?, ?, ?)",
        made.id(),
        link,
        seal.seal(made.secret(), sourcePlace(made.id())),
        now);
    return made;
  }

  /** What {@code Links} calls the source that the relay calls {@code id}. */
  Optional<String> link(String id) {
    return database.read(
        s -> s.first("SELECT link FROM relay_source WHERE id = ?", row -> row.text("link"), id));
  }

  /** Gives the source another address; empty if there is none of that id. */
  Optional<Source> readdress(Session session, String id, Duration overlap) throws SQLException {
    session.update(
        "UPDATE relay_source SET secret = ?, overlap = ?, taken_at = NULL WHERE id = ?",
        seal.seal(unguessable(), sourcePlace(id)),
        overlap.toMillis(),
        id);
    return session.first("SELECT * FROM relay_source WHERE id = ?", this::source, id);
  }

  /** Lets only these addresses post to the source, or any; answers whether there is one. */
  boolean allow(Session session, String id, List<String> ranges) throws SQLException {
    return session.update(
            "UPDATE relay_source SET ranges = ?, taken_at = NULL WHERE id = ?",
            String.join(" ", ranges),
            id)
        == 1;
  }

  List<Source> sources() {
    return database.read(s -> s.list("SELECT * FROM relay_source ORDER BY id", this::source));
  }

  /** The relay knows {@code source}, unless it was changed again meanwhile. */
  void taken(Session session, Source source, Instant now) throws SQLException {
    Optional<Source> present =
        session.first("SELECT * FROM relay_source WHERE id = ?", this::source, source.id());
    if (present.filter(source::equals).isPresent()) {
      session.update("UPDATE relay_source SET taken_at = ? WHERE id = ?", now, source.id());
    }
  }

  void gone(Session session, Source source) throws SQLException {
    session.update("DELETE FROM relay_source WHERE id = ?", source.id());
  }

  private Source source(Row row) throws SQLException {
    String id = row.text("id");
    return new Source(
        id,
        row.text("link"),
        seal.open(row.text("secret"), sourcePlace(id)),
        row.text("ranges").isEmpty() ? List.of() : List.of(row.text("ranges").split(" ", -1)),
        Duration.ofMillis(row.number("overlap")),
        row.maybeTime("taken_at").isPresent());
  }

  private static String sourcePlace(String id) {
    return "relay_source/" + id + "/secret";
  }
}
