package dev.holdfast.relay.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a relay that writes. It takes all writes that wait and commits them with one
 * flush: durability costs one flush for many. A caller's future is completed after the commit that
 * holds its write, so whatever was answered is on disk.
 *
 * <p>If the store fails, every write of the group fails with {@link Unavailable} and none of them
 * has happened; the next group begins anew, on a new connection. The writes of a group are made in
 * the order of their tenants, so that two relays on one database cannot wait for each other.
 */
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final int MOST_AT_ONCE = 256;

  /** Sealed bytes in one transaction: more would only make others wait for a large one. */
  private static final long LARGEST = 32L * 1024 * 1024;

  private static final int MOST_WAITING = 4096;
  private static final int PATIENCE_SECONDS = 5;
  private static final int TRIES = 3;

  private final Place place;
  private final BlockingQueue<Task<?>> tasks = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private @Nullable Session session;
  private volatile boolean closing;
  private final AtomicLong groups = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();

  Writer(Place place) {
    this.place = place;
    this.thread = Thread.ofPlatform().name("relay-writer").start(this::loop);
  }

  /**
   * Has {@code work} done, which changes nothing but what is this tenant's.
   *
   * @param size bytes that it writes, about
   * @param careful whether it may fail by what it was told: then it is undone alone
   */
  <T> CompletableFuture<T> submit(String tenant, long size, boolean careful, Session.Work<T> work) {
    var task = new Task<T>(tenant, size, careful, work);
    try {
      if (closing || !tasks.offer(task, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new Unavailable(
            closing
                ? "the relay is shutting down; try again"
                : "the database " + place.name() + " is too busy; try again",
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while waiting to write; try again", e);
    }
    if (closing && !thread.isAlive() && tasks.remove(task)) {
      throw new Unavailable("the relay is shutting down; try again", null);
    }
    return task.future;
  }

  int waiting() {
    return tasks.size();
  }

  long groups() {
    return groups.get();
  }

  long writes() {
    return writes.get();
  }

  /** Does what waits, then ends. */
  void close() throws InterruptedException {
    closing = true;
    thread.join();
    for (Task<?> late = tasks.poll(); late != null; late = tasks.poll()) {
      late.future.completeExceptionally(
          new Unavailable("the relay is shutting down; try again", null));
    }
  }

  private void loop() {
    var group = new ArrayList<Task<?>>(MOST_AT_ONCE);
    while (true) {
      try {
        Task<?> first = tasks.poll(50, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing) {
            forgetSession();
            return;
          }
          continue;
        }
        fill(group, first);
        run(group);
        group.clear();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread; close() is how it ends.
        LOG.warn("the writer was interrupted and goes on");
      }
    }
  }

  private void fill(List<Task<?>> group, Task<?> first) {
    long size = first.size;
    group.add(first);
    while (group.size() < MOST_AT_ONCE && size < LARGEST) {
      Task<?> next = tasks.poll();
      if (next == null) {
        break;
      }
      group.add(next);
      size += next.size;
    }
    // Stable: what came first for a tenant is done first.
    group.sort(Comparator.comparing(task -> task.tenant));
  }

  private void run(List<Task<?>> group) {
    for (int tries = TRIES; ; tries--) {
      try {
        List<Runnable> actions = commit(group);
        groups.incrementAndGet();
        writes.addAndGet(group.size());
        actions.forEach(Runnable::run);
        group.forEach(Task::complete);
        return;
      } catch (SQLException e) {
        forgetSession();
        if (tries > 1 && undone(e)) {
          continue;
        }
        var unavailable =
            new Unavailable(
                "the database "
                    + place.name()
                    + " cannot be written: "
                    + cause(e)
                    + "; see to its disk and its connection, and retry",
                e);
        LOG.error("{}", unavailable.getMessage());
        group.forEach(task -> task.future.completeExceptionally(unavailable));
        return;
      }
    }
  }

  /** Whether PostgreSQL says that it rolled the group back, and that it may work another time. */
  private static boolean undone(SQLException e) {
    return String.valueOf(e.getSQLState()).startsWith("40");
  }

  private List<Runnable> commit(List<Task<?>> group) throws SQLException {
    Session current = begun();
    for (Task<?> task : group) {
      task.apply(current);
    }
    current.update("COMMIT");
    return current.takeActions();
  }

  /** In a new transaction; on a new connection if the one there was does not answer. */
  private Session begun() throws SQLException {
    if (session != null) {
      try {
        session.takeActions();
        session.update(place.dialect().begin());
        return session;
      } catch (SQLException e) {
        LOG.warn("the connection to {} is made anew: {}", place.name(), cause(e));
        forgetSession();
      }
    }
    Session fresh = place.connect();
    session = fresh;
    fresh.update(place.dialect().begin());
    return fresh;
  }

  /** After a failure nothing is known of it, but that closing it undoes what was not committed. */
  private void forgetSession() {
    if (session != null) {
      try {
        session.close();
      } catch (SQLException e) {
        LOG.warn("a connection to {} could not be closed: {}", place.name(), cause(e));
      }
      session = null;
    }
  }

  static String cause(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause");
  }

  private static final class Task<T> {
    private final String tenant;
    private final long size;
    private final boolean careful;
    private final Session.Work<T> work;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable RuntimeException failure;

    Task(String tenant, long size, boolean careful, Session.Work<T> work) {
      this.tenant = tenant;
      this.size = size;
      this.careful = careful;
      this.work = work;
    }

    void apply(Session session) throws SQLException {
      failure = null;
      if (!careful) {
        result = work.apply(session);
        return;
      }
      session.update("SAVEPOINT one");
      try {
        result = work.apply(session);
      } catch (RuntimeException e) {
        session.update("ROLLBACK TO one");
        failure = e;
      } catch (SQLException e) {
        session.update("ROLLBACK TO one");
        failure = new Unavailable("the database refused it: " + cause(e) + "; try again", e);
      }
      session.update("RELEASE one");
    }

    @SuppressWarnings("NullAway") // a work of Void answers null
    void complete() {
      if (failure == null) {
        future.complete(result);
      } else {
        future.completeExceptionally(failure);
      }
    }
  }
}
