package dev.holdfast.relay.store;

import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A few connections for reading what is committed. Thread-safe. */
final class Readers {
  private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
  private static final int MOST = 8;
  private static final int PATIENCE_SECONDS = 10;

  private final Place place;
  private final Semaphore free = new Semaphore(MOST, true);
  private final ConcurrentLinkedQueue<Session> idle = new ConcurrentLinkedQueue<>();

  Readers(Place place) {
    this.place = place;
  }

  <T> T read(Session.Work<T> query) {
    try {
      if (!free.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new Unavailable("the database " + place.name() + " is too busy; try again", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while waiting to read; try again", e);
    }
    try {
      Session session = idle.poll();
      if (session != null) {
        try {
          return used(session, query);
        } catch (SQLException e) {
          // It may have been broken since it was last used; a new one says whether that was it.
          LOG.debug("a connection to {} failed, and is made anew", place.name());
        }
      }
      return used(place.connect(), query);
    } catch (SQLException e) {
      throw new Unavailable(
          "the database " + place.name() + " cannot be read: " + Writer.cause(e) + "; try again",
          e);
    } finally {
      free.release();
    }
  }

  private <T> T used(Session session, Session.Work<T> query) throws SQLException {
    try {
      T result = query.apply(session);
      idle.add(session);
      return result;
    } catch (SQLException | RuntimeException e) {
      try {
        session.close();
      } catch (SQLException close) {
        e.addSuppressed(close);
      }
      throw e;
    }
  }

  void close() throws SQLException {
    for (Session session = idle.poll(); session != null; session = idle.poll()) {
      session.close();
    }
  }
}
