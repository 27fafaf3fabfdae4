package dev.holdfast.orchestrator.seal;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Seals and opens values with a key for each scope, which is kept wrapped by a master key. A value
 * can be opened only as what it was sealed as: its {@link Place}, in this installation, under the
 * key of its scope; and a data key only as the one of its id and scope.
 *
 * <p>May ask a key service, so that nothing of it is to be called within a read or a write of the
 * database, but for what {@link #ready} answers. Thread-safe.
 */
public final class DataKeys implements AutoCloseable {
  private static final String FORM = "2";

  /** After that a key service is asked anew, so that it can say no. */
  private static final Duration KEPT = Duration.ofMinutes(5);

  private static final int MOST_KEPT = 10_000;

  /**
   * So often at most does one key seal. With random nonces the standard (NIST SP 800-38D, 8.3) ends
   * a key's use at 2^32, where two nonces are the same with a chance of 2^-33; at 2^30 it is 2^-37.
   */
  static final long MOST_USES = 1L << 30;

  /** Counted in the database before they are made, so that no crash makes the count too low. */
  private static final long AT_ONCE = 1024;

  /** For what never waits: more than there are tokens of forges. */
  private static final long FOR_A_START = 1L << 16;

  private static final int MOST_TRIES = 10;

  private final Database database;
  private final MasterKeys masters;
  private final Installation installation;
  private final InstantSource clock;
  private final long mostUses;
  private final ConcurrentHashMap<String, Kept> kept = new ConcurrentHashMap<>();
  private final Map<String, Long> uses = new HashMap<>();

  public DataKeys(
      Database database, MasterKeys masters, Installation installation, InstantSource clock) {
    this(database, masters, installation, clock, MOST_USES);
  }

  DataKeys(
      Database database,
      MasterKeys masters,
      Installation installation,
      InstantSource clock,
      long mostUses) {
    this.database = database;
    this.masters = masters;
    this.installation = installation;
    this.clock = clock;
    this.mostUses = mostUses;
  }

  /** A data key as it stands in the database. */
  record Wrapped(String id, String scope, String master, String wrapped, long rotation, long uses) {
    static Wrapped of(Row row) throws SQLException {
      return new Wrapped(
          row.text("id"),
          row.text("scope"),
          row.text("master"),
          row.text("wrapped"),
          row.number("rotation"),
          row.number("uses"));
    }
  }

  /** An unwrapped one, as long as it is wrapped in just this way. */
  private record Kept(String wrapped, byte[] key, Instant until) {}

  /** A data key, ready for use without a wait. Says nothing of itself. */
  private record Key(String id, byte[] key) {
    @Override
    public String toString() {
      return "data key " + id;
    }
  }

  /**
   * {@code value}, sealed.
   *
   * @throws KeysUnavailable if no key can be had now
   */
  public String seal(String scope, Place place, byte[] value) {
    return sealed(current(scope, 1), place, value);
  }

  /**
   * What {@link #seal} sealed for the same scope and place.
   *
   * @throws Seal.Broken if it was changed, or is not of that scope, place or installation
   * @throws KeysUnavailable if its key cannot be had now
   */
  public byte[] open(String scope, Place place, String sealed) {
    String id = keyOf(sealed, place);
    Wrapped row =
        database
            .read(s -> byId(s, id))
            .orElseThrow(() -> new Seal.Broken(place + " (its data key is not here)", null));
    if (!row.scope().equals(scope)) {
      throw new Seal.Broken(place + " (its data key is that of " + row.scope() + ")", null);
    }
    return opened(unwrapped(row), place, sealed);
  }

  /** All keys of a scope, held for as long as the process runs. */
  Ready ready(String scope) {
    Key current = current(scope, FOR_A_START);
    var all = new HashMap<String, Key>();
    for (Wrapped row : database.read(s -> ofScope(s, scope))) {
      all.put(row.id(), unwrapped(row));
    }
    return new Ready(current, all);
  }

  /** Seals and opens without a wait, also within a write. */
  final class Ready {
    private final Key current;
    private final Map<String, Key> all;
    private long left = FOR_A_START;

    private Ready(Key current, Map<String, Key> all) {
      this.current = current;
      this.all = all;
    }

    synchronized String seal(Place place, byte[] value) {
      if (--left < 0) {
        // What is sealed this way are tokens of forges, of which nobody sets so many.
        throw new KeysUnavailable(
            "a key was used as often as was counted at the start; restart the server", null);
      }
      return sealed(current, place, value);
    }

    byte[] open(Place place, String sealed) {
      Key key = all.get(keyOf(sealed, place));
      if (key == null) {
        throw new Seal.Broken(place + " (its data key is not here)", null);
      }
      return opened(key, place, sealed);
    }
  }

  /** Whether that is a text that was sealed here, rather than in an older form. */
  static boolean isSealed(String text) {
    return text.startsWith(FORM + ".");
  }

  private String sealed(Key key, Place place, byte[] value) {
    byte[] sealed = Gcm.seal(key.key(), place.bytes(installation.id(), key.id()), value);
    return FORM + "." + key.id() + "." + Base64.getEncoder().encodeToString(sealed);
  }

  private byte[] opened(Key key, Place place, String sealed) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(sealed.substring(sealed.lastIndexOf('.') + 1));
    } catch (IllegalArgumentException e) {
      throw new Seal.Broken(place.toString(), null);
    }
    return Gcm.open(key.key(), place.bytes(installation.id(), key.id()), bytes)
        .orElseThrow(() -> new Seal.Broken(place.toString(), null));
  }

  private static String keyOf(String sealed, Place place) {
    String[] parts = sealed.split("\\.", -1);
    if (parts.length != 3 || !parts[0].equals(FORM)) {
      throw new Seal.Broken(place.toString(), null);
    }
    return parts[1];
  }

  /** The key that seals for a scope now, with so many uses of it counted. */
  private Key current(String scope, long times) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Optional<Wrapped> row = database.read(s -> current(s, scope));
      if (row.isEmpty()) {
        make(scope);
      } else if (!counted(row.get(), times)) {
        retire(row.get());
      } else {
        return unwrapped(row.get());
      }
    }
    throw new KeysUnavailable(
        "the data key of " + scope + " changes all the time; try again", null);
  }

  private void make(String scope) {
    long rotation = database.read(DataKeys::rotation);
    String id = database.ids().next("dk");
    String master = masters.current();
    byte[] key = Gcm.newKey();
    try {
      String wrapped = masters.key(master).wrap(key, bound(id, scope));
      database.write(s ->
          // With a rotation in between, its master key may be the old one: then once more.
          rotation(s) == rotation
              && s.update(
                      "INSERT INTO data_key (id, scope, master, wrapped, rotation, uses, made_at)"
                          + " VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
                      id,
                      scope,
                      master,
                      wrapped,
                      rotation,
                      clock.instant())
                  > 0);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** Ends the use of the key that seals for {@code scope}: what comes is sealed with a new one. */
  public void retire(String scope) {
    database.read(s -> current(s, scope)).ifPresent(this::retire);
  }

  private void retire(Wrapped row) {
    database.write(s ->
        s.update(
            "UPDATE data_key SET retired_at = ? WHERE id = ? AND retired_at IS NULL",
            clock.instant(),
            row.id()));
  }

  /** Whether so many more uses of it were within its limit, and are counted. */
  private boolean counted(Wrapped row, long times) {
    synchronized (uses) {
      long left = uses.getOrDefault(row.id(), 0L);
      if (left < times) {
        long more = Math.max(AT_ONCE, times);
        int taken =
            database.write(s ->
                s.update(
                    "UPDATE data_key SET uses = uses + ? WHERE id = ? AND uses + ? <= ?",
                    more,
                    row.id(),
                    more,
                    mostUses));
        if (taken == 0) {
          return false;
        }
        left += more;
      }
      uses.put(row.id(), left - times);
      return true;
    }
  }

  private Key unwrapped(Wrapped row) {
    Instant now = clock.instant();
    Kept before = kept.get(row.id());
    if (before != null && before.wrapped().equals(row.wrapped()) && now.isBefore(before.until())) {
      return new Key(row.id(), before.key());
    }
    byte[] key = unwrap(row);
    if (kept.size() >= MOST_KEPT) {
      kept.clear();
    }
    kept.put(row.id(), new Kept(row.wrapped(), key, now.plus(KEPT)));
    return new Key(row.id(), key);
  }

  /** The key itself, not kept. */
  byte[] unwrap(Wrapped row) {
    try {
      return masters.key(row.master()).unwrap(row.wrapped(), bound(row.id(), row.scope()));
    } catch (MasterKey.DoesNotOpen e) {
      throw new Seal.Broken("the data key " + row.id() + " of " + row.scope(), e);
    }
  }

  /** What a data key is bound to; of its master key it is known by which it opens. */
  byte[] bound(String id, String scope) {
    return Place.of("data key", scope).bytes(installation.id(), id);
  }

  static long rotation(Session session) throws SQLException {
    return session
        .first("SELECT coalesce(max(number), 0) AS n FROM master_rotation", row -> row.number("n"))
        .orElse(0L);
  }

  private static Optional<Wrapped> current(Session session, String scope) throws SQLException {
    return session.first(
        "SELECT * FROM data_key WHERE scope = ? AND retired_at IS NULL", Wrapped::of, scope);
  }

  private static Optional<Wrapped> byId(Session session, String id) throws SQLException {
    return session.first("SELECT * FROM data_key WHERE id = ?", Wrapped::of, id);
  }

  private static List<Wrapped> ofScope(Session session, String scope) throws SQLException {
    return session.list("SELECT * FROM data_key WHERE scope = ?", Wrapped::of, scope);
  }

  /** Forgets all keys. */
  @Override
  public void close() {
    var all = new ArrayList<>(kept.values());
    kept.clear();
    all.forEach(one -> Arrays.fill(one.key(), (byte) 0));
  }

  /** Text as it is sealed. */
  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
