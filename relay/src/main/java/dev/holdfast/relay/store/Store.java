package dev.holdfast.relay.store;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The relay's database. Several relays may use one that is PostgreSQL's. Thread-safe. */
public final class Store implements AutoCloseable {
  private final Place place;
  private final InstantSource clock;
  private final Writer writer;
  private final Readers readers;
  private final Arrivals arrivals = new Arrivals();
  private final @Nullable Notices notices;
  private final Tenants tenants;
  private final Sources sources;
  private final Mailbox mailbox;

  private Store(Place place, InstantSource clock, Allowance allowance, boolean listening) {
    this.place = place;
    this.clock = clock;
    this.writer = new Writer(place);
    this.readers = new Readers(place);
    this.notices =
        listening && place.dialect() == Dialect.POSTGRESQL ? new Notices(place, arrivals) : null;
    this.tenants = new Tenants(this);
    this.sources = new Sources(this);
    this.mailbox = new Mailbox(this, allowance);
  }

  /**
   * Opens it, for a relay, and makes or migrates its tables.
   *
   * @param database {@code postgresql://HOST/NAME…}, else a file, which is SQLite's
   * @throws Unavailable if it cannot be opened
   */
  public static Store open(String database, InstantSource clock, Allowance allowance) {
    return open(database, clock, allowance, true);
  }

  /** Opens it to look after tenants, which can be done while relays use it. */
  public static Store forOperator(String database, InstantSource clock) {
    return open(database, clock, Allowance.DEFAULT, false);
  }

  private static Store open(
      String database, InstantSource clock, Allowance allowance, boolean listening) {
    Place place = Place.of(database);
    try {
      place.prepare();
      Session session = place.connect();
      try {
        Schema.apply(session, place.dialect());
      } finally {
        session.close();
      }
      return new Store(place, clock, allowance, listening);
    } catch (IOException | SQLException e) {
      throw new Unavailable(
          "the database "
              + place.name()
              + " cannot be opened: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause"),
          e);
    }
  }

  public Tenants tenants() {
    return tenants;
  }

  public Sources sources() {
    return sources;
  }

  public Mailbox mailbox() {
    return mailbox;
  }

  public Arrivals arrivals() {
    return arrivals;
  }

  /** The time, to the millisecond, as it is kept. */
  public Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  /** How many writes wait. */
  public int waitingWrites() {
    return writer.waiting();
  }

  /** Commits so far, and writes in them. */
  public long commits() {
    return writer.groups();
  }

  public long writes() {
    return writer.writes();
  }

  /** Throws {@link Unavailable} if nothing can be read. */
  public void check() {
    Optional<Long> _ = read(s -> s.first("SELECT 1 AS one", row -> row.getLong("one")));
  }

  Dialect dialect() {
    return place.dialect();
  }

  <T> T read(Session.Work<T> query) {
    return readers.read(query);
  }

  /** A write that cannot fail by what it is told, only by the store. */
  <T> CompletableFuture<T> submit(String tenant, long size, Session.Work<T> work) {
    return writer.submit(tenant, size, false, work);
  }

  /** Returns once it is durable. */
  <T> T write(String tenant, Session.Work<T> work) {
    try {
      return writer.submit(tenant, 0, true, work).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Tells who waits for the tenant's deliveries, at any relay, once this is committed. */
  void announce(Session session, String tenant) throws SQLException {
    if (place.dialect() == Dialect.POSTGRESQL) {
      session.first(Notices.NOTIFY, row -> 0, tenant);
    }
    session.afterCommit(() -> arrivals.arrived(tenant));
  }

  /** Finishes the writes that wait, then closes. */
  @Override
  public void close() {
    try {
      if (notices != null) {
        notices.close();
      }
      writer.close();
      readers.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      throw new Unavailable("the database " + place.name() + " cannot be closed", e);
    }
  }
}
