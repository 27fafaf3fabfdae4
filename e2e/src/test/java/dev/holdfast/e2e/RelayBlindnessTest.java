package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Delivery;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches everything that a relay stored, logged, said to its database and holds in its memory for
 * what went through it, and for what must never reach it.
 */
class RelayBlindnessTest {
  private static final String BRANCH = "canary-branch-5f1c9d27a0";
  private static final String REPOSITORY = "canary-repository-83b6e1";
  private static final String FILE = "canary-content-47d20be9c3";
  private static final String LOG = "canary-log-line-9e61f08a5d";
  private static final String LATER = "canary-branch-that-waits-2c77";

  @TempDir Path folder;

  @Test
  void withPostgresNothingOfADeliveryIsAnywhere() throws Exception {
    try (var postgres = Postgres.start();
        var tap = new Wiretap(postgres.port(), folder.resolve("wire"))) {
      String database =
          "postgresql://127.0.0.1:" + tap.port() + "/relay?user=holdfast&sslmode=disable";
      try (var relay = RelayProcess.start(database, folder.resolve("relay"))) {
        Canaries canaries = happened(relay);
        postgres.checkpoint();
        searched(
            relay, canaries, Map.of("files", postgres.files(), "wire", folder.resolve("wire")));
      }
    }
  }

  @Test
  void withSqliteNothingOfADeliveryIsAnywhere() throws Exception {
    Path stored = Files.createDirectories(folder.resolve("stored"));
    try (var relay =
        RelayProcess.start(stored.resolve("relay.db").toString(), folder.resolve("relay"))) {
      Canaries canaries = happened(relay);
      searched(relay, canaries, Map.of("files", stored));
    }
  }

  /**
   * @param hidden what nobody may find
   * @param known what the relay may know, and keeps
   * @param orchestrators where the one who may know all of it keeps what happened
   */
  private record Canaries(
      Map<String, String> hidden, Map<String, String> known, Path orchestrators) {}

  /** Has jobs run by the relay, and something wait at it. */
  private Canaries happened(RelayProcess relay) throws Exception {
    var hidden = new LinkedHashMap<String, String>();
    var known = new LinkedHashMap<String, String>();
    Path server = folder.resolve("server");
    try (var scene =
        new ForgeScene(folder, Kind.GITHUB, true, false, Optional.of(relay.invitation()))) {
      var repository = scene.forge.repository(scene.maintainer, REPOSITORY, true);
      scene.forge.push(
          repository,
          "main",
          scene.maintainer,
          Map.of(
              ".holdfast/ci.yaml",
              ForgeScene.CI.formatted("x").replace("cat file", "cat file; echo " + LOG)));
      Json added =
          JsonText.parse(
              scene
                  .holdfast
                  .cli(
                      "repo",
                      "add",
                      "--github",
                      repository.fullName(),
                      "--api",
                      scene.forge.api(),
                      "--forge-token-file",
                      folder.resolve("forge-token").toString(),
                      "--json")
                  .ok()
                  .out());
      scene.forge.webhook(repository, Api.string(added, "relay"), Api.string(added, "secret"));
      scene.forge.push(repository, BRANCH, scene.maintainer, Map.of("file", FILE + "\n"));
      Delivery sent = scene.forge.newest();
      String run = Api.string(scene.holdfast.awaitRuns(REPOSITORY, 1).getFirst(), "id");
      assertThat(scene.output(run)).contains(FILE, LOG);
      assertThat(sent.body()).as("what went through the relay").contains(BRANCH, REPOSITORY);

      hidden.put("the branch", BRANCH);
      hidden.put("the repository", REPOSITORY);
      hidden.put("the file", FILE);
      hidden.put("the log", LOG);
      hidden.put("the commit", Api.string(JsonText.parse(sent.body()), "after"));
      hidden.put("the signature", sent.signature().substring("sha256=".length()));
      hidden.put("the webhook's secret", Api.string(added, "secret"));
      hidden.put("the forge's token", scene.maintainer.token());
      hidden.put("an agent's token", Files.readString(folder.resolve("one.token")).strip());
      String tenant = Api.string(scene.holdfast.api().get("/api/v1/relay").json(), "tenant");
      known.put("the tenant", tenant);

      // Something that waits, sealed, while nobody fetches it.
      scene.holdfast.server().kill9();
      scene.forge.push(repository, LATER, scene.maintainer, Map.of("file", "x\n"));
      assertThat(scene.forge.newest().body()).contains(LATER);
      hidden.put("the branch of what waits", LATER);
      scene.holdfast.restartServer();
      scene.holdfast.awaitRelay("connected");
      // Its agent does not find it at its new port, and need not.
      scene.holdfast.awaitQueued(REPOSITORY, 2);
    }
    return new Canaries(hidden, known, server);
  }

  private void searched(RelayProcess relay, Canaries canaries, Map<String, Path> places)
      throws Exception {
    Path heap = folder.resolve("heap.hprof");
    Dist.finish(
            folder,
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(relay.pid()),
                "GC.heap_dump",
                heap.toString()))
        .ok();
    assertThat(Files.size(heap)).as("the heap dump").isGreaterThan(1024 * 1024);
    var hunt = new Hunt(canaries.hidden());
    var control = new Hunt(canaries.known());
    for (var place : places.entrySet()) {
      assertThat(hunt.in(place.getValue())).as(place.getKey()).isEmpty();
      assertThat(control.in(place.getValue()))
          .as("the control: what the relay may know is found in its " + place.getKey())
          .isNotEmpty();
    }
    assertThat(hunt.in(heap)).as("the heap").isEmpty();
    assertThat(control.in(heap)).as("the control: in the heap").isNotEmpty();
    assertThat(hunt.in(relay.log())).as("the log").isEmpty();
    // The same hunt finds what went through where it may be, and in the relay's own log once it is
    // written there.
    assertThat(String.join("\n", hunt.in(canaries.orchestrators())))
        .as("the control: at the orchestrator")
        .contains("the branch in", "the commit in", "the repository in");
    Files.writeString(
        relay.log(),
        "planted: "
            + java.util.Base64.getEncoder()
                .encodeToString(("x" + BRANCH + "y").getBytes(StandardCharsets.UTF_8)),
        java.nio.file.StandardOpenOption.APPEND);
    assertThat(hunt.in(relay.log())).as("the control: in the log").hasSize(1);
  }
}
