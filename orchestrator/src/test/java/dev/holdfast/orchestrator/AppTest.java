package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.AppAt;
import dev.holdfast.forgedouble.ForgeDouble;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holdfast as an app: one webhook, tokens for one repository, checks. */
@SuppressWarnings("NullAway.Init") // set before each
class AppTest {
  @TempDir Path folder;
  private ForgeDouble forge;
  private AppAt app;
  private Account owner;
  private Repo one;
  private Repo other;
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    forge = ForgeDouble.start(Kind.GITHUB, folder.resolve("forge"));
    owner = forge.account("owner");
    app = forge.app();
    one = forge.repository(owner, "one", true);
    other = forge.repository(owner, "other", true);
    for (Repo repo : List.of(one, other)) {
      forge.push(repo, "main", owner, Map.of("file", "x\n"));
      forge.install(app, repo);
    }
    stage = new Stage(folder.resolve("data"), Clock.systemUTC());
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.Push(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
    forge.close();
  }

  private Caller.Answer add(String name, long number, String key) throws Exception {
    return stage
        .admin()
        .post(
            "/api/v1/forge-apps",
            """
            {"name": "%s", "api": "%s", "number": %d, "key": %s}
            """
                .formatted(name, forge.api(), number, JsonText.compact(new Json.Str(key))));
  }

  private void added() throws Exception {
    Caller.Answer added = add("ours", app.id(), app.privateKey());
    assertThat(added.status()).as(added.text()).isEqualTo(201);
    app.webhook("http://127.0.0.1:" + stage.port() + added.at("hook"), added.at("secret"));
  }

  private Caller.Answer repo(String name) throws Exception {
    return stage
        .admin()
        .post(
            "/api/v1/forge-repositories",
            """
            {"name": "%s", "kind": "github", "api": "%s", "repository": "owner/%s", "app": "ours"}
            """
                .formatted(name, forge.api(), name));
  }

  @Test
  void anAppIsAskedForBeforeItIsAdded() throws Exception {
    assertThat(add("ours", app.id() + 1, app.privateKey()).status()).isEqualTo(400);
    assertThat(add("ours", app.id(), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END").text())
        .contains("the private key is damaged");
    assertThat(add("ours", app.id(), "hello").text()).contains("not a private key");

    app.permit("checks", "none");
    Caller.Answer good = add("ours", app.id(), app.privateKeyAsOthersWriteIt());
    assertThat(good.status()).as(good.text()).isEqualTo(201);
    assertThat(good.text()).contains("the permission checks: write");
    assertThat(add("again", app.id(), app.privateKey()).status()).isEqualTo(409);
    assertThat(repo("one").text()).contains("lacks the permission checks: write");
    app.permit("checks", "write");
    assertThat(repo("one").status()).isEqualTo(201);
    assertThat(stage.admin().call("DELETE", "/api/v1/forge-apps/ours", new byte[0]).status())
        .isEqualTo(409);
  }

  @Test
  void theKeyIsOnDiskOnlySealed() throws Exception {
    added();
    String body = app.privateKey().lines().skip(1).findFirst().orElseThrow();
    assertThat(holding(body)).isEmpty();
    Files.writeString(folder.resolve("data/control"), app.privateKey());
    assertThat(holding(body)).as("control").hasSize(1);
  }

  private List<Path> holding(String text) throws Exception {
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      var found = new java.util.ArrayList<Path>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(file);
        }
      }
      return found;
    }
  }

  /** The ids of all events of a repository. */
  private List<String> events(String name) throws Exception {
    return Pattern.compile("\"id\":\"(evt_[0-9a-z]+)\"")
        .matcher(stage.admin().get("/api/v1/repositories/" + name + "/events").text())
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void whatIsInstalledAndNotAddedIsIgnoredAndOneNotInstalledCannotBeAdded() throws Exception {
    added();
    assertThat(repo("one").status()).isEqualTo(201);
    forge.push(one, "main", owner, Map.of("file", "y\n"));
    assertThat(events("one")).as("control").hasSize(1);
    forge.push(other, "main", owner, Map.of("file", "y\n"));
    assertThat(events("one")).hasSize(1);

    app.uninstall(other);
    assertThat(repo("other").text()).contains("not installed for owner/other");
  }

  @Test
  void aRepositoryLinkedByATokenIsNotSpokenForByTheApp() throws Exception {
    added();
    Caller.Answer byToken =
        stage
            .admin()
            .post(
                "/api/v1/forge-repositories",
                """
                {"name": "other", "kind": "github", "api": "%s", "repository": "owner/other",
                 "token": "%s"}
                """
                    .formatted(forge.api(), owner.token()));
    assertThat(byToken.status()).as(byToken.text()).isEqualTo(201);
    forge.push(other, "main", owner, Map.of("file", "y\n"));
    assertThat(events("other")).isEmpty();
  }

  @Test
  void aTokenIsForOneRepositoryAndServesUntilItEnds() throws Exception {
    added();
    assertThat(repo("one").status()).isEqualTo(201);
    assertThat(repo("other").status()).isEqualTo(201);
    for (int i = 0; i < 5; i++) {
      forge.push(one, "main", owner, Map.of("file", "y" + i + "\n"));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !forge.checks(one, one.at("main")).isEmpty());
    // Each was found with one of its own, and then asked for one to keep.
    assertThat(app.minted()).isLessThanOrEqualTo(4);
    String token = app.tokens().getLast();
    assertThat(checks(token, "one")).as("control").isEqualTo(200);
    assertThat(checks(token, "other")).isNotEqualTo(200);
  }

  private int checks(String token, String repo) throws Exception {
    Repo of = repo.equals("one") ? one : other;
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          forge.api()
                              + "/repos/owner/"
                              + repo
                              + "/commits/"
                              + of.at("main")
                              + "/check-runs?check_name=x"))
                  .header("Authorization", "Bearer " + token)
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
