package dev.holdfast.orchestrator.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterTest {
  @TempDir Path folder;
  private Connection connection;
  private Session session;
  private Writer writer;
  private final ConcurrentLinkedQueue<Integer> groups = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws Exception {
    connection =
        DriverManager.getConnection(
            "jdbc:sqlite:" + folder.resolve("t.db") + "?journal_mode=WAL&synchronous=FULL");
    session = new Session(connection);
    session.update("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)");
    writer = new Writer(session, "t.db", groups::add);
  }

  @AfterEach
  void stop() throws Exception {
    writer.close();
    session.close();
  }

  private CompletableFuture<Integer> put(int key, String value) {
    return writer.submit(s -> s.update("INSERT INTO t (k, v) VALUES (?, ?)", key, value));
  }

  /** Makes the database's file as small as a full disk would. */
  private void limit(String pragma) {
    writer
        .submit(s -> {
          try (var statement = connection.createStatement()) {
            return statement.execute(pragma);
          }
        })
        .join();
  }

  private long rows() {
    return writer
        .submit(s -> s.first("SELECT count(*) AS n FROM t", r -> r.number("n")))
        .join()
        .orElse(-1L);
  }

  @Test
  void oneFailingWriteLosesNoOtherOfItsGroup() throws Exception {
    var gate = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    var first =
        writer.submit(s -> {
          try {
            begun.countDown();
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 0;
        });
    // Else some of what follows could be of its group.
    begun.await();
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    var ran = new ConcurrentLinkedQueue<String>();
    for (int i = 0; i < 10; i++) {
      int key = i == 5 ? 4 : i;
      all.add(
          writer.submit(s -> {
            s.afterCommit(() -> ran.add("after " + key));
            return s.update("INSERT INTO t (k, v) VALUES (?, 'x')", key);
          }));
    }
    gate.countDown();
    first.join();
    for (int i = 0; i < 10; i++) {
      if (i == 5) {
        assertThatThrownBy(all.get(i)::join).hasMessageContaining("UNIQUE");
      } else {
        assertThat(all.get(i).join()).isEqualTo(1);
      }
    }
    assertThat(rows()).isEqualTo(9);
    assertThat(ran).hasSize(9);
    assertThat(groups).as("writes that waited share a commit").anyMatch(size -> size >= 10);
  }

  @Test
  void aFullDiskRefusesTheWholeGroupAndTheWriterRecovers() throws Exception {
    assertThat(put(1, "small").join()).as("control: there is room").isEqualTo(1);
    limit("PRAGMA max_page_count = 3");
    String big = "x".repeat(100_000);
    assertThatThrownBy(put(2, big)::join)
        .cause()
        .isInstanceOf(StoreUnavailable.class)
        .hasMessage("the database at t.db cannot be written: disk full; free space and retry");
    assertThat(rows()).isEqualTo(1);
    limit("PRAGMA max_page_count = 100000");
    assertThat(put(2, big).join()).isEqualTo(1);
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void closingFinishesWhatWaitsAndTakesNothingMore() throws Exception {
    var waiting = new ArrayList<CompletableFuture<Integer>>();
    for (int i = 0; i < 100; i++) {
      waiting.add(put(i, "x"));
    }
    writer.close();
    waiting.forEach(w -> assertThat(w.join()).isEqualTo(1));
    assertThatThrownBy(() -> put(1000, "x"))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("shutting down");
  }
}
