package dev.holdfast.relay.store;

import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.RelayApi.Standing;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.seal.Sealed;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The deliveries that wait. What comes in has a number of its source's, given in the commit that
 * keeps it: so who was answered before another posted comes before them, whichever relays took
 * them. What goes out is a source's at a time: one puller holds a source until all that it was
 * given is acknowledged, or its lease is over. Thread-safe.
 */
public final class Mailbox {
  private final Store store;
  private final Allowance allowance;

  Mailbox(Store store, Allowance allowance) {
    this.store = store;
    this.allowance = allowance;
  }

  /** What became of a delivery. */
  public enum Taken {
    /** It is on disk. */
    KEPT,
    /** The tenant has all that it may have. */
    FULL,
    /** The source was removed, or its tenant revoked, while it was on its way. */
    GONE
  }

  /**
   * What a puller was given.
   *
   * @param next when, if nothing arrives, it is worth asking again: somebody's lease ends
   */
  public record Claimed(List<Delivery> deliveries, Standing standing, Optional<Instant> next) {}

  public Allowance allowance() {
    return allowance;
  }

  /** Keeps a delivery; the future completes once it is on disk, or is not to be. */
  public CompletableFuture<Taken> keep(Sealing.Bound bound, Sealed sealed) {
    return store.submit(bound.tenant(), sealed.bytes().length, s -> kept(s, bound, sealed));
  }

  private Taken kept(Session s, Sealing.Bound bound, Sealed sealed) throws SQLException {
    String tenant = bound.tenant();
    int length = sealed.bytes().length;
    int room =
        s.update(
            "UPDATE tenant SET waiting = waiting + 1, waiting_bytes = waiting_bytes + ? WHERE id ="
                + " ? AND revoked_at IS NULL AND waiting < ? AND waiting_bytes + ? <= ?",
            length,
            tenant,
            allowance.deliveries(),
            length,
            allowance.bytes());
    if (room == 0) {
      return s.update(
                  "UPDATE tenant SET refused = refused + 1 WHERE id = ? AND revoked_at IS NULL",
                  tenant)
              == 1
          ? Taken.FULL
          : Taken.GONE;
    }
    Optional<Long> number =
        s.first(
            "UPDATE source SET last_number = last_number + 1, waiting = waiting + 1, last_at = ?"
                + " WHERE tenant_id = ? AND id = ? RETURNING last_number",
            row -> row.getLong("last_number"),
            bound.arrived(),
            tenant,
            bound.source());
    if (number.isEmpty()) {
      less(s, tenant, 1, length);
      return Taken.GONE;
    }
    s.update(
        "INSERT INTO delivery (tenant_id, source_id, number, id, arrived_at, key_id, length,"
            + " sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        tenant,
        bound.source(),
        number.get(),
        bound.delivery(),
        bound.arrived(),
        sealed.key(),
        length,
        sealed.bytes());
    store.announce(s, tenant);
    return Taken.KEPT;
  }

  /** Counts one that was refused before its body was read. */
  public void refused(String tenant) {
    var _ =
        store
            .submit(
                tenant,
                0,
                s -> s.update("UPDATE tenant SET refused = refused + 1 WHERE id = ?", tenant))
            .exceptionally(e -> 0); // the store says so itself, and the forge was told all the same
  }

  private static void less(Session s, String tenant, long count, long bytes) throws SQLException {
    s.update(
        "UPDATE tenant SET waiting = waiting - ?, waiting_bytes = waiting_bytes - ? WHERE id = ?",
        count,
        bytes,
        tenant);
  }

  /** Whether a claim would find or change anything; costs no write. */
  public boolean anyWaiting(String tenant) {
    return store
        .read(s ->
            s.first("SELECT waiting FROM tenant WHERE id = ? AND waiting > 0", row -> true, tenant))
        .isPresent();
  }

  public Standing standing(String tenant) {
    return store
        .read(s -> s.first("SELECT * FROM tenant WHERE id = ?", Tenants::standing, tenant))
        .orElse(new Standing(0, 0, 0, 0));
  }

  /** Does away with what is acknowledged, and gives out what comes next. */
  public Claimed claim(String tenant, Pull pull) {
    return store.write(
        tenant,
        s -> {
          store.tenants().mustBe(s, tenant);
          acknowledge(s, tenant, pull.acks());
          return claimed(s, tenant, pull);
        });
  }

  private void acknowledge(Session s, String tenant, List<String> acks) throws SQLException {
    record Gone(String source, long length) {}
    long count = 0;
    long bytes = 0;
    var bySource = new HashMap<String, Integer>();
    for (String ack : acks) {
      Optional<Gone> gone =
          s.first(
              "DELETE FROM delivery WHERE id = ? AND tenant_id = ? RETURNING source_id, length",
              row -> new Gone(row.getString("source_id"), row.getLong("length")),
              ack,
              tenant);
      if (gone.isPresent()) {
        count++;
        bytes += gone.get().length();
        bySource.merge(gone.get().source(), 1, Integer::sum);
      }
    }
    if (count > 0) {
      less(s, tenant, count, bytes);
      for (Map.Entry<String, Integer> one : bySource.entrySet()) {
        s.update(
            "UPDATE source SET waiting = waiting - ? WHERE tenant_id = ? AND id = ?",
            one.getValue(),
            tenant,
            one.getKey());
      }
      // Another puller may have waited for just this source.
      store.announce(s, tenant);
    }
  }

  private record Waiting(String source, String holder, Instant until, long taken) {}

