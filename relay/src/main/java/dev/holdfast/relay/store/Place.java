package dev.holdfast.relay.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Where the database is: {@code postgresql://HOST/NAME…}, else a file, which is SQLite's.
 *
 * @param name for people; without what may be secret in the URL
 */
record Place(Dialect dialect, String url, String name) {
  private static final String POSTGRESQL = "postgresql:";

  static Place of(String text) {
    if (text.startsWith(POSTGRESQL)) {
      return new Place(
          Dialect.POSTGRESQL,
          "jdbc:" + text,
          text.replaceFirst("[?].*", "").replaceFirst("//[^/@]*@", "//"));
    }
    Path file = Path.of(text).toAbsolutePath();
    return new Place(
        Dialect.SQLITE,
        "jdbc:sqlite:"
            + file
            + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000&foreign_keys=true"
            + "&transaction_mode=IMMEDIATE",
        file.toString());
  }

  /** Only its owner reads what is kept, unless whoever made the folder said otherwise. */
  void prepare() throws IOException {
    Path folder = Path.of(name).getParent();
    if (dialect == Dialect.SQLITE && folder != null && !Files.exists(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  Session connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    var session = new Session(connection);
    if (dialect == Dialect.POSTGRESQL) {
      try (var statement = connection.createStatement()) {
        // What is answered is on disk, whatever the server's own default is.
        statement.execute("SET synchronous_commit = on");
        // A network that goes away must not keep a tenant's row locked.
        statement.execute("SET idle_in_transaction_session_timeout = '30s'");
        statement.execute("SET lock_timeout = '20s'");
      }
    }
    return session;
  }
}
