package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.client.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users, teams and tokens by their commands, against a real server. */
class AccessCommandsTest {
  @TempDir Path directory = Path.of("");

  private DataDirectory data = new DataDirectory(Path.of("/nowhere"));
  private AutoCloseable server = () -> {};

  @BeforeEach
  void start() {
    data = new DataDirectory(directory.resolve("data"));
    server =
        RunningServer.start(
            new Cli(directory).with(Clock.systemUTC()).terminal(),
            data,
            Listen.of("127.0.0.1:0"),
            Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private Cli cli() {
    return new Cli(directory).with(Clock.systemUTC()).with("HOLDFAST_DATA", data.path().toString());
  }

  private Cli as(String token) {
    return cli().with("HOLDFAST_TOKEN", token);
  }

  private static String good(Cli.Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  @Test
  void aUserIsAddedGrantedDisabledAndEnabled() {
    assertThat(good(cli().run("whoami"))).startsWith("admin  usr_").contains("manage-owners");
    good(cli().run("user", "add", "ann"));
    assertThat(cli().run("user", "add", "ann").code()).isEqualTo(1);
    String token = good(cli().run("token", "make", "laptop", "--user", "ann")).strip();
    assertThat(good(as(token).run("whoami"))).startsWith("ann  usr_").contains("may  nothing");
    Cli.Result refused = as(token).run("runs");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err())
        .contains("needs the permission view", "admin can give it, with holdfast user grant")
        .hasLineCount(1);

    good(cli().run("user", "grant", "ann", "developer"));
    assertThat(good(as(token).run("whoami")))
        .contains("may  view, develop, start-runs, view-secrets everywhere");
    good(as(token).run("runs"));
    assertThat(good(cli().run("user", "list")))
        .containsPattern("admin +enabled +owner")
        .containsPattern("ann +enabled +developer");
    assertThat(cli().run("user", "grant", "ann", "root").err()).contains("expected a role");

    good(cli().run("user", "disable", "ann"));
    Cli.Result disabled = as(token).run("runs");
    assertThat(disabled.code()).isEqualTo(3);
    assertThat(disabled.err()).contains("was disabled");
    good(cli().run("user", "enable", "ann"));
    good(as(token).run("runs"));
    good(cli().run("user", "revoke", "ann", "developer"));
    assertThat(as(token).run("runs").code()).isEqualTo(3);
    assertThat(cli().run("user", "revoke", "admin", "owner").err())
        .contains("nobody would be left who is owner");
  }

  @Test
  void aTeamGivesWhatItHas() {
    good(cli().run("user", "add", "ann"));
    good(cli().run("team", "add", "reviewers"));
    good(cli().run("team", "join", "reviewers", "ann"));
    good(cli().run("user", "grant", "reviewers", "approver"));
    assertThat(good(cli().run("team", "list"))).containsPattern("reviewers +ann +approver");
    assertThat(good(cli().run("user", "list"))).contains("approver by reviewers");
    String token = good(cli().run("token", "make", "t", "--user", "ann")).strip();
    good(as(token).run("runs"));
    good(cli().run("team", "leave", "reviewers", "ann"));
    assertThat(as(token).run("runs").code()).isEqualTo(3);
    good(cli().run("team", "remove", "reviewers"));
    assertThat(cli().run("team", "remove", "reviewers").code()).isEqualTo(4);
    assertThat(cli().run("team", "list").err()).startsWith("No teams.");
  }

  @Test
  void aTokenIsMadeListedAndRevoked() throws Exception {
    Cli.Result made =
        cli().run("token", "make", "deploy", "--scope", "view,start-runs", "--expires", "12h");
    String token = good(made).strip();
    assertThat(token).startsWith("hft_");
    assertThat(made.err()).startsWith("Keep it:").contains("It ends ");
    assertThat(good(as(token).run("whoami"))).contains("may  view, start-runs everywhere");
    assertThat(as(token).run("token", "make", "t", "--scope", "approve").err())
        .contains("good for no more than the one that makes it");
    assertThat(cli().run("token", "make", "t", "--scope", "everything").code()).isEqualTo(2);
    assertThat(cli().run("token", "make", "t", "--expires", "soon").code()).isEqualTo(2);
    assertThat(cli().run("token", "make", "t", "--expires", "2001-01-01T00:00:00Z").err())
        .contains("is over already");

    Cli.Result kept = cli().run("token", "make", "kept", "--out", "secret", "--json");
    String id = good(kept).replaceAll("(?s).*\"id\":\"(tok_\\w+)\".*", "$1");
    Path file = directory.resolve("secret");
    assertThat(kept.out() + kept.err()).doesNotContain("hft_");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(good(cli().run("token", "list", "--all")))
        .containsPattern("admin +deploy +view, start-runs +all")
        .contains(id)
        .doesNotContain("hft_");
    String secret = Files.readString(file).strip();
    good(as(secret).run("runs"));
    good(cli().run("token", "revoke", id));
    assertThat(as(secret).run("runs").code()).isEqualTo(3);
    assertThat(cli().run("token", "revoke", id).code()).isEqualTo(4);
  }
}