  private Claimed claimed(Session s, String tenant, Pull pull) throws SQLException {
    Instant now = store.now();
    Instant until = now.plus(allowance.lease());
    s.update(
        "UPDATE source SET held_until = ? WHERE tenant_id = ? AND holder = ? AND held_until > ?",
        until,
        tenant,
        pull.puller(),
        now);
    var given = new ArrayList<Delivery>();
    Optional<Instant> next = Optional.empty();
    if (pull.most() > 0) {
      List<Waiting> waiting =
          s.list(
              "SELECT id, holder, held_until, taken FROM source WHERE tenant_id = ? AND waiting > 0"
                  + " ORDER BY served_at, id LIMIT 500",
              row ->
                  new Waiting(
                      row.getString("id"),
                      Optional.ofNullable(row.getString("holder")).orElse(""),
                      Session.time(row, "held_until"),
                      row.getLong("taken")),
              tenant);
      var room = new Room(pull.most(), pull.mostBytes(), Math.max(1, waiting.size()));
      for (Waiting source : waiting) {
        boolean held = now.isBefore(source.until());
        boolean mine = held && source.holder().equals(pull.puller());
        if (held && !mine && outstanding(s, tenant, source)) {
          next =
              Optional.of(
                  next.filter(earlier -> earlier.isBefore(source.until())).orElse(source.until()));
          continue;
        }
        give(s, tenant, source, mine ? source.taken() : 0, pull.puller(), until, room, given);
      }
    }
    Standing standing =
        s.first("SELECT * FROM tenant WHERE id = ?", Tenants::standing, tenant).orElseThrow();
    return new Claimed(given, standing, next);
  }

  private static boolean outstanding(Session s, String tenant, Waiting source) throws SQLException {
    return s.first(
            "SELECT number FROM delivery WHERE tenant_id = ? AND source_id = ? AND number <= ?"
                + " LIMIT 1",
            row -> true,
            tenant,
            source.source(),
            source.taken())
        .isPresent();
  }

  private static void give(
      Session s,
      String tenant,
      Waiting source,
      long after,
      String puller,
      Instant until,
      Room room,
      List<Delivery> given)
      throws SQLException {
    List<Delivery> rows =
        s.list(
            "SELECT id, source_id, number, arrived_at, key_id, length FROM delivery WHERE"
                + " tenant_id = ? AND source_id = ? AND number > ? ORDER BY number LIMIT ?",
            Mailbox::delivery,
            tenant,
            source.source(),
            after,
            room.share());
    long last = 0;
    for (Delivery row : rows) {
      if (!room.take(row.length())) {
        break;
      }
      given.add(row);
      last = row.number();
    }
    if (last > 0) {
      s.update(
          "UPDATE source SET holder = ?, held_until = ?, taken = ?, served_at = ? WHERE tenant_id ="
              + " ? AND id = ?",
          puller,
          until,
          last,
          until,
          tenant,
          source.source());
    }
  }

  private static Delivery delivery(ResultSet row) throws SQLException {
    return new Delivery(
        row.getString("id"),
        row.getString("source_id"),
        row.getLong("number"),
        Session.time(row, "arrived_at"),
        row.getString("key_id"),
        (int) row.getLong("length"));
  }

  /** What a puller can still take. The first comes whatever its size. */
  private static final class Room {
    private final int share;
    private int most;
    private long bytes;
    private boolean any;

    Room(int most, long bytes, int sources) {
      this.most = most;
      this.bytes = bytes;
      this.share = Math.max(1, most / sources);
    }

    int share() {
      return Math.min(share, most);
    }

    boolean take(long length) {
      if (most == 0 || (any && length > bytes)) {
        return false;
      }
      any = true;
      most--;
      bytes -= length;
      return true;
    }
  }

  /** A delivery's sealed bytes; empty if it is no longer kept. */
  public Optional<byte[]> sealed(String tenant, Delivery delivery) {
    return store.read(s ->
        s.first(
            "SELECT sealed FROM delivery WHERE tenant_id = ? AND source_id = ? AND number = ? AND"
                + " id = ?",
            row -> row.getBytes("sealed"),
            tenant,
            delivery.source(),
            delivery.number(),
            delivery.delivery()));
  }

  /** Drops what is too old, and counts it; says how many that were. */
  public long expire() {
    Instant before = store.now().minus(allowance.age());
    List<String> tenants =
        store.read(s ->
            s.list(
                "SELECT DISTINCT tenant_id FROM delivery WHERE arrived_at < ?",
                row -> row.getString("tenant_id"),
                before));
    long dropped = 0;
    for (String tenant : tenants) {
      dropped += store.write(tenant, s -> expired(s, tenant, before));
    }
    return dropped;
  }

  private long expired(Session s, String tenant, Instant before) throws SQLException {
    if (!store.tenants().locked(s, tenant)) {
      return 0;
    }
    List<String> old =
        s.list(
            "SELECT id FROM delivery WHERE tenant_id = ? AND arrived_at < ? ORDER BY arrived_at"
                + " LIMIT 1000",
            row -> row.getString("id"),
            tenant,
            before);
    acknowledge(s, tenant, old);
    s.update("UPDATE tenant SET expired = expired + ? WHERE id = ?", old.size(), tenant);
    return old.size();
  }

  /** How long ago the oldest delivery came that waits; for who watches the relay. */
  public Optional<Duration> oldest() {
    return store
        .read(s ->
            s.first(
                "SELECT MIN(arrived_at) AS oldest FROM delivery",
                row -> Session.maybeTime(row, "oldest")))
        .flatMap(found -> found)
        .map(at -> Duration.between(at, store.now()));
  }
}
