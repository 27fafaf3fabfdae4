package dev.holdfast.orchestrator.seal;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wraps all data keys anew, with the first of the master keys, while they are in use. It goes in
 * batches, each of which is in the database in whole or not at all, and goes on after a crash with
 * what is not yet wrapped anew. The keys that wrapped before are needed until it is over; what
 * opens a value always finds the row and the key that belong together. Thread-safe.
 */
public final class MasterRotation {
  private static final Logger LOG = LoggerFactory.getLogger(MasterRotation.class);
  private static final int BATCH = 20;

  private final Database database;
  private final MasterKeys masters;
  private final DataKeys keys;
  private final InstantSource clock;
  private final OnRecord onRecord;
  private final ReentrantLock one = new ReentrantLock();
  private String broken = "";

  /** Puts on record what is done, in the transaction that does it. */
  @FunctionalInterface
  public interface OnRecord {
    void done(Session session, String actor, String action, String subject, List<String> reasons)
        throws SQLException;
  }

  public MasterRotation(
      Database database,
      MasterKeys masters,
      DataKeys keys,
      InstantSource clock,
      OnRecord onRecord) {
    this.database = database;
    this.masters = masters;
    this.keys = keys;
    this.clock = clock;
    this.onRecord = onRecord;
  }

  /**
   * A rotation.
   *
   * @param number counts up
   * @param master the name of the key that wraps from then on
   */
  public record Rotation(
      long number, String master, String by, Instant started, Optional<Instant> finished) {
    private static Rotation of(Row row) throws SQLException {
      return new Rotation(
          row.number("number"),
          row.text("master"),
          row.text("started_by"),
          row.time("started_at"),
          row.maybeTime("finished_at"));
    }
  }

  /**
   * One master key.
   *
   * @param wraps how many data keys
   * @param here whether this server has it
   * @param current whether new data keys are wrapped by it
   */
  public record Master(String name, long wraps, boolean here, boolean current) {
    /** Whether nothing needs it any more, but backups of before. */
    public boolean mayGo() {
      return here && !current && wraps == 0;
    }
  }

  /** All master keys, the one that wraps first. */
  public List<Master> masters() {
    List<String> names = masters.names();
    String current = masters.current();
    return database.read(s -> {
      var out = new ArrayList<Master>();
      for (String name : names) {
        out.add(new Master(name, wraps(s, name), true, name.equals(current)));
      }
      for (String name : used(s)) {
        if (!names.contains(name)) {
          out.add(new Master(name, wraps(s, name), false, false));
        }
      }
      return out;
    });
  }

  /** The newest rotation. */
  public Optional<Rotation> newest() {
    return database.read(MasterRotation::newest);
  }

  /** How many data keys the newest rotation has not come to. */
  public long left() {
    return database.read(s ->
        s.first(
                "SELECT count(*) AS n FROM data_key WHERE rotation < ?",
                row -> row.number("n"),
                DataKeys.rotation(s))
            .orElse(0L));
  }

  /** Which data keys cannot be wrapped anew, and why; empty if there are none. */
  public String problem() {
    return broken;
  }

  /**
   * Begins one, which {@link #sweep} carries on: reads the master keys again, and where they are
   * plain files makes a new one. If one is under way, that one is answered.
   *
   * @param by the id of the user who asked
   * @throws IOException if the master keys cannot be read, or one that is needed is missing
   * @throws KeysUnavailable if the new one does not work
   */
  public Rotation begin(String by) throws IOException {
    one.lock();
    try {
      Optional<Rotation> before = newest().filter(rotation -> rotation.finished().isEmpty());
      if (before.isPresent()) {
        return before.get();
      }
      masters.renew();
      String master = masters.current();
      check(master);
      return database.write(s -> {
        for (String needed : used(s)) {
          masters.key(needed);
        }
        var rotation =
            new Rotation(DataKeys.rotation(s) + 1, master, by, clock.instant(), Optional.empty());
        s.update(
            "INSERT INTO master_rotation (number, master, started_by, started_at) VALUES (?, ?, ?,"
                + " ?)",
            rotation.number(),
            master,
            by,
            rotation.started());
        onRecord.done(s, by, "secret.rotate-master", master, List.of("begun"));
        return rotation;
      });
    } finally {
      one.unlock();
    }
  }

