package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.orchestrator.access.SignInClients;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.forge.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that cannot be, each with one line that says why. */
class StartTest {
  @TempDir Path folder;

  private static Orchestrator start(Path data, int port) throws IOException {
    var calls = new Calls();
    return Orchestrator.start(
        new OrchestratorConfig(data, "127.0.0.1", port, OrchestratorConfig.DEFAULT_LEASE),
        Clock.systemUTC(),
        new Orchestrator.Outside(
            credentials -> new ScriptedForge(),
            ScriptedForge::read,
            new MemoryLogStore(),
            calls,
            PlainGitSource.dialects(calls),
            credentials -> new ScriptedPeople(),
            List.of(),
            SignInClients.NONE));
  }

  @Test
  void oneOrchestratorAtATimeOverAFolder() throws Exception {
    Path data = folder.resolve("data");
    try (Orchestrator first = start(data, 0)) {
      assertThat(first.adminToken()).isPresent();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
          .isEqualTo("rwx------");
      assertThatThrownBy(() -> start(data, 0))
          .isInstanceOf(StoreUnavailable.class)
          .hasMessageContaining("another orchestrator runs over " + data);
    }
    try (Orchestrator again = start(data, 0)) {
      assertThat(again.adminToken()).as("shown once").isEmpty();
    }
  }

  @Test
  void anAddressThatIsTakenIsSaidAndTheFolderIsFreeAgain() throws Exception {
    try (Orchestrator first = start(folder.resolve("one"), 0)) {
      assertThatThrownBy(() -> start(folder.resolve("two"), first.port()))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot listen at 127.0.0.1:"
                  + first.port()
                  + "; free that address or choose"
                  + " another");
    }
    start(folder.resolve("two"), 0).close();
  }

  @Test
  void aDatabaseOfANewerReleaseIsLeftAlone() throws Exception {
    start(folder.resolve("one"), 0).close();
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("one/holdfast.db"));
        var statement = connection.createStatement()) {
      statement.execute("UPDATE flyway_schema_history SET version = '999'");
    }
    assertThatThrownBy(() -> start(folder.resolve("one"), 0))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("schema version 999, made by a newer Holdfast");
  }
}
