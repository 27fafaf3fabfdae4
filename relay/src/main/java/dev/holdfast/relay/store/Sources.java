package dev.holdfast.relay.store;

import static dev.holdfast.relay.store.Unguessable.hash;

import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.model.wire.relay.RelayApi.Standing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where forges may post, and to whom that goes. Thread-safe. */
public final class Sources {
  /** Of one tenant. */
  static final int MOST = 1000;

  private static final String DOOR =
      "SELECT s.id, s.tenant_id, s.ranges, t.public_key, t.waiting, t.waiting_bytes, t.refused,"
          + " t.expired FROM source s JOIN tenant t ON t.id = s.tenant_id WHERE t.revoked_at IS"
          + " NULL AND t.public_key IS NOT NULL AND ";

  private final Store store;

  Sources(Store store) {
    this.store = store;
  }

  /**
   * What somebody who knows a source's secret stands before.
   *
   * @param ranges of addresses that may post; empty for all
   */
  public record Door(
      String tenant, String source, PublicKey key, List<String> ranges, Standing standing) {}

  /** The door that this secret opens, looked up anew for each delivery. */
  public Optional<Door> door(String secret) {
    String hash = hash(secret);
    Instant now = store.now();
    return store.read(s -> {
      Optional<Door> current = s.first(DOOR + "s.secret_hash = ?", Sources::door, hash);
      return current.isPresent()
          ? current
          : s.first(DOOR + "s.former_hash = ? AND s.former_until > ?", Sources::door, hash, now);
    });
  }

  private static Door door(ResultSet row) throws SQLException {
    return new Door(
        row.getString("tenant_id"),
        row.getString("id"),
        new PublicKey(row.getString("public_key")),
        split(row.getString("ranges")),
        Tenants.standing(row));
  }

  private static List<String> split(String ranges) {
    return ranges.isEmpty() ? List.of() : Arrays.asList(ranges.split(" "));
  }

  /** Makes a source, or changes it. */
  public void put(String tenant, String source, PutSource asked) {
    Instant now = store.now();
    String fresh = hash(asked.secret());
    String ranges = String.join(" ", asked.ranges());
    store.write(
        tenant,
        s -> {
          store.tenants().mustBe(s, tenant);
          if (s.first(
                  "SELECT id FROM source WHERE secret_hash = ? AND NOT (tenant_id = ? AND id = ?)",
                  row -> true,
                  fresh,
                  tenant,
                  source)
              .isPresent()) {
            throw new Refused("the secret is another source's; make one of 32 random bytes");
          }
          Optional<String> present =
              s.first(
                  "SELECT secret_hash FROM source WHERE tenant_id = ? AND id = ?",
                  row -> row.getString("secret_hash"),
                  tenant,
                  source);
          if (present.isEmpty()) {
            long count =
                s.first(
                        "SELECT COUNT(*) AS count FROM source WHERE tenant_id = ?",
                        row -> row.getLong("count"),
                        tenant)
                    .orElseThrow();
            if (count >= MOST) {
              throw new Refused("the tenant has " + MOST + " sources; remove some");
            }
            return s.update(
                "INSERT INTO source (tenant_id, id, made_at, last_at, secret_hash, ranges) VALUES"
                    + " (?, ?, ?, ?, ?, ?)",
                tenant,
                source,
                now,
                now,
                fresh,
                ranges);
          }
          if (present.get().equals(fresh)) {
            return s.update(
                "UPDATE source SET ranges = ? WHERE tenant_id = ? AND id = ?",
                ranges,
                tenant,
                source);
          }
          return s.update(
              "UPDATE source SET ranges = ?, secret_hash = ?, former_hash = ?, former_until = ?"
                  + " WHERE tenant_id = ? AND id = ?",
              ranges,
              fresh,
              present.get(),
              now.plus(asked.overlap()),
              tenant,
              source);
        });
  }

  /** A tenant's sources. */
  public List<RelayApi.Source> list(String tenant) {
    return store.read(s ->
        s.list(
            "SELECT * FROM source WHERE tenant_id = ? ORDER BY id",
            row ->
                new RelayApi.Source(
                    row.getString("id"),
                    Session.time(row, "made_at"),
                    row.getLong("waiting"),
                    Session.time(row, "last_at")),
            tenant));
  }

  /** Closes a source; says how many deliveries of it were dropped. */
  public long remove(String tenant, String source) {
    return store.write(
        tenant,
        s -> {
          store.tenants().mustBe(s, tenant);
          record Sum(long count, long bytes) {}
          Sum dropped =
              s.first(
                      "SELECT COUNT(*) AS count, COALESCE(SUM(length), 0) AS bytes FROM delivery"
                          + " WHERE tenant_id = ? AND source_id = ?",
                      row -> new Sum(row.getLong("count"), row.getLong("bytes")),
                      tenant,
                      source)
                  .orElseThrow();
          s.update(
              "UPDATE tenant SET waiting = waiting - ?, waiting_bytes = waiting_bytes - ? WHERE id"
                  + " = ?",
              dropped.count(),
              dropped.bytes(),
              tenant);
          s.update("DELETE FROM delivery WHERE tenant_id = ? AND source_id = ?", tenant, source);
          s.update("DELETE FROM source WHERE tenant_id = ? AND id = ?", tenant, source);
          return dropped.count();
        });
  }
}
