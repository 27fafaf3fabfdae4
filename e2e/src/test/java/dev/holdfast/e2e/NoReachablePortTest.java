package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Server and agent stand in a network into which nothing can be opened, and from which only the
 * relay can be dialled, over TLS. All is the distribution's, and runs as it would anywhere.
 */
class NoReachablePortTest {
  private static final int INGRESS = 8787;
  private static final int TENANTS = 8788;
  private static final int SERVER = 7878;
  private static final byte[] BODY =
      "{\"type\": \"start\", \"workflow\": \"ci\"}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void aServerThatNobodyCanReachRunsWhatAForgePostsToTheRelay() throws Exception {
    Assumptions.assumeTrue(
        Files.isWritable(Path.of("/run")), "SKIPPED: only root makes network namespaces");
    try (var net = HiddenNetwork.make(TENANTS)) {
      Certificate certificate = Certificate.of(folder.resolve("tls"), net.outside());
      String database = folder.resolve("relay.db").toString();
      try (Running relay =
          Running.start(
              folder,
              Map.of(),
              "relay",
              "serve",
              "--db",
              database,
              "--address",
              "https://" + net.outside() + ":" + INGRESS,
              "--ingress",
              net.outside() + ":" + INGRESS,
              "--tenants",
              net.outside() + ":" + TENANTS,
              "--operator",
              "127.0.0.1:0",
              "--certificate",
              certificate.file().toString(),
              "--key",
              certificate.key().toString())) {
        relay.awaitLine(line -> line.startsWith("ready"));
        Json added =
            JsonText.parse(
                Dist.run(
                        folder,
                        Map.of(),
                        List.of(
                            "relay",
                            "tenant",
                            "add",
                            "acme",
                            "--db",
                            database,
                            "--url",
                            "https://" + net.outside() + ":" + TENANTS,
                            "--json"))
                    .ok()
                    .out());
        withServer(net, certificate, Api.string(added, "invitation"));
      }
    }
  }

  private void withServer(HiddenNetwork net, Certificate certificate, String invitation)
      throws Exception {
    Path data = Files.createDirectories(folder.resolve("server"));
    try (Running server =
        Running.start(
            folder,
            certificate.environment(),
            net.holdfast(
                "server",
                "--data",
                data.toString(),
                "--listen",
                "0.0.0.0:" + SERVER,
                "--relay",
                invitation))) {
      server.awaitLine(line -> line.contains("ready"));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> cli(net, "relay", "status").ok().out().contains("connected"));
      var repository = TestRepository.create(folder);
      repository
          .write(
              ".holdfast/ci.yaml",
              """
              on: manual
              jobs:
                test:
                  steps: [{name: say, run: 'echo "it came by the relay"'}]
              """)
          .commit("a workflow");
      cli(net, "repo", "add", repository.bare().toString(), "--name", "app").ok();
      repository.push("main");
      Json hook = JsonText.parse(cli(net, "repo", "webhook", "app", "--json").ok().out());
      URI relayed = URI.create(Api.string(hook, "relay"));
      URI direct = URI.create("http://" + net.within() + ":" + SERVER + Api.string(hook, "hook"));
      byte[] key =
          Base64.getDecoder().decode(Api.string(hook, "secret").substring("whsec_".length()));

      String token =
          Api.string(
              JsonText.parse(cli(net, "agent", "token", "create", "one", "--json").ok().out()),
              "token");
      Path tokenFile = folder.resolve("token");
      Files.writeString(tokenFile, token);
      try (Running agent =
              Running.start(
                  folder,
                  Map.of(),
                  net.holdfast(
                      "agent",
                      "--server",
                      "http://127.0.0.1:" + SERVER,
                      "--token-file",
                      tokenFile.toString(),
                      "--name",
                      "one",
                      "--data",
                      folder.resolve("agent").toString(),
                      "--backend",
                      "namespaces"));
          HttpClient forge =
              HttpClient.newBuilder()
                  .connectTimeout(Duration.ofSeconds(3))
                  .sslContext(certificate.context())
                  .build()) {
        agent.awaitLine(line -> line.contains("registered"));
        assertThatThrownBy(() -> post(forge, direct, key, "direct"))
            .as("the forge itself")
            .isInstanceOf(HttpConnectTimeoutException.class);
        assertThat(post(forge, relayed, key, "relayed")).as("the relay").isEqualTo(202);
        await().atMost(Duration.ofMinutes(1)).until(() -> runs(net).contains("succeeded"));
        String run = Api.string(JsonText.parse(runs(net).strip()), "id");
        assertThat(cli(net, "logs", run).ok().out()).contains("it came by the relay");

        // The control: it is the wall alone that keeps the forge out.
        net.openTheWall();
        assertThat(post(forge, direct, key, "direct")).as("without the wall").isEqualTo(202);
      }
    }
  }

  private String runs(HiddenNetwork net) {
    return cli(net, "runs", "--json").ok().out();
  }

  private Dist.Finished cli(HiddenNetwork net, String... arguments) {
    return Dist.finish(
        folder,
        Map.of("HOLDFAST_DATA", folder.resolve("server").toString()),
        net.holdfast(arguments));
  }

  private static int post(HttpClient forge, URI address, byte[] key, String id)
      throws IOException, InterruptedException, java.security.GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((id + ".1700000000.").getBytes(StandardCharsets.UTF_8));
    return forge
        .send(
            HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .header("webhook-id", id)
                .header("webhook-timestamp", "1700000000")
                .header(
                    "webhook-signature",
                    "v1," + Base64.getEncoder().encodeToString(mac.doFinal(BODY)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(BODY))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
