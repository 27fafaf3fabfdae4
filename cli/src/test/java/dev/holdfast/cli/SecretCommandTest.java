package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.Refusal;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Secrets by their commands, against a real server. */
class SecretCommandTest {
  @TempDir Path directory = Path.of("");

  private DataDirectory data = new DataDirectory(Path.of("/nowhere"));
  private AutoCloseable server = () -> {};
  private final InputStream before = System.in;

  @BeforeEach
  void start() throws Exception {
    Path repository = directory.resolve("app.git");
    Process init =
        new ProcessBuilder("git", "init", "-q", "--bare", "-b", "main", repository.toString())
            .inheritIO()
            .start();
    assertThat(init.waitFor()).isZero();
    data = new DataDirectory(directory.resolve("data"));
    server =
        RunningServer.start(
            new Cli(directory).with(Clock.systemUTC()).terminal(),
            data,
            Listen.of("127.0.0.1:0"),
            Duration.ofSeconds(30));
    good(
        cli().run("repo", "add", repository.toString(), "--name", "app", "--organisation", "acme"));
  }

  @AfterEach
  void stop() throws Exception {
    System.setIn(before);
    server.close();
  }

  private Cli cli() {
    return new Cli(directory).with(Clock.systemUTC()).with("HOLDFAST_DATA", data.path().toString());
  }

