package dev.holdfast.relay.store;

import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears from PostgreSQL what other relays took. A notice is sent within the transaction that keeps
 * the delivery, so it comes after the delivery can be seen, and it names the tenant alone.
 */
final class Notices {
  static final String NOTIFY = "SELECT pg_notify('holdfast_relay', ?)";

  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
  private static final int WAIT_MILLIS = 500;

  private final Place place;
  private final Arrivals arrivals;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  Notices(Place place, Arrivals arrivals) {
    this.place = place;
    this.arrivals = arrivals;
    this.thread = Thread.ofPlatform().name("relay-notices").start(this::loop);
  }

  void close() throws InterruptedException {
    closing.countDown();
    thread.join();
  }

  private void loop() {
    try {
      while (closing.getCount() > 0) {
        try {
          listen();
        } catch (SQLException e) {
          LOG.warn(
              "no notices from {}: {}; deliveries that other relays take come late until it is"
                  + " back",
              place.name(),
              Writer.cause(e));
          // Without it, polls still look once when they begin and once when they end.
          var _ = closing.await(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() throws SQLException {
    Session session = place.connect();
    try {
      session.update("LISTEN holdfast_relay");
      arrivals.all();
      PGConnection connection = session.connection().unwrap(PGConnection.class);
      while (closing.getCount() > 0) {
        PGNotification[] heard = connection.getNotifications(WAIT_MILLIS);
        if (heard != null) {
          for (PGNotification notice : heard) {
            arrivals.arrived(notice.getParameter());
          }
        }
      }
    } finally {
      session.close();
    }
  }
}
