package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.DataKeys;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Secrets as people keep them. Every version stays until it is purged; no value comes out of here
 * again. Thread-safe.
 */
public final class Secrets {
  /** Of one value. */
  public static final int MOST_BYTES = 64 * 1024;

  /** Of one scope. */
  private static final int MOST_SECRETS = 1000;

  private static final int MOST_VERSIONS = 1000;
  private static final int MOST_TRIES = 10;

  private final Database database;
  private final DataKeys keys;
  private final Fit fit;
  private final InstantSource clock;

  public Secrets(Database database, DataKeys keys, Fit fit, InstantSource clock) {
    this.database = database;
    this.keys = keys;
    this.fit = fit;
    this.clock = clock;
  }

  /** What is written in the very transaction of a change. */
  @FunctionalInterface
  public interface Along {
    void with(Session session, String subject, List<String> reasons) throws SQLException;
  }

  /**
   * A version, without what it holds.
   *
   * @param source {@code value} or {@code vault}
   * @param by the id of the user who set it
   */
  public record Version(
      SecretName name,
      long version,
      String source,
      String by,
      Instant at,
      Optional<String> purgedBy,
      Optional<Instant> purgedAt,
      boolean newest,
      Optional<Instant> removed) {
    private static Version of(SecretRow row) {
      return new Version(
          row.name(),
          row.version(),
          row.source(),
          row.setBy(),
          row.setAt(),
          row.purgedBy(),
          row.purgedAt(),
          row.version() == row.newest(),
          row.removed());
    }
  }

  /** The newest version of each secret of a scope, by name; removed ones too. */
  public List<Version> list(SecretScope scope) {
    return database.read(s -> SecretRow.newest(s, scope)).stream().map(Version::of).toList();
  }

  /** All versions of one, the newest first. */
  public List<Version> versions(SecretScope scope, SecretName name) {
    List<SecretRow> rows = database.read(s -> SecretRow.versions(s, scope, name));
    if (rows.isEmpty()) {
      throw unknown(scope, name);
    }
    return rows.stream().map(Version::of).toList();
  }

  /**
   * Sets values, all of them or none; the arrays are zeroed.
   *
   * @return the numbers of their new versions
   * @throws SecretRefused if one of them cannot be a secret
   */
  public Map<SecretName, Long> set(
      SecretScope scope, Map<SecretName, byte[]> values, String by, Along along) {
    try {
      values.forEach(this::check);
      var contents = new TreeMap<SecretName, Content>();
      values.forEach(
          (name, value) -> contents.put(name, new Content.Value(new Content.Bytes(value))));
      return put(scope, contents, by, "set", along);
    } finally {
      values.values().forEach(value -> Arrays.fill(value, (byte) 0));
    }
  }