  private static String good(Cli.Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private static void input(String text) {
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aValueComesFromInputAFileOrAVariableAndNeverOutAgain() throws Exception {
    var said = new StringBuilder();
    input("Canary-by-input\n");
    said.append(good(cli().run("secret", "set", "ONE", "--repository", "app")));
    assertThat(said.toString()).isEqualTo("Set ONE version 1\n");
    Files.writeString(directory.resolve("value"), "Canary-by-file\n");
    said.append(
        good(cli().run("secret", "set", "ONE", "--repository", "app", "--from-file", "value")));
    said.append(
        good(
            cli()
                .with("MINE", "Canary-by-variable")
                .run("secret", "set", "ONE", "--organisation", "acme", "--from-variable", "MINE")));
    said.append(good(cli().run("secret", "list", "--repository", "app")));
    assertThat(said.toString()).containsPattern("ONE +2 +value +admin +.* given");
    said.append(good(cli().run("secret", "versions", "ONE", "--repository", "app")));
    said.append(good(cli().run("secret", "rollback", "ONE", "1", "--repository", "app")));
    said.append(good(cli().run("secret", "purge", "ONE", "--repository", "app")));
    assertThat(said.toString()).contains("Set ONE version 3", "Purged ONE version 2, 1");
    said.append(good(cli().run("secret", "remove", "ONE", "--repository", "app")));
    said.append(good(cli().run("secret", "seen-by", "ONE", "--repository", "app")));
    said.append(good(cli().run("secret", "list", "--repository", "app", "--json")));
    said.append(good(cli().run("audit", "list", "--what", "secret")));
    assertThat(said.toString()).contains("secret.set").doesNotContain("Canary");
  }

  @Test
  void anArgumentIsNoPlaceForAValueAndIsNotRepeated() {
    input("");
    Cli.Result refused =
        cli().run("secret", "set", "ONE", "Canary-as-argument", "--repository", "app");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("a value is no argument").hasLineCount(1);
    assertThat(refused.out() + refused.err()).doesNotContain("Canary");
    assertThat(cli().run("secret", "list", "--repository", "app").out()).doesNotContain("ONE");
  }

  @Test
  void aSecretForUseSaysWhatForAndWhatCannotBeThatIsRefused() {
    input("Canary-for-use\n");
    assertThat(
            good(
                cli()
                    .run(
                        "secret",
                        "set",
                        "API",
                        "--repository",
                        "app",
                        "--use",
                        "https://api.example.com/v1/",
                        "--as",
                        "Authorization: Bearer {}",
                        "--method",
                        "GET,POST")))
        .isEqualTo("Set API version 1\n");
    assertThat(good(cli().run("secret", "list", "--repository", "app"))).contains("API", "use");
    for (String[] bad :
        new String[][] {
          {"--use", "https://api.example.com/v1/"},
          {"--as", "Authorization: Bearer {}"},
          {"--method", "POST"},
          {"--use", "http://api.example.com/", "--as", "Authorization: Bearer {}"},
          {"--use", "https://api.example.com/", "--as", "Authorization: Bearer"},
          {"--use", "https://api.example.com/", "--as", "A: {}", "--from-vault", "main"}
        }) {
      input("Canary-for-use\n");
      var words = new ArrayList<>(List.of("secret", "set", "API", "--repository", "app"));
      words.addAll(List.of(bad));
      Cli.Result result = cli().run(words.toArray(String[]::new));
      assertThat(result.code()).as(words.toString()).isNotZero();
      assertThat(result.out() + result.err()).doesNotContain("Canary-for-use");
    }
  }

  /** Of everything that any of the commands takes, nothing but names of things is an argument. */
  @Test
  void noOptionAndNoParameterOfAnyCommandTakesAValue() {
    CommandLine secret = SecretCommand.with(new Cli(directory).terminal());
    var taken = new ArrayList<String>();
    secret
        .getSubcommands()
        .forEach((name, command) ->
            command
                .getCommandSpec()
                .args()
                .forEach(arg -> {
                  if (arg.arity().max() > 0) {
                    taken.add(
                        arg.isOption()
                            ? ((CommandLine.Model.OptionSpec) arg).longestName()
                            : arg.paramLabel());
                  }
                }));
    assertThat(taken.stream().distinct().sorted().collect(Collectors.toList()))
        .containsExactlyInAnyOrderElementsOf(
            List.of(
                // The form of a header, which is refused if it has no place for the value.
                "--as",
                "--data",
                "--environment",
                "--except",
                "--field",
                "--from-file",
                "--from-variable",
                "--from-vault",
                "--limit",
                "--method",
                "--mount",
                "--organisation",
                "--pass",
                "--path",
                "--repository",
                "--server",
                "--timeout",
                "--token-file",
                "--use",
                "--version",
                "FILE",
                "NAME",
                "VERSION",
                "<more>"));
  }

  @Test
  void whatIsNoSecretIsRefusedWithTheReason() {
    input("hunter2");
    Cli.Result refused = cli().run("secret", "set", "ONE", "--repository", "app");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("the value of ONE cannot be a secret")
        .doesNotContain("hunter2");
    input("Long-enough-value");
    assertThat(cli().run("secret", "set", "one", "--repository", "app").err())
        .contains("is not the name of a secret");
    assertThat(cli().run("secret", "set", "ONE").err())
        .contains("give one of --repository and --organisation");
  }

  @Test
  void aDotEnvFileIsImportedAsAWholeOrNotAtAll() throws Exception {
    Files.writeString(
        directory.resolve(".env"),
        """
        # where it is
        export API_TOKEN=Canary-one-2345   # said by them
        DB_PASSWORD='Canary two $HOME #x'
        PRIVATE_KEY="-----BEGIN-----\\nCanary three\\n-----END-----"
        EMPTY=
        PORT=8080
        """);
    Cli.Result refused = cli().run("secret", "import", ".env", "--repository", "app");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("the value of PORT cannot be a secret");
    assertThat(good(cli().run("secret", "list", "--repository", "app")))
        .doesNotContain("API_TOKEN");
    assertThat(
            good(
                cli()
                    .run(
                        "secret",
                        "import",
                        ".env",
                        "--repository",
                        "app",
                        "--environment",
                        "review/*",
                        "--except",
                        "PORT")))
        .contains(
            "Set API_TOKEN version 1", "Set DB_PASSWORD version 1", "Set PRIVATE_KEY version 1")
        .doesNotContain("Canary");
  }

  @Test
  void aDotEnvFileMeansWhatItSays() {
    Map<String, byte[]> read =
        EnvFile.read(
            "f",
            "A=plain # no\n B = 'it''s'\n".replace("''s", "s").getBytes(StandardCharsets.UTF_8));
    assertThat(new String(read.get("A"), StandardCharsets.UTF_8)).isEqualTo("plain");
    assertThat(new String(read.get("B"), StandardCharsets.UTF_8)).isEqualTo("its");
    assertThat(
            new String(
                EnvFile.read("f", "K=\"a\nb\\\"c\\\\d\\$e\"".getBytes(StandardCharsets.UTF_8))
                    .get("K"),
                StandardCharsets.UTF_8))
        .isEqualTo("a\nb\"c\\d$e");
    for (String wrong :
        List.of("A=ok\nno-equals-Canary", "A='Canary", "A='x' Canary", "A=Canary\nA=Canary")) {
      assertThatThrownBy(() -> EnvFile.read("f", wrong.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("f line ")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("Canary"));
    }
  }

  @Test
  void theMasterKeyIsRotatedAndTheOldOneMayGo() {
    input("Long-enough-value");
    good(cli().run("secret", "set", "ONE", "--repository", "app"));
    assertThat(good(cli().run("secret", "rotate-master")))
        .contains("All data keys are wrapped by master-2", "The master key master may go");
    assertThat(good(cli().run("secret", "keys")))
        .containsPattern("master-2 +[1-9][0-9]* +wraps")
        .containsPattern("master +0 +may go");
  }
}
