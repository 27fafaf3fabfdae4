package dev.holdfast.orchestrator.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * The orchestrator's database: SQLite in WAL mode, every commit flushed. Reads are made on a few
 * connections of their own and see what is committed; writes go through the one {@link Writer}.
 * Thread-safe.
 */
public final class Database implements AutoCloseable {
  /** The file's name below the data folder. */
  public static final String FILE = "holdfast.db";

  // Reads are short; two cores cannot use more.
  private static final int READERS = 4;
  private static final int PATIENCE_SECONDS = 10;

  private final Path file;
  private final DataLock lock;
  private final Ids ids;
  private final Writer writer;
  private final Session writing;
  private final List<Session> allReaders;
  private final BlockingQueue<Session> readers;

  private Database(
      Path file,
      DataLock lock,
      Ids ids,
      Session writing,
      List<Session> readers,
      IntConsumer groupSize) {
    this.file = file;
    this.lock = lock;
    this.ids = ids;
    this.writing = writing;
    this.writer = new Writer(writing, file.toString(), groupSize);
    this.allReaders = List.copyOf(readers);
    this.readers = new ArrayBlockingQueue<>(READERS, false, readers);
  }

  /**
   * Opens, and makes or migrates, the database below {@code folder}, which it makes if need be.
   *
   * @param groupSize is told how many writes each commit holds
   * @throws StoreUnavailable if it cannot be opened
   */
  public static Database open(Path folder, InstantSource clock, IntConsumer groupSize) {
    Path file = folder.resolve(FILE);
    try {
      makePrivate(folder);
      DataLock lock = DataLock.take(folder);
      try {
        Connection connection = connect(file);
        Migrations.apply(connection, url(file));
        var readers = new ArrayList<Session>();
        for (int i = 0; i < READERS; i++) {
          var reader = new Session(connect(file));
          reader.update("PRAGMA query_only=1");
          readers.add(reader);
        }
        return new Database(
            file, lock, new Ids(clock), new Session(connection), readers, groupSize);
      } catch (SQLException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      String cause = String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause");
      throw new StoreUnavailable(
          "the database at "
              + file
              + " cannot be opened: "
              + cause
              + (cause.contains("; ") || cause.contains(". ")
                  ? ""
                  : "; check the folder's rights and the disk's space"),
          e);
    }
  }

  /**
   * The result of {@code query} over a database that may be another process's at the same time, or
   * no longer what Holdfast wrote. Nothing is made, migrated or changed.
   */
  public static <T> T look(Path file, Write<T> query) throws SQLException {
    String url = "jdbc:sqlite:" + file + "?open_mode=1&busy_timeout=10000";
    try (Connection connection = DriverManager.getConnection(url)) {
      var session = new Session(connection);
      session.update("PRAGMA query_only=1");
      return query.apply(session);
    }
  }

  public Ids ids() {
    return ids;
  }

  /** How many writes wait for the writer. */
  public int waitingWrites() {
    return writer.waiting();
  }

  /** The result of {@code query} over what is committed now. */
  public <T> T read(Write<T> query) {
    try {
      Session session = readers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (session == null) {
        throw new StoreUnavailable("the database at " + file + " is too busy; try again", null);
      }
      try {
        return query.apply(session);
      } finally {
        readers.add(session);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable("interrupted while waiting to read; try again", e);
    } catch (SQLException e) {
      throw new StoreUnavailable(
          "the database at "
              + file
              + " cannot be read: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause"),
          e);
    }
  }

  /** Has {@code write} done; the future completes after the commit that holds it. */
  public <T> CompletableFuture<T> submit(Write<T> write) {
    return writer.submit(write);
  }

  /**
   * Does {@code write} and returns once it is durable.
   *
   * @throws StoreUnavailable if it cannot be; then it has not happened
   */
  public <T> T write(Write<T> write) {
    try {
      return submit(write).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Finishes the writes that wait, then closes. */
  @Override
  public void close() {
    try {
      writer.close();
      for (Session reader : allReaders) {
        reader.close();
      }
      writing.close();
      lock.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | SQLException e) {
      throw new StoreUnavailable("the database at " + file + " cannot be closed", e);
    }
  }

  /** Only its owner reads what is kept, unless whoever made the folder said otherwise. */
  private static void makePrivate(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private static Connection connect(Path file) throws SQLException {
    return DriverManager.getConnection(url(file));
  }

  private static String url(Path file) {
    return "jdbc:sqlite:"
        + file
        + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000&foreign_keys=true"
        + "&transaction_mode=IMMEDIATE";
  }
}
