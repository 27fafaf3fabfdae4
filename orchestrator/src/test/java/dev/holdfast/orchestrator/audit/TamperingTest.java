package dev.holdfast.orchestrator.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.audit.Finding;
import dev.holdfast.model.audit.Finding.Kind;
import dev.holdfast.model.audit.Verification;
import dev.holdfast.orchestrator.db.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who can write the database's file changes what is on record: with SQL, past the triggers, and in
 * the bytes of the file. Each is found and located; what nobody touched is found good.
 */
class TamperingTest {
  private static final int ENTRIES = 12;
  private static final List<String> COLUMNS =
      List.of("number", "at", "actor", "action", "subject", "origin", "outcome", "reasons", "hash");

  @TempDir static Path folder;
  private static Path original;
  private static Path older;

  @BeforeAll
  static void write() throws Exception {
    original = folder.resolve("original");
    Clock clock = Clock.systemUTC();
    older = folder.resolve("older");
    fill(original, clock, ENTRIES / 2);
    copy(original, older);
    fill(original, clock, ENTRIES - ENTRIES / 2);
  }

  private static void fill(Path data, Clock clock, int count) throws IOException {
    try (Database database = Database.open(data, clock, size -> {});
        Checkpoints checkpoints = Checkpoints.open(data, database, clock)) {
      var log = new AuditLog(clock);
      for (int i = 0; i < count; i++) {
        boolean odd = i % 2 == 1;
        database.write(s -> {
          log.record(
              s,
              new Audit.Entry(
                  "user_ann",
                  "hold.approve",
                  "hold_7",
                  odd ? Optional.of("192.0.2.7") : Optional.empty(),
                  Audit.Outcome.DONE,
                  odd ? List.of() : List.of("commit 12", "because\nof this")));
          return true;
        });
        checkpoints.sweep();
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(dir)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static Path another(String name) throws IOException {
    Path data = folder.resolve(name);
    copy(original, data);
    return data;
  }

  private static Verification.Result check(Path data) throws IOException {
    return LogCheck.of(data, Optional.empty(), Optional.empty());
  }

  private static Connection open(Path data) throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + data.resolve(Database.FILE));
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TRIGGER audit_not_changed");
      statement.execute("DROP TRIGGER audit_not_deleted");
    }
    return connection;
  }

