package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.wire.agent.AgentApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An orchestrator is killed while a deployment is in an environment. */
class KilledDeploymentTest {
  @TempDir Path data;

  /** A server of its own, in a process of its own. */
  static final class Server {
    private Server() {}

    static Process spawn(Path data) throws IOException {
      return new ProcessBuilder(
              ProcessHandle.current().info().command().orElseThrow(),
              "--enable-native-access=ALL-UNNAMED",
              "-Xmx256m",
              "-cp",
              System.getProperty("java.class.path"),
              Server.class.getName(),
              data.toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    }

    public static void main(String[] arguments) throws Exception {
      // Ends with its process, which is killed.
      var stage = new Stage(Path.of(arguments[0]), Clock.systemUTC());
      stage.forge.define(
          Stage.workflow("ci", EnvironmentStage.in(Stage.job("deploy"), "production")));
      System.out.println(stage.port());
      Thread.currentThread().join();
    }
  }

  @Test
  void whoIsInsideStaysThere_andWhoIsLostDoesNot() throws Exception {
    Process server = Server.spawn(data);
    AgentApi.Lease inside;
    String token;
    String agentId;
    try (BufferedReader out = server.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      int port = Integer.parseInt(out.readLine());
      var admin =
          new Caller(
              client,
              port,
              Files.readString(data.resolve("admin-token"), StandardCharsets.UTF_8).strip());
      admin.post("/api/v1/repositories", "{\"name\": \"app\", \"url\": \"/tmp/app.git\"}");
      assertThat(
              admin
                  .call(
                      "PUT",
                      EnvironmentStage.path("app", "production"),
                      "{}".getBytes(StandardCharsets.UTF_8))
                  .status())
          .isEqualTo(200);
      token = admin.post("/api/v1/agent-tokens", "{\"name\": \"one\"}").at("token");
      var agent = new Caller(client, port, token);
      agentId = agent.register("one", 5, "linux").agent();
      for (int i = 0; i < 2; i++) {
        assertThat(admin.post("/api/v1/repositories/app/events", "{\"workflow\": \"ci\"}").status())
            .isEqualTo(202);
      }
      inside =
          await()
              .until(() -> agent.lease(agentId, 1, Duration.ofSeconds(5)), all -> all.size() == 1)
              .getFirst();
      agent.heartbeat(agentId, Caller.held(inside));
      await()
          .until(
              () -> admin.get("/api/v1/runs").text(),
              runs -> runs.split("\"id\":\"run_", -1).length == 3);
      assertThat(agent.lease(agentId, 5, Duration.ZERO, Caller.held(inside))).isEmpty();
    } finally {
      server.destroyForcibly().waitFor();
    }
    // Ahead of the clock of who was killed, and the test's from here on.
    var clock = new ManualClock();
    clock.pass(Duration.between(clock.instant(), Clock.systemUTC().instant()).plusMinutes(1));
    try (Stage stage = new Stage(data, clock)) {
      Caller agent = stage.caller(token);
      assertThat(agent.lease(agentId, 5, Duration.ZERO, Caller.held(inside)))
          .as("the one that was inside still is")
          .isEmpty();
      assertThat(
              stage.admin().get(EnvironmentStage.path("app", "production")).at("inside.0.attempt"))
          .isEqualTo(inside.attempt());
      // Its agent is not heard of again.
      clock.pass(Duration.ofSeconds(31));
      List<AgentApi.Lease> next =
          await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> agent.lease(agentId, 1, Duration.ZERO), all -> !all.isEmpty());
      assertThat(next.getFirst().run()).isNotEqualTo(inside.run());
    }
  }
}
