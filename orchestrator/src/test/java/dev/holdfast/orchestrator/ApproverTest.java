package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.access.SignInClient;
import dev.holdfast.orchestrator.forge.Delivered;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users before what waits: whose approval counts, until the job starts. */
class ApproverTest {
  private static final Pattern CODE = Pattern.compile("--code ([0-9A-Z]+)");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private SignInForge forge;
  private SignInClient client;
  private String repository;
  private Caller agent;
  private String agentId;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(data, clock);
    forge = new SignInForge();
    client = forge.client(stage.port());
    stage.signIn.put(client.name(), client);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.Push(List.of(), List.of(), List.of()),
                new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
    repository =
        stage.atForge("app", ((SignInClient.OfForge) client).host(), 7, ScriptedForge.COMMIT);
    agent = stage.agent("one");
    agentId = agent.register("one", 2).agent();
  }

  @AfterEach
  void close() throws Exception {
    forge.close();
    stage.close();
  }

  private Caller user(String name, String what) throws Exception {
    Caller admin = stage.admin();
    assertThat(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}").status()).isEqualTo(201);
    assertThat(grant("/api/v1/grants", name, what)).isEqualTo(201);
    return stage.caller(
        admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}").at("token"));
  }

  private int grant(String path, String name, String what) throws Exception {
    return stage
        .admin()
        .post(
            path, "{\"to\": \"" + name + "\", \"what\": \"" + what + "\", \"repository\": \"app\"}")
        .status();
  }

  /** A stranger's pull request from a fork; its hold. */
  private String held(String account) {
    var by = new Contributor(client.name(), account, "whoever");
    stage.deliver(
        new Event(
            "of-" + account,
            repository,
            clock.instant(),
            Optional.of(by),
            new Happening.PullRequest(
                5,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                new CommitId("2".repeat(40)),
                true)),
        List.of(new Lookup.Known<>(by)));
    return await()
        .until(
            () -> {
              var holds = stage.admin().get("/api/v1/holds");
              return holds.text().contains("hold_") ? holds.at("holds.0.id") : "";
            },
            id -> !id.isEmpty());
  }

  private static Caller.Answer approve(Caller by, String hold) throws Exception {
    return by.post("/api/v1/holds/" + hold + "/approve", "{}");
  }

  private List<AgentApi.Lease> leases() throws Exception {
    return agent.lease(agentId, 2, Duration.ZERO);
  }

  /** Signs in at the forge as this account, by a browser. */
  private void link(Caller user, String account) throws Exception {
    forge.signedIn = "{\"id\": " + account + ", \"login\": \"whoever\"}";
    String url =
        user.post("/api/v1/identities/links", "{\"forge\": \"" + client.name() + "\"}").at("url");
    try (HttpClient browser =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .cookieHandler(new java.net.CookieManager())
            .build()) {
      var shown =
          browser.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.ofString());
      var code = CODE.matcher(shown.body());
      assertThat(code.find()).as(shown.body()).isTrue();
      assertThat(
              user.post("/api/v1/identities/confirm", "{\"code\": \"" + code.group(1) + "\"}")
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void anApproverReleasesAndADeveloperDoesNot() throws Exception {
    Caller ann = user("ann", "approver");
    Caller dev = user("dev", "developer");
    String hold = held("666");
    var refused = approve(dev, hold);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text()).contains("needs the permission approve in that repository");
    assertThat(leases()).isEmpty();
    var released = approve(ann, hold);
    assertThat(released.at("state")).isEqualTo("released");
    assertThat(released.at("approvals.0.by")).isEqualTo("ann");
    assertThat(leases()).hasSize(1);
  }

  @Test
  void anApproversTokenOfNarrowScopeDoesNotApprove() throws Exception {
    Caller ann = user("ann", "approver");
    String hold = held("666");
    Caller narrow =
        stage.caller(
            ann.post("/api/v1/tokens", "{\"name\": \"n\", \"scope\": [\"view\"]}").at("token"));
    assertThat(narrow.get("/api/v1/holds/" + hold).status()).isEqualTo(200);
    assertThat(approve(narrow, hold).status()).isEqualTo(403);
    assertThat(leases()).isEmpty();
    assertThat(approve(ann, hold).status()).isEqualTo(200);
  }

  @Test
  void aRightThatIsTakenBetweenTheClickAndTheStartCounts() throws Exception {
    Caller ann = user("ann", "approver");
    String hold = held("666");
    assertThat(approve(ann, hold).at("state")).isEqualTo("released");
    assertThat(grant("/api/v1/grants/revoke", "ann", "approver")).isEqualTo(200);
    assertThat(leases()).as("it waits again").isEmpty();
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("held");
    // The control: with the right back, and her consent anew, it goes.
    assertThat(grant("/api/v1/grants", "ann", "approver")).isEqualTo(201);
    assertThat(approve(ann, hold).at("state")).isEqualTo("released");
    assertThat(leases()).hasSize(1);
  }

  @Test
  void anApproverWhoIsDisabledBetweenTheClickAndTheStartCountsAsNone() throws Exception {
    Caller ann = user("ann", "approver");
    String hold = held("666");
    assertThat(approve(ann, hold).at("state")).isEqualTo("released");
    assertThat(stage.admin().post("/api/v1/users/ann/disable", "").status()).isEqualTo(200);
    assertThat(leases()).isEmpty();
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("held");
  }

  @Test
  void aCommentReleasesARunAndNotTheJobThatItsWorkflowHasWait() throws Exception {
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"), Stage.asking(Stage.job("deploy", "test")))));
    Caller ann = user("ann", "approver");
    link(ann, "11");
    held("666");
    stage.comment(
        "c1",
        new Delivered.Commented(
            repository,
            5,
            9,
            new Contributor(client.name(), "11", "ann"),
            new CommentCommand.Approve("2".repeat(40))));
    AgentApi.Lease test = await().until(this::leases, given -> !given.isEmpty()).getFirst();
    assertThat(test.job().key()).isEqualTo("test");
    agent.complete(test, new Outcome.Succeeded());
    assertThat(leases()).isEmpty();

    var holds = stage.admin().get("/api/v1/holds");
    assertThat(holds.at("holds.0.job")).isEqualTo("deploy");
    assertThat(approve(ann, holds.at("holds.0.id")).at("state"))
        .as("control")
        .isEqualTo("released");
    assertThat(leases()).extracting(lease -> lease.job().key()).containsExactly("deploy");
  }

  @Test
  void theAuthorsOwnApprovalIsNoneHoweverTheyAreCalled() throws Exception {
    Caller ann = user("ann", "approver");
    Caller eve = user("eve", "approver");
    link(eve, "666");
    String hold = held("666");
    var own = approve(eve, hold);
    assertThat(own.status()).isEqualTo(403);
    assertThat(own.text()).contains("one's own change is for somebody else");
    String identity = eve.get("/api/v1/whoami").at("user.identities.0.id");
    assertThat(eve.call("DELETE", "/api/v1/identities/" + identity, new byte[0]).status())
        .isEqualTo(403);
    assertThat(approve(eve, hold).status()).isEqualTo(403);
    assertThat(leases()).isEmpty();
    assertThat(approve(ann, hold).status()).isEqualTo(200);
    assertThat(leases()).hasSize(1);
  }

  /** The same push, by an account that is linked and by one that is not. */
  @Test
  void whoIsLinkedAndMayChangeWorkflowsIsTrusted() throws Exception {
    Caller ann = user("ann", "admin");
    link(ann, "42");
    stage.people.permit("42", ForgePermission.WRITE);
    stage.people.permit("43", ForgePermission.WRITE);
    for (String account : List.of("42", "43")) {
      var by = new Contributor(client.name(), account, "ann");
      stage.deliver(
          new Event(
              "push-of-" + account,
              repository,
              clock.instant(),
              Optional.of(by),
              new Happening.Push(
                  new RefName("main"),
                  new CommitId(account.substring(1).repeat(40)),
                  Optional.of(ScriptedForge.COMMIT),
                  false)),
          List.of(new Lookup.Known<>(by)));
    }
    await()
        .untilAsserted(
            () -> assertThat(stage.admin().get("/api/v1/runs").text()).contains("3".repeat(40)));
    var runs = stage.admin().get("/api/v1/runs");
    assertThat(trust(runs, "2".repeat(40))).isEqualTo("trusted");
    assertThat(trust(runs, "3".repeat(40))).isEqualTo("known");
  }

  private String trust(Caller.Answer runs, String commit) throws Exception {
    for (int i = 0; ; i++) {
      if (runs.at("runs." + i + ".event").contains(commit)) {
        return stage.admin().get("/api/v1/runs/" + runs.at("runs." + i + ".id")).at("trust");
      }
    }
  }
}