  private static void sql(Path data, String... statements) throws SQLException {
    try (Connection connection = open(data);
        Statement statement = connection.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  @Test
  void whatNobodyTouchedIsGood() throws Exception {
    Verification.Result result = check(original);
    assertThat(result.findings()).isEmpty();
    assertThat(result.entries()).isEqualTo(ENTRIES);
    assertThat(result.vouched()).isEqualTo(ENTRIES);
  }

  @Test
  void theProgramItselfCannotChangeWhatIsOnRecord() throws Exception {
    Path data = another("triggers");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve(Database.FILE));
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("UPDATE audit SET actor = 'eve'"))
          .hasMessageContaining("only grows");
      assertThatThrownBy(() -> statement.execute("DELETE FROM audit"))
          .hasMessageContaining("only grows");
    }
  }

  @Test
  void everyFlippedByteOfEveryColumnOfEveryRowIsFoundAndLocated() throws Exception {
    Path data = another("flips");
    int flips = 0;
    var missed = new ArrayList<String>();
    try (Connection connection = open(data)) {
      for (int number = 1; number <= ENTRIES; number++) {
        for (String column : COLUMNS) {
          Optional<String> value = value(connection, column, number);
          for (int at = 0; at < value.map(String::length).orElse(0); at++) {
            byte[] bytes = value.orElseThrow().getBytes(StandardCharsets.US_ASCII);
            // Of a number another bit: no two rows can have the same.
            bytes[at] ^= (byte) (column.equals("number") ? 0x40 : 1);
            put(connection, column, number, new String(bytes, StandardCharsets.US_ASCII));
            List<Finding> found = check(data).findings();
            int row = number;
            if (found.stream().noneMatch(f -> f.first() <= row && f.last() >= row)) {
              missed.add("row " + number + " " + column + " byte " + at + ": " + found);
            }
            restore(
                connection,
                column,
                number,
                new String(bytes, StandardCharsets.US_ASCII),
                value.get());
            flips++;
          }
        }
      }
    }
    System.out.println("figure: bytes flipped, all found and located = " + flips);
    assertThat(missed).isEmpty();
    assertThat(flips).isGreaterThan(1500);
    assertThat(check(data).findings()).as("all put back").isEmpty();
  }

  private static Optional<String> value(Connection connection, String column, int number)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT " + column + " FROM audit WHERE number = ?")) {
      statement.setInt(1, number);
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        return Optional.ofNullable(row.getString(1));
      }
    }
  }

  private static void put(Connection connection, String column, int number, String value)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE OR IGNORE audit SET " + column + " = ? WHERE number = ?")) {
      statement.setString(1, value);
      statement.setInt(2, number);
      statement.executeUpdate();
    }
  }

  private static void restore(
      Connection connection, String column, int number, String changed, String value)
      throws SQLException {
    if (!column.equals("number")) {
      put(connection, column, number, value);
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE OR IGNORE audit SET number = ? WHERE number = ?")) {
      statement.setLong(1, Long.parseLong(value));
      statement.setString(2, changed);
      statement.executeUpdate();
    }
  }

  @Test
  void everyDroppedRowIsFoundAndLocated() throws Exception {
    for (int number = 1; number <= ENTRIES; number++) {
      Path data = another("drop" + number);
      sql(data, "DELETE FROM audit WHERE number = " + number);
      Kind kind = number == ENTRIES ? Kind.CUT : Kind.MISSING;
      assertThat(check(data).findings()).containsExactly(new Finding(kind, number, number));
    }
  }

  @Test
  void twoRowsThatChangedPlacesAreFoundAndLocated() throws Exception {
    Path data = another("swap");
    sql(
        data,
        "UPDATE audit SET number = -1 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 8",
        "UPDATE audit SET number = 8 WHERE number = -1");
    assertThat(check(data).findings())
        .allMatch(f -> f.kind() == Kind.CHANGED)
        .anyMatch(f -> f.first() == 3)
        .anyMatch(f -> f.first() == 8);
  }

  @Test
  void aCutIsFound() throws Exception {
    Path data = another("cut");
    sql(data, "DELETE FROM audit WHERE number > 5");
    assertThat(check(data).findings()).containsExactly(new Finding(Kind.CUT, 6, ENTRIES));
  }

  @Test
  void anOldCopyOfTheDatabaseIsFound() throws Exception {
    Path data = another("old");
    for (String name : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(data.resolve(Database.FILE + name));
    }
    Files.copy(older.resolve(Database.FILE), data.resolve(Database.FILE));
    assertThat(check(data).findings())
        .containsExactly(new Finding(Kind.CUT, ENTRIES / 2 + 1, ENTRIES));
  }

  @Test
  void anOldCopyOfEverythingIsFoundByCheckpointsThatWereKeptElsewhere() throws Exception {
    assertThat(check(older).findings()).as("in itself it is good").isEmpty();
    assertThat(
            LogCheck.of(older, Optional.of(original.resolve(Checkpoints.FILE)), Optional.empty())
                .findings())
        .containsExactly(new Finding(Kind.CUT, ENTRIES / 2 + 1, ENTRIES));
  }

  @Test
  void aLogThatIsWrittenAnewWithoutTheKeyIsFound() throws Exception {
    Path data = folder.resolve("anew");
    fill(data, Clock.systemUTC(), ENTRIES);
    assertThat(check(data).findings()).isEmpty();
    // The attacker puts a log of their own making in place, with checkpoints by their own key.
    assertThat(
            LogCheck.of(data, Optional.empty(), Optional.of(original.resolve(Checkpoints.KEY)))
                .findings())
        .extracting(Finding::kind)
        .contains(Kind.FORGED_CHECKPOINT, Kind.NOTHING_VOUCHES);
    Files.copy(
        original.resolve(Checkpoints.FILE),
        data.resolve(Checkpoints.FILE),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(
            LogCheck.of(data, Optional.empty(), Optional.of(original.resolve(Checkpoints.KEY)))
                .findings())
        .isNotEmpty()
        .allMatch(f -> f.kind() == Kind.REWRITTEN);
  }

  @Test
  void aByteInTheFileItselfIsFound() throws Exception {
    Path data = another("bytes");
    Path file = data.resolve(Database.FILE);
    String all = Files.readString(file, StandardCharsets.ISO_8859_1);
    int at = all.indexOf("192.0.2.7");
    assertThat(at).isPositive();
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
    assertThat(check(data).findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.kind()).isEqualTo(Kind.CHANGED);
          assertThat(finding.first()).isEqualTo(finding.last());
        });
  }

  @Test
  void aCheckpointThatACrashCutShortIsWrittenAnew() throws Exception {
    Path data = another("torn");
    Path file = data.resolve(Checkpoints.FILE);
    Files.writeString(file, "{\"number\":99,\"ha", java.nio.file.StandardOpenOption.APPEND);
    assertThat(check(data).findings()).isEmpty();
    fill(data, Clock.systemUTC(), 2);
    assertThat(check(data).findings()).isEmpty();
    assertThat(check(data).vouched()).isEqualTo(ENTRIES + 2);
    assertThat(Files.readString(file)).doesNotContain("\"number\":99,\"ha").endsWith("}\n");
  }

  @Test
  void checkpointsThatAreGoneAreMissed() throws Exception {
    Path data = another("gone");
    Files.delete(data.resolve(Checkpoints.FILE));
    assertThat(check(data).findings())
        .containsExactly(new Finding(Kind.NOTHING_VOUCHES, 1, ENTRIES));
  }

  @Test
  void whatCannotBeReadIsNotCalledGood() {
    assertThatThrownBy(() -> check(folder.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--data");
  }
}
