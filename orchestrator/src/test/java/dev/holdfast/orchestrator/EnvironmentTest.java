package dev.holdfast.orchestrator;

import static dev.holdfast.orchestrator.EnvironmentStage.approve;
import static dev.holdfast.orchestrator.EnvironmentStage.in;
import static dev.holdfast.orchestrator.EnvironmentStage.path;
import static dev.holdfast.orchestrator.EnvironmentStage.push;
import static dev.holdfast.orchestrator.EnvironmentStage.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets into an environment, and what people try to get in without being let. */
class EnvironmentTest {
  private static final CommitId A = new CommitId("a".repeat(40));
  private static final CommitId B = new CommitId("b".repeat(40));
  private static final EnvironmentName PRODUCTION = new EnvironmentName("production");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private EnvironmentStage on;

  @BeforeEach
  void start() throws Exception {
    on =
        new EnvironmentStage(
            data, clock, Stage.job("test"), in(Stage.job("deploy", "test"), "production"));
  }

  @AfterEach
  void stop() throws Exception {
    on.close();
  }

  private AgentApi.Lease deploy() throws Exception {
    on.complete(on.lease("test"));
    return on.lease("deploy");
  }

  @Test
  void aJobGetsItsEnvironmentWithItsVariables_andSaysSoInItsClearance() throws Exception {
    on.set("production", "{\"variables\": {\"URL\": \"https://example.org\"}}");
    String run = on.run();
    AgentApi.Lease lease = deploy();
    assertThat(lease.environments())
        .containsExactly(new AgentApi.Entered(PRODUCTION, Map.of("URL", "https://example.org")));
    assertThat(lease.cleared().orElseThrow().clearance().clearance().environments())
        .containsExactly(PRODUCTION);
    on.complete(lease);
    assertThat(on.state(run)).isEqualTo("succeeded");
  }

