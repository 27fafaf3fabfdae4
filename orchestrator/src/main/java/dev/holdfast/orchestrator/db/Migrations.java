package dev.holdfast.orchestrator.db;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Brings the schema to the newest version. Migrations are named here rather than searched for on
 * the classpath, and Flyway is not even loaded where there is nothing to do: a start with an
 * existing database spends a millisecond here instead of half a second. All that is missing is one
 * transaction: it is in whole or not at all, and costs one write to the disk.
 */
final class Migrations {
  /** In order of their versions. Never changed once released, only added to. */
  private static final List<String> ALL =
      List.of(
          "V1__runs.sql",
          "V2__schedule.sql",
          "V3__contact.sql",
          "V4__tier.sql",
          "V5__service.sql",
          "V6__trust.sql",
          "V7__forge_link.sql",
          "V8__access.sql",
          "V9__audit.sql",
          "V10__report.sql",
          "V11__clearance.sql",
          "V12__forge_app.sql",
          "V13__organisation.sql",
          "V14__job_report.sql",
          "V15__clearance_limits.sql",
          "V16__environment.sql",
          "V17__deployment.sql",
          "V18__data_key.sql",
          "V19__secret.sql",
          "V21__kept.sql",
          "V24__relay.sql",
          "V25__identity.sql",
          "V27__pages.sql",
          "V28__page.sql",
          "V29__relay_rotation.sql",
          "V30__secret_output.sql",
          "V33__commit_message.sql",
          "V36__agent_probe.sql");

  /** The names of Flyway's placeholders, and what they are in SQLite. */
  private static final Map<String, String> DIALECT =
      Map.of(
          "json",
          "TEXT",
          "event_kind",
          "json_extract(body, '$.happening.type')",
          "event_contributor",
          "json_extract(body, '$.contributor.forge') || ' ' || json_extract(body,"
              + " '$.contributor.id')");

  private Migrations() {}

  static void apply(Connection connection, String url) throws SQLException {
    int has = version(connection);
    int newest = version(ALL.getLast());
    if (has > newest) {
      throw new SQLException(
          "it has schema version "
              + has
              + ", made by a newer Holdfast; this one knows "
              + newest
              + ". Run the newer release, or restore a backup");
    }
    if (has < newest) {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(url, null, null)
          .resourceProvider(new Named())
          .placeholders(DIALECT)
          .group(true)
          .load()
          .migrate();
    }
  }

  private static int version(String name) {
    return Integer.parseInt(name.substring(1, name.indexOf('_')));
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet tables =
          statement.executeQuery(
              "SELECT 1 FROM sqlite_master WHERE name = 'flyway_schema_history'")) {
        if (!tables.next()) {
          return 0;
        }
      }
      try (ResultSet newest =
          statement.executeQuery(
              "SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history WHERE success ="
                  + " 1")) {
        return newest.next() ? newest.getInt(1) : 0;
      }
    }
  }

  private static final class Named implements ResourceProvider {
    @Override
    public @Nullable LoadableResource getResource(String name) {
      return ALL.stream().filter(name::endsWith).findFirst().map(Resource::new).orElse(null);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
      return ALL.stream()
          .filter(name -> name.startsWith(prefix))
          .map(name -> (LoadableResource) new Resource(name))
          .toList();
    }
  }

  private static final class Resource extends LoadableResource {
    private final String name;

    Resource(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      try (InputStream in = Migrations.class.getResourceAsStream("/db/migration/" + name)) {
        if (in == null) {
          throw new IllegalStateException("the migration " + name + " is missing in this build");
        }
        return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String getAbsolutePath() {
      return "db/migration/" + name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return getAbsolutePath();
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