  /**
   * Sets a value that no job is given, but has added to the requests that {@code use} describes;
   * the array is zeroed.
   *
   * @throws SecretRefused if it cannot be such a secret
   */
  public long setForUse(
      SecretScope scope, SecretName name, SecretUse use, byte[] value, String by, Along along) {
    try {
      check(name, value);
      Optional<String> unfit = use.unfit(value);
      if (unfit.isPresent()) {
        throw new SecretRefused(
            SecretRefused.Kind.UNFIT, "the value of " + name + " cannot be used: " + unfit.get());
      }
      return put(
              scope,
              Map.of(name, new Content.ForUse(use, new Content.Bytes(value))),
              by,
              "set, for use alone (" + use.described() + "),",
              along)
          .getOrDefault(name, 0L);
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  /** Sets a secret whose value is read from a vault each time that it is given. */
  public long refer(
      SecretScope scope, SecretName name, VaultReference reference, String by, Along along) {
    return put(scope, Map.of(name, reference.content()), by, "set from a vault", along)
        .getOrDefault(name, 0L);
  }

  private void check(SecretName name, byte[] value) {
    if (value.length > MOST_BYTES) {
      throw new SecretRefused(
          SecretRefused.Kind.UNFIT,
          "the value of "
              + name
              + " is over "
              + MOST_BYTES / 1024
              + " KiB; keep what is large encrypted in the repository, and its key here");
    }
    Optional<String> problem = fit.problem(value);
    if (problem.isPresent()) {
      throw new SecretRefused(
          SecretRefused.Kind.UNFIT,
          "the value of " + name + " cannot be a secret: " + problem.get());
    }
  }

  private record Sealed(SecretName name, long version, String source, String text) {}

  private Map<SecretName, Long> put(
      SecretScope scope, Map<SecretName, Content> contents, String by, String what, Along along) {
    for (SecretName name : contents.keySet()) {
      if (name.output().isPresent()) {
        throw new SecretRefused(
            SecretRefused.Kind.UNFIT,
            name + " is what an output of a job is called; use capital letters, digits or '_'");
      }
    }
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      var sealed = new ArrayList<Sealed>();
      for (var one : contents.entrySet()) {
        long version = database.read(s -> version(s, scope, one.getKey())) + 1;
        sealed.add(sealed(scope, one.getKey(), version, one.getValue()));
      }
      Optional<Map<SecretName, Long>> put =
          database.write(s -> write(s, scope, sealed, by, what, along));
      if (put.isPresent()) {
        return put.get();
      }
    }
    throw new SecretRefused(
        SecretRefused.Kind.CONFLICT,
        "somebody else sets the same secrets now; look, then try again");
  }

  private Sealed sealed(SecretScope scope, SecretName name, long version, Content content) {
    byte[] bytes = content.plain();
    try {
      return new Sealed(
          name,
          version,
          content.source(),
          keys.seal(scope.text(), SecretRow.place(scope.text(), name, version), bytes));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Empty if a version came in between: what is sealed is sealed as just that version. */
  private Optional<Map<SecretName, Long>> write(
      Session s, SecretScope scope, List<Sealed> sealed, String by, String what, Along along)
      throws SQLException {
    var versions = new TreeMap<SecretName, Long>();
    Instant now = clock.instant();
    for (Sealed one : sealed) {
      if (version(s, scope, one.name()) + 1 != one.version()) {
        return Optional.empty();
      }
      if (one.version() > MOST_VERSIONS) {
        throw new SecretRefused(
            SecretRefused.Kind.CONFLICT,
            one.name() + " has " + MOST_VERSIONS + " versions; use another name");
      }
    }
    for (Sealed one : sealed) {
      String id = id(s, scope, one.name()).orElseGet(() -> database.ids().next("sec"));
      s.update(
          "INSERT INTO secret (id, scope, name, version) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO"
              + " UPDATE SET version = excluded.version, removed_at = NULL, removed_by = NULL",
          id,
          scope.text(),
          one.name().value(),
          one.version());
      s.update(
          "INSERT INTO secret_version (secret_id, version, source, sealed, set_by, set_at) VALUES"
              + " (?, ?, ?, ?, ?, ?)",
          id,
          one.version(),
          one.source(),
          one.text(),
          by,
          now);
      versions.put(one.name(), one.version());
      along.with(s, scope.text(), List.of(what + " " + one.name() + " version " + one.version()));
    }
    long count =
        s.first(
                "SELECT count(*) AS n FROM secret WHERE scope = ?",
                row -> row.number("n"),
                scope.text())
            .orElse(0L);
    if (count > MOST_SECRETS) {
      throw new SecretRefused(
          SecretRefused.Kind.CONFLICT,
          "there are already " + MOST_SECRETS + " secrets in one place");
    }
    return Optional.of(versions);
  }

  /**
   * Has what an older version holds be the newest version again.
   *
   * @return the new version's number
   */
  public long rollback(SecretScope scope, SecretName name, long version, String by, Along along) {
    SecretRow row = find(scope, name, version);
    String sealed =
        row.sealed()
            .orElseThrow(() ->
                new SecretRefused(
                    SecretRefused.Kind.CONFLICT, row.described() + " was purged; set it anew"));
    byte[] bytes = keys.open(row.scope(), row.place(), sealed);
    try {
      return put(
              scope,
              Map.of(name, Content.of(bytes)),
              by,
              "rolled back to version " + version + ":",
              along)
          .getOrDefault(name, 0L);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Has it given to nobody any more; its versions stay until they are purged. */
  public void remove(SecretScope scope, SecretName name, String by, Along along) {
    database.write(s -> {
      if (s.update(
              "UPDATE secret SET removed_at = ?, removed_by = ? WHERE scope = ? AND name = ? AND"
                  + " removed_at IS NULL",
              clock.instant(),
              by,
              scope.text(),
              name.value())
          == 0) {
        throw unknown(scope, name);
      }
      along.with(s, scope.text(), List.of("removed " + name));
      return true;
    });
  }

  /**
   * Destroys what versions hold: one, or, where none is named, all of a removed secret and else all
   * but the newest. Who set them when stays.
   *
   * @return the numbers of those destroyed
   */
  public List<Long> purge(
      SecretScope scope, SecretName name, Optional<Long> version, String by, Along along) {
    return database.write(s -> {
      List<SecretRow> rows = SecretRow.versions(s, scope, name);
      if (rows.isEmpty()) {
        throw unknown(scope, name);
      }
      if (version.isPresent() && rows.stream().noneMatch(r -> r.version() == version.get())) {
        throw unknownVersion(scope, name, version.get());
      }
      var purged = new ArrayList<Long>();
      for (SecretRow row : rows) {
        boolean wanted =
            version
                .map(v -> v == row.version())
                .orElse(row.removed().isPresent() || row.version() != row.newest());
        if (wanted && row.sealed().isPresent()) {
          s.update(
              "UPDATE secret_version SET sealed = NULL, purged_by = ?, purged_at = ? WHERE"
                  + " secret_id = ? AND version = ?",
              by,
              clock.instant(),
              row.id(),
              row.version());
          purged.add(row.version());
          along.with(s, scope.text(), List.of("purged " + name + " version " + row.version()));
        }
      }
      return purged;
    });
  }

  /** Destroys all that a repository's secrets hold, in the transaction that removes it. */
  public static void repositoryRemoved(Session s, String repository, String by, Instant now)
      throws SQLException {
    KeptOutputs.repositoryRemoved(s, repository);
    String scope = new SecretScope.OfRepository(repository).text();
    s.update(
        "UPDATE secret_version SET sealed = NULL, purged_by = ?, purged_at = ? WHERE sealed IS NOT"
            + " NULL AND secret_id IN (SELECT id FROM secret WHERE scope = ? OR substr(scope, 1,"
            + " ?) = ?)",
        by,
        now,
        scope,
        scope.length() + 1,
        scope + "/");
    s.update(
        "UPDATE secret SET removed_at = ?, removed_by = ? WHERE removed_at IS NULL AND (scope = ?"
            + " OR substr(scope, 1, ?) = ?)",
        now,
        by,
        scope,
        scope.length() + 1,
        scope + "/");
  }

  private SecretRow find(SecretScope scope, SecretName name, long version) {
    List<SecretRow> rows = database.read(s -> SecretRow.versions(s, scope, name));
    if (rows.isEmpty()) {
      throw unknown(scope, name);
    }
    return rows.stream()
        .filter(row -> row.version() == version)
        .findFirst()
        .orElseThrow(() -> unknownVersion(scope, name, version));
  }

  private static long version(Session s, SecretScope scope, SecretName name) throws SQLException {
    return s.first(
            "SELECT version FROM secret WHERE scope = ? AND name = ?",
            row -> row.number("version"),
            scope.text(),
            name.value())
        .orElse(0L);
  }

  private static Optional<String> id(Session s, SecretScope scope, SecretName name)
      throws SQLException {
    return s.first(
        "SELECT id FROM secret WHERE scope = ? AND name = ?",
        row -> row.text("id"),
        scope.text(),
        name.value());
  }

  private static SecretRefused unknown(SecretScope scope, SecretName name) {
    return new SecretRefused(
        SecretRefused.Kind.UNKNOWN,
        "there is no secret " + name + " in " + scope.text() + "; see holdfast secret list");
  }

  private static SecretRefused unknownVersion(SecretScope scope, SecretName name, long version) {
    return new SecretRefused(
        SecretRefused.Kind.UNKNOWN,
        name
            + " in "
            + scope.text()
            + " has no version "
            + version
            + "; see holdfast secret versions "
            + name);
  }
}