  @Test
  void anEnvironmentThatDoesNotExist_isRefusedWithTheMend() throws Exception {
    String run = on.run();
    assertThat(on.job(run, "deploy"))
        .isEqualTo(
            "failed refused: there is no environment production; make it with holdfast environment"
                + " set, and start the run again");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    assertThat(on.state(run)).isEqualTo("failed");

    // Nobody granted it when the run was decided, and starting over decides nothing.
    on.set("production", "{}");
    assertThat(
            on.stage
                .admin()
                .post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": true}")
                .status())
        .isEqualTo(200);
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(run, "deploy")).contains("were not granted when the run was decided");
    on.run();
    on.complete(deploy());
  }

  @Test
  void aTagThatIsNamedLikeTheBranch_isRefused() throws Exception {
    on.set("production", "{\"branches\": [\"main\"]}");
    String tagged = on.happens(tag("main"));
    assertThat(on.job(tagged, "deploy"))
        .startsWith("failed refused: the environment production is not for the tag main");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    String topic = on.happens(push("topic"));
    on.complete(on.lease("test"));
    assertThat(on.job(topic, "deploy")).contains("is not for the branch topic");
    assertThat(on.leased()).isEmpty();

    String control = on.happens(push("main"));
    on.complete(deploy());
    assertThat(on.state(control)).isEqualTo("succeeded");
  }

  @Test
  void aStrangersPullRequestThatNamesProduction_waitsForWhoGrantsIt() throws Exception {
    Caller ann = on.user("ann", "approver");
    String repository = on.stage.atForge("lib", EnvironmentStage.HOST, 7, ScriptedForge.COMMIT);
    on.set("lib", "production", "{}");
    on.strangers(repository, "topic", A);
    var holds = on.holds(2);
    assertThat(holds.get("deploy").text())
        .contains("\"environments\":[\"production\"]")
        .contains("is granted to who is not trusted by a person alone, for this commit");
    assertThat(holds.get("").text()).doesNotContain("\"environments\"");

    // Who lets the run go has granted nothing.
    assertThat(approve(ann, holds.get("")).at("state")).isEqualTo("released");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();

    assertThat(approve(ann, holds.get("deploy")).at("state")).isEqualTo("released");
    AgentApi.Lease lease = on.lease("deploy");
    assertThat(lease.environments()).extracting(AgentApi.Entered::name).containsExactly(PRODUCTION);
    assertThat(lease.cleared().orElseThrow().clearance().clearance().environments())
        .containsExactly(PRODUCTION);
    assertThat(on.stage.admin().get("/api/v1/audit?limit=100").text())
        .contains("grants the environment production");
  }

  @Test
  void aForkWhoseBranchIsCalledMain_isNotTheBranchMain() throws Exception {
    Caller ann = on.user("ann", "approver");
    String repository = on.stage.atForge("lib", EnvironmentStage.HOST, 7, ScriptedForge.COMMIT);
    on.set("lib", "production", "{\"branches\": [\"main\"]}");
    on.strangers(repository, "main", A);
    var holds = on.holds(1);
    assertThat(approve(ann, holds.get("")).at("state")).isEqualTo("released");
    String run = holds.get("").at("run");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(run, "deploy"))
        .startsWith("failed refused: the environment production is not for the pull request 5");
  }

  @Test
  void whoIsNoneOfItsApprovers_doesNotGrantIt() throws Exception {
    Caller ann = on.user("ann", "approver");
    Caller bob = on.user("bob", "approver");
    on.stage.admin().post("/api/v1/teams", "{\"name\": \"ops\"}");
    on.stage.admin().call("PUT", "/api/v1/teams/ops/members/bob", new byte[0]);
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false, \"teams\": [\"ops\"]}}");
    on.run();
    var hold = on.holds(1).get("deploy");
    var refused = approve(ann, hold);
    assertThat(refused.status()).as(refused.text()).isEqualTo(403);
    assertThat(refused.text()).contains("the environment production is for others to grant");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    assertThat(approve(on.stage.admin(), hold).status()).as("one's own").isEqualTo(403);

    assertThat(approve(bob, hold).at("state")).isEqualTo("released");
    // Who left the team between click and start has not granted it.
    on.stage.admin().call("DELETE", "/api/v1/teams/ops/members/bob", new byte[0]);
    assertThat(on.leased()).isEmpty();
    on.stage.admin().call("PUT", "/api/v1/teams/ops/members/bob", new byte[0]);
    assertThat(approve(bob, hold).at("state")).isEqualTo("released");
    on.complete(on.lease("deploy"));
  }

  @Test
  void anApprovalOfOneCommit_grantsNothingToTheNext() throws Exception {
    Caller ann = on.user("ann", "approver");
    String repository = on.stage.atForge("lib", EnvironmentStage.HOST, 7, ScriptedForge.COMMIT);
    on.set("lib", "production", "{}");
    on.strangers(repository, "topic", A);
    var first = on.holds(2);
    on.strangers(repository, "topic", B);
    await()
        .until(
            () -> on.stage.admin().get("/api/v1/holds/" + first.get("deploy").at("id")).at("state"),
            "withdrawn"::equals);
    assertThat(approve(ann, first.get("deploy")).status()).isEqualTo(409);
    assertThat(approve(ann, first.get("")).status()).isEqualTo(409);
    assertThat(on.leased()).isEmpty();

    var second = on.holds(2);
    assertThat(second.get("deploy").at("head")).isEqualTo(B.value());
    approve(ann, second.get("deploy"));
    approve(ann, second.get(""));
    AgentApi.Lease lease = deploy();
    assertThat(lease.source().commit()).as("control").isEqualTo(B);
  }

  @Test
  void rulesThatWereLoosenedInTheDatabase_letNobodyIn() throws Exception {
    on.set("production", "{\"branches\": [\"main\"]}");
    on.write("UPDATE environment SET body = '{}'");
    String run = on.happens(push("topic"));
    assertThat(on.job(run, "deploy"))
        .contains("the environment production cannot be read: it is not what was set");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();

    // A row of another name, as it was signed, is none of this one.
    on.set("staging", "{}");
    on.write(
        "UPDATE environment SET body = (SELECT body FROM environment WHERE name = 'staging'),"
            + " signature = (SELECT signature FROM environment WHERE name = 'staging') WHERE name ="
            + " 'production'");
    String again = on.happens(push("topic"));
    assertThat(on.job(again, "deploy")).contains("it is not what was set");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();

    on.set("production", "{}");
    on.happens(push("topic"));
    on.complete(deploy());
  }

  @Test
  void whoWritesIntoTheDatabaseThatItWasGranted_getsNothing() throws Exception {
    Caller ann = on.user("ann", "approver");
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false}}");
    String run = on.run();
    var hold = on.holds(1).get("deploy");
    on.complete(on.lease("test"));
    String ofJob = "WHERE run_id = '" + run + "' AND job_key = 'deploy'";
    String queued = "UPDATE job SET state = 'QUEUED', ready_at = 0 " + ofJob;

    on.write("UPDATE hold SET state = 'RELEASED'");
    on.write(queued);
    assertThat(on.leased()).as("released").isEmpty();

    // An approval as ann would give it, which she did not.
    String annId = ann.get("/api/v1/whoami").at("user.id");
    String body =
        "{\"repository\":\""
            + on.stage.admin().get("/api/v1/repositories/app").at("id")
            + "\",\"head\":\""
            + hold.at("head")
            + "\",\"base\":\""
            + hold.at("base")
            + "\",\"definition\":\"' || (SELECT definition FROM hold) || '\",\"policy\":\"' ||"
            + " (SELECT policy FROM hold) ||"
            + " '\",\"environments\":[\"production\"],\"approver\":\""
            + annId
            + "\",\"at\":\"2026-01-01T00:00:00Z\",\"expires\":\"2027-01-01T00:00:00Z\"}";
    on.write(
        "INSERT INTO approval (id, hold_id, approver, body, signature, given_at) VALUES ('appr_1',"
            + " '"
            + hold.at("id")
            + "', '"
            + annId
            + "', '"
            + body
            + "', 'c2lnbmVk', 0)");
    on.write("UPDATE hold SET state = 'RELEASED'");
    on.write(queued);
    assertThat(on.leased()).as("a forged approval").isEmpty();
    assertThat(on.job(run, "deploy")).startsWith("held not as it was approved any more");

    // Nothing that it waits for, and a clearance that says so.
    on.write("UPDATE job SET hold_id = NULL " + ofJob);
    on.write("UPDATE hold SET state = 'RELEASED'");
    on.write(
        "UPDATE clearance SET body = replace(replace(body, '\"jobs\":[\"test\"]',"
            + " '\"jobs\":[\"test\",\"deploy\"]'), '\"at\":', '\"environments\":[\"production\"],"
            + "\"at\":')");
    on.write(queued);
    assertThat(on.leased()).as("a forged clearance").isEmpty();
    assertThat(on.job(run, "deploy")).contains("were not granted when the run was decided");

    on.run();
    assertThat(approve(ann, on.holds(1).get("deploy")).at("state")).isEqualTo("released");
    on.complete(deploy());
  }

  @Test
  void rulesThatChangeAfterTheRunWasDecided_areAskedWhenItStarts() throws Exception {
    Caller ann = on.user("ann", "approver");
    on.set("production", "{}");
    on.happens(push("topic"));
    on.complete(on.lease("test"));
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false}}");
    assertThat(on.leased()).isEmpty();
    assertThat(approve(ann, on.holds(1).get("deploy")).at("state")).isEqualTo("released");
    on.complete(on.lease("deploy"));

    on.set("production", "{}");
    String narrowed = on.happens(push("topic"));
    on.complete(on.lease("test"));
    on.set("production", "{\"branches\": [\"main\"]}");
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(narrowed, "deploy")).contains("is not for the branch topic");

    on.set("production", "{}");
    String removed = on.happens(push("topic"));
    on.complete(on.lease("test"));
    assertThat(on.stage.admin().call("DELETE", path("app", "production"), new byte[0]).status())
        .isEqualTo(200);
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(removed, "deploy")).contains("there is no environment production");
  }

  @Test
  void twoApprovalsAreAskedFor_andOneIsNotEnough() throws Exception {
    Caller ann = on.user("ann", "approver");
    Caller bob = on.user("bob", "approver");
    on.set("production", "{\"approval\": {\"count\": 2, \"own\": false}}");
    on.run();
    var hold = on.holds(1).get("deploy");
    assertThat(approve(ann, hold).at("state")).isEqualTo("held");
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    assertThat(approve(bob, hold).at("state")).isEqualTo("released");
    on.complete(on.lease("deploy"));
  }

  @Test
  void whatIsSetIsCheckedWhole_shownAndOnRecord() throws Exception {
    var wrong =
        on.put(
            path("app", "production"),
            "{\"timer\": \"soon\", \"branches\": [\"\"], \"approval\": {\"count\": 1, \"own\":"
                + " false}}");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text()).contains("timer").contains("branches");
    var unknown =
        on.put(
            path("app", "production"),
            "{\"approval\": {\"count\": 1, \"own\": false, \"users\": [\"nobody\"], \"teams\":"
                + " [\"none\"]}}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.text()).contains("there is no user").contains("there is no team");
    assertThat(on.put(path("app", "../x"), "{}").status()).isEqualTo(400);
    assertThat(on.put(path("none", "production"), "{}").status()).isEqualTo(404);
    assertThat(on.stage.admin().get(path("app", "production")).status()).isEqualTo(404);

    Caller ann = on.user("ann", "approver");
    byte[] none = "{}".getBytes(StandardCharsets.UTF_8);
    assertThat(ann.call("PUT", path("app", "production"), none).status()).isEqualTo(403);
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false, \"users\": [\"ann\"]}}");
    on.set("review/*", "{}");
    assertThat(on.stage.admin().get(path("app", "production")).text())
        .contains("\"users\":[\"ann\"]");
    assertThat(on.stage.admin().get(path("app", "review/x")).text())
        .contains("\"name\":\"review/*\"");
    assertThat(on.stage.admin().get("/api/v1/environments?repository=app").text())
        .contains("\"name\":\"production\"")
        .contains("\"name\":\"review/*\"");
    assertThat(on.stage.admin().get("/api/v1/audit?limit=100").text()).contains("environment.set");
  }

  @Test
  void whatAnOrganisationAsksForHoldsInItsRepositories_andTheirVariablesComeAfter()
      throws Exception {
    assertThat(
            on.stage
                .admin()
                .post(
                    "/api/v1/repositories",
                    "{\"name\": \"web\", \"url\": \"/tmp/web.git\", \"organisation\": \"acme\"}")
                .status())
        .isEqualTo(201);
    var set =
        on.put(
            "/api/v1/environment?organisation=acme&name=production",
            "{\"branches\": [\"main\"], \"variables\": {\"A\": \"acme\", \"B\": \"acme\"}}");
    assertThat(set.status()).as(set.text()).isEqualTo(200);
    on.set("web", "production", "{\"variables\": {\"B\": \"web\"}}");
    String run = on.stage.run("web", "ci");
    AgentApi.Lease lease = deploy();
    assertThat(lease.environments())
        .containsExactly(new AgentApi.Entered(PRODUCTION, Map.of("A", "acme", "B", "web")));
    on.complete(lease);
    assertThat(on.state(run)).isEqualTo("succeeded");

    var narrowed =
        on.put(
            "/api/v1/environment?organisation=acme&name=production",
            "{\"triggers\": [\"schedule\"]}");
    assertThat(narrowed.status()).isEqualTo(200);
    String refused = on.stage.run("web", "ci");
    assertThat(on.job(refused, "deploy")).contains("is not for manual, only for schedule");
    // Not of the organisation, so not its environment either.
    String other = on.run();
    assertThat(on.job(other, "deploy")).contains("there is no environment production");
    assertThat(List.of(refused, other)).doesNotHaveDuplicates();
  }
}