  /** That the key wraps, and unwraps what it wrapped for just that place. */
  private void check(String master) {
    MasterKey key = masters.key(master);
    byte[] tried = Gcm.newKey();
    byte[] here = keys.bound("dk_check", "check");
    try {
      String wrapped = key.wrap(tried, here);
      if (!Arrays.equals(key.unwrap(wrapped, here), tried)) {
        throw new KeysUnavailable("the master key " + master + " gives back something else", null);
      }
    } catch (MasterKey.DoesNotOpen e) {
      throw new KeysUnavailable("the master key " + master + " does not open what it wraps", e);
    }
  }

  /** To be called every second or so: carries on what is begun, to its end. */
  public void sweep() {
    Optional<Rotation> open = newest().filter(rotation -> rotation.finished().isEmpty());
    if (open.isEmpty()) {
      return;
    }
    if (!one.tryLock()) {
      return;
    }
    try {
      String after = "";
      var failed = new ArrayList<String>();
      Optional<String> next = Optional.of(after);
      while (next.isPresent()) {
        next = batch(open.get(), next.get(), failed);
      }
      if (failed.isEmpty()) {
        finish(open.get());
      } else if (!broken.equals(String.join("; ", failed))) {
        LOG.error("the master key's rotation cannot end: {}", String.join("; ", failed));
      }
      broken = String.join("; ", failed);
    } finally {
      one.unlock();
    }
  }

  /** Wraps a batch anew; answers the last id of it, if there may be more. */
  Optional<String> batch(Rotation rotation, String after, List<String> failed) {
    List<DataKeys.Wrapped> rows =
        database.read(s ->
            s.list(
                "SELECT * FROM data_key WHERE rotation < ? AND id > ? ORDER BY id LIMIT ?",
                DataKeys.Wrapped::of,
                rotation.number(),
                after,
                BATCH));
    record Anew(DataKeys.Wrapped row, String wrapped) {}
    var anew = new ArrayList<Anew>();
    for (DataKeys.Wrapped row : rows) {
      try {
        byte[] key = keys.unwrap(row);
        try {
          anew.add(
              new Anew(
                  row,
                  masters.key(rotation.master()).wrap(key, keys.bound(row.id(), row.scope()))));
        } finally {
          Arrays.fill(key, (byte) 0);
        }
      } catch (Seal.Broken e) {
        failed.add(String.valueOf(e.getMessage()));
      }
    }
    database.write(s -> {
      for (Anew one : anew) {
        s.update(
            "UPDATE data_key SET master = ?, wrapped = ?, rotation = ? WHERE id = ? AND wrapped ="
                + " ?",
            rotation.master(),
            one.wrapped(),
            rotation.number(),
            one.row().id(),
            one.row().wrapped());
      }
      return true;
    });
    return rows.size() < BATCH ? Optional.empty() : Optional.of(rows.getLast().id());
  }

  private void finish(Rotation rotation) {
    database.write(s -> {
      boolean more =
          s.first("SELECT 1 FROM data_key WHERE rotation < ?", row -> 1, rotation.number())
              .isPresent();
      if (!more
          && s.update(
                  "UPDATE master_rotation SET finished_at = ? WHERE number = ? AND finished_at IS"
                      + " NULL",
                  clock.instant(),
                  rotation.number())
              > 0) {
        onRecord.done(
            s, rotation.by(), "secret.rotate-master", rotation.master(), List.of("finished"));
      }
      return true;
    });
  }

  private static Optional<Rotation> newest(Session session) throws SQLException {
    return session.first(
        "SELECT * FROM master_rotation ORDER BY number DESC LIMIT 1", Rotation::of);
  }

  private static List<String> used(Session session) throws SQLException {
    return session.list("SELECT DISTINCT master FROM data_key", row -> row.text("master"));
  }

  private static long wraps(Session session, String master) throws SQLException {
    return session
        .first(
            "SELECT count(*) AS n FROM data_key WHERE master = ?", row -> row.number("n"), master)
        .orElse(0L);
  }
}
