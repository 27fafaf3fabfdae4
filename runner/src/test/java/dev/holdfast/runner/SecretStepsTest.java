package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.secret;
import static dev.holdfast.runner.TestAgent.sh;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A step has the secrets that it names, where it asked for them, and no longer than it runs. */
@Timeout(60)
class SecretStepsTest {
  private static final Map<String, byte[]> TOKEN = Map.of("TOKEN", "s3cr3t".getBytes(UTF_8));

  private static TestAgent.Heard commands(Map<String, byte[]> secrets, Step... steps)
      throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, steps));
      return agent.giving(secrets, Map.of());
    }
  }

  private static TestAgent.Heard code(Map<String, String> withheld, String body)
      throws IOException {
    var sources =
        new Sources(
            Map.of(
                "Ci.java",
                """
                import static dev.holdfast.sdk.Workflows.*;
                import dev.holdfast.sdk.*;
                import java.nio.file.*;

                class Ci implements WorkflowSource {
                  static Path kept;
                  public Workflow define() {
                    return workflow("ci").on(push()).jobs(job("test")
                        .step("deploy", code(ctx -> { %s }).secrets("TOKEN", "OTHER"))
                        .step("after", code(ctx -> ctx.log("after " + ctx.secrets().list()
                            + " " + (kept == null ? "" : Files.exists(kept))))));
                  }
                }
                """
                    .formatted(body)));
    var steps =
        new Step[] {
          new Step.Code(
              "deploy",
              Optional.empty(),
              Optional.empty(),
              List.of(new SecretName("TOKEN"), new SecretName("OTHER")),
              Optional.empty()),
          TestAgent.code("after")
        };
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(TestAgent.with(order(agent.workspace, steps), sources));
      return agent.giving(TOKEN, withheld);
    }
  }

  @Test
  void aCommandHasItsSecretInItsEnvironment_andNoOtherStepHas() throws IOException {
    var heard =
        commands(
            TOKEN,
            sh("before", "echo before ${TOKEN-none}"),
            secret("deploy", "echo deploy $TOKEN; env | grep -c s3cr3t; cat", "TOKEN"),
            sh("after", "echo after ${TOKEN-none}"));

    assertThat(heard.text()).isEqualTo("before none\ndeploy s3cr3t\n1\nafter none\n");
  }

  @Test
  void aSecretIsInNoArgument() throws IOException {
    var heard = commands(TOKEN, secret("deploy", "tr '\\0' ' ' </proc/$$/cmdline", "TOKEN"));

    assertThat(heard.text()).contains("/bin/sh -e").doesNotContain("s3cr3t");
  }

  @Test
  void anyValueReachesItsVariableAsItIs() throws IOException {
    var odd = "it's \"$(reboot)\" `x`\n  two\n\\n # é\t'" + "x".repeat(20_000) + "'";
    var heard =
        commands(
            Map.of("TOKEN", odd.getBytes(UTF_8)),
            secret("deploy", "printf '%s' \"$TOKEN\"", "TOKEN"));

    assertThat(heard.text()).isEqualTo(odd);
  }

  @Test
  void aValueThatNoVariableCanHold_isRefusedWithTheMend() throws IOException {
    var heard =
        commands(Map.of("TOKEN", new byte[] {1, 0, 2}), secret("deploy", "echo in", "TOKEN"));

    assertThat(heard.text()).isEmpty();
    assertThat(heard.results())
        .containsExactly(
            new StepResult.Failed(
                126,
                "the secret TOKEN holds a NUL byte, which no variable can; have code put it into a"
                    + " file by mountFile"));
  }

  @Test
  void aSecretThatIsWithheld_isNotInTheEnvironment() throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, secret("deploy", "echo ${TOKEN-none}", "TOKEN")));
      var heard = agent.giving(Map.of(), Map.of("TOKEN", "the run is not trusted"));
      assertThat(heard.text()).isEqualTo("none\n");
    }
  }

  @Test
  void codeAsksForWhatItNames_andForNothingElse() throws IOException {
    var heard =
        code(
            Map.of("OTHER", "it is not set"),
            """
            ctx.log(ctx.secrets().get("TOKEN") + ctx.secrets().list() + ctx.secrets().has("OTHER"));
            ctx.sh("echo ${TOKEN-none}");
            for (String name : new String[] {"OTHER", "THIRD"}) {
              try { ctx.secrets().get(name); } catch (IllegalArgumentException e) { ctx.log(e.getMessage()); }
            }
            """);

    assertThat(heard.text())
        .isEqualTo(
            """
            s3cr3t[TOKEN]false
            none
            the secret OTHER is not given: it is not set
            the step does not name the secret "THIRD"; it names TOKEN
            after []\s
            """);
  }

  @Test
  void codeExposesASecretToWhatItStartsFromThenOn() throws IOException {
    var heard =
        code(
            Map.of(),
            """
            ctx.sh("echo ${TOKEN-none}");
            ctx.secrets().expose("TOKEN");
            ctx.secrets().expose("TOKEN", "NPM_TOKEN");
            ctx.sh("echo $TOKEN $NPM_TOKEN");
            """);

    assertThat(heard.text()).isEqualTo("none\ns3cr3t s3cr3t\nafter [] \n");
  }

  @Test
  void aMountedFileIsInMemory_thisUsersAlone_andGoneAfterTheStep() throws IOException {
    var heard =
        code(
            Map.of(),
            """
            kept = ctx.secrets().mountFile("TOKEN");
            ctx.sh("stat -f -c %T " + kept + "; stat -c %a " + kept + "; cat " + kept + "; ln "
                + kept + " " + kept + ".other");
            """);

    assertThat(heard.text()).isEqualTo("tmpfs\n600\ns3cr3tafter [] false\n");
    try (var left = Files.newDirectoryStream(Path.of("/dev/shm"), "secret-*.other")) {
      for (Path other : left) {
        assertThat(other).isEmptyFile();
        Files.delete(other);
      }
    }
  }

  private static final String JWT = "eyJh.eyJi.c2ln";
  private static final Map<String, byte[]> MINTED =
      Map.of("identity:sts.example.org", JWT.getBytes(UTF_8));

  @Test
  void aCommandHasItsTokenInItsEnvironment_andNoOtherStepHas() throws IOException {
    var asking =
        new Step.Command(
            "deploy",
            "echo deploy $T; env | grep -c ^T=; tr '\\0' ' ' </proc/$$/cmdline",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of("T", new Audience("sts.example.org")));
    var heard = commands(MINTED, asking, sh("after", "echo after ${T-none}"));

    assertThat(heard.text()).startsWith("deploy " + JWT + "\n1\n").endsWith("after none\n");
    assertThat(heard.text().substring(JWT.length() + 10)).doesNotContain("eyJh");
  }

  @Test
  void codeAsksForTheTokenThatItNames_whichIsNoSecret() throws IOException {
    String body =
        """
        ctx.log(ctx.identity("sts.example.org") + ctx.secrets().list()
            + ctx.secrets().has("identity:sts.example.org"));
        for (String name : new String[] {"other.example.org", "third.example.org"}) {
          try { ctx.identity(name); } catch (IllegalArgumentException e) { ctx.log(e.getMessage()); }
        }
        try { ctx.secrets().get("identity:sts.example.org"); }
        catch (IllegalArgumentException e) { ctx.log("no secret"); }
        """;
    var sources =
        new Sources(
            Map.of(
                "Ci.java",
                """
                import static dev.holdfast.sdk.Workflows.*;
                import dev.holdfast.sdk.*;

                class Ci implements WorkflowSource {
                  public Workflow define() {
                    return workflow("ci").on(push()).jobs(job("test").step("deploy",
                        code(ctx -> { %s }).identity("sts.example.org", "other.example.org")));
                  }
                }
                """
                    .formatted(body)));
    var step =
        new Step.Code(
            "deploy",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(new Audience("sts.example.org"), new Audience("other.example.org")));
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(TestAgent.with(order(agent.workspace, step), sources));
      var heard =
          agent.giving(MINTED, Map.of("identity:other.example.org", "the run is not trusted"));
      assertThat(heard.text())
          .isEqualTo(
              JWT
                  + """
                  []false
                  the token for "other.example.org" is not given: the run is not trusted
                  the step does not ask for a token for "third.example.org"; add identity("…") to it, where reviewers see it
                  no secret
                  """);
    }
  }
}
