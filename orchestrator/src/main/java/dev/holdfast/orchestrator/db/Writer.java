package dev.holdfast.orchestrator.db;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The one thread that writes. It takes all writes that wait, runs each behind a savepoint of its
 * own, and commits them with one flush: durability costs one flush for many. A caller's future is
 * completed after the commit that holds its write, so whatever was answered is on disk.
 *
 * <p>If the store itself fails (disk full, commit refused), every write of the group fails with
 * {@link StoreUnavailable}, none of them has happened, and the next group begins anew: the writer
 * recovers by itself once there is space.
 */
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  // One flush for so many; more would only make the first of them wait longer.
  private static final int MOST_AT_ONCE = 256;
  private static final int MOST_WAITING = 4096;
  private static final int PATIENCE_SECONDS = 10;

  private final Session session;
  private final String place;
  private final IntConsumer groupSize;
  private final BlockingQueue<Task<?>> tasks = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private volatile boolean closing;

  Writer(Session session, String place, IntConsumer groupSize) {
    this.session = session;
    this.place = place;
    this.groupSize = groupSize;
    this.thread = Thread.ofPlatform().name("db-writer").start(this::loop);
  }

  /** Has {@code write} done; the future completes once it is durable. Waits while too many wait. */
  <T> CompletableFuture<T> submit(Write<T> write) {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException("a write waits for a write");
    }
    var task = new Task<T>(write);
    try {
      if (closing) {
        throw new StoreUnavailable("the orchestrator is shutting down; try again", null);
      }
      if (!tasks.offer(task, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new StoreUnavailable("the database at " + place + " is too busy; try again", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable("interrupted while waiting to write; try again", e);
    }
    if (closing && !thread.isAlive() && tasks.remove(task)) {
      throw new StoreUnavailable("the orchestrator is shutting down; try again", null);
    }
    return task.future;
  }

  int waiting() {
    return tasks.size();
  }

  /** Does what waits, then ends. */
  void close() throws InterruptedException {
    closing = true;
    thread.join();
    for (Task<?> late = tasks.poll(); late != null; late = tasks.poll()) {
      late.fail(new StoreUnavailable("the orchestrator is shutting down; try again", null));
    }
  }

  private void loop() {
    var group = new ArrayList<Task<?>>(MOST_AT_ONCE);
    while (true) {
      try {
        Task<?> first = tasks.poll(50, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing) {
            return;
          }
          continue;
        }
        group.add(first);
        tasks.drainTo(group, MOST_AT_ONCE - 1);
        run(group);
        group.clear();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread; close() is how it ends.
        LOG.warn("the writer was interrupted and goes on");
      }
    }
  }

  private void run(List<Task<?>> group) {
    groupSize.accept(group.size());
    List<Runnable> actions;
    try {
      session.update("BEGIN IMMEDIATE");
      for (Task<?> task : group) {
        attempt(task);
      }
      session.update("COMMIT");
      actions = session.takeActions();
    } catch (SQLException e) {
      session.takeActions();
      rollBack(e);
      var unavailable = unavailable(e);
      LOG.error("{}", unavailable.getMessage());
      group.forEach(task -> task.fail(unavailable));
      return;
    }
    // First what wakes others, then the answers: nobody sees an answer before its consequences.
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.error("after a commit", e);
      }
    }
    group.forEach(Task::complete);
  }

  private void attempt(Task<?> task) throws SQLException {
    int actions = session.actions();
    session.update("SAVEPOINT one");
    try {
      task.apply(session);
    } catch (SQLException | RuntimeException e) {
      if (e instanceof SQLException sql && ofTheStore(sql)) {
        throw sql;
      }
      session.forgetActions(actions);
      session.update("ROLLBACK TO one");
      task.failure = e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
    session.update("RELEASE one");
  }

  private void rollBack(SQLException cause) {
    try {
      session.update("ROLLBACK");
    } catch (SQLException e) {
      // SQLite has rolled back by itself after some errors; then there is nothing to undo.
      cause.addSuppressed(e);
    }
  }

  private static boolean ofTheStore(SQLException e) {
    return e instanceof SQLiteException sqlite
        && switch (primary(sqlite.getResultCode())) {
          case SQLITE_FULL,
              SQLITE_IOERR,
              SQLITE_READONLY,
              SQLITE_CANTOPEN,
              SQLITE_CORRUPT,
              SQLITE_NOTADB,
              SQLITE_NOMEM,
              SQLITE_BUSY,
              SQLITE_LOCKED ->
              true;
          default -> false;
        };
  }

  private static SQLiteErrorCode primary(SQLiteErrorCode code) {
    return SQLiteErrorCode.getErrorCode(code.code & 0xff);
  }

  private StoreUnavailable unavailable(SQLException e) {
    String cause =
        e instanceof SQLiteException sqlite
                && primary(sqlite.getResultCode()) == SQLiteErrorCode.SQLITE_FULL
            ? "disk full; free space and retry"
            : String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause")
                + "; check the disk and the folder's rights, and retry";
    return new StoreUnavailable("the database at " + place + " cannot be written: " + cause, e);
  }

  private static final class Task<T> {
    private final Write<T> write;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable RuntimeException failure;

    Task(Write<T> write) {
      this.write = write;
    }

    void apply(Session session) throws SQLException {
      result = write.apply(session);
    }

    @SuppressWarnings("NullAway") // a write of Void answers null
    void complete() {
      if (failure == null) {
        future.complete(result);
      } else {
        future.completeExceptionally(failure);
      }
    }

    void fail(RuntimeException cause) {
      future.completeExceptionally(cause);
    }
  }
}
