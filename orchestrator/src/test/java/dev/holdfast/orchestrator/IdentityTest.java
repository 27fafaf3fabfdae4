package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.KeepApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which job is given a token that says what it is, and who believes it: over HTTP, by real
 * decisions about events, checked by a library that is not the one that made it.
 */
class IdentityTest {
  private static final String CLOUD = "sts.example.org";
  private static final String OTHER = "other.example.org";

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private String address;
  private Caller agent;
  private String agentId;
  private String repository;
  private LinkedOwner linked;
  private Contributor owner;
  private Contributor writer;
  private Contributor stranger;
  private int commits = 2;
  private final List<AgentApi.Lease> open = new ArrayList<>();

  private static Job deploy(List<EnvironmentPattern> environments, Cache... caches) {
    return new Job(
        new Name("deploy"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        environments,
        List.of(caches),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Step.Command(
                "build", "true", Map.of(), Optional.empty(), Optional.empty(), Optional.empty()),
            new Step.Command(
                "publish",
                "true",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of("TOKEN", new Audience(CLOUD)))));
  }

  private static Workflow ci(Job job) {
    return new Workflow(
        new Name("ci"),
        List.of(
            new Trigger.Push(List.of("**"), List.of("**"), List.of()),
            new Trigger.PullRequest(List.of(), List.of(), List.of())),
        List.of(job));
  }

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.restartToBeFound();
    address = "http://127.0.0.1:" + stage.port();
    stage.forge.define(ci(deploy(List.of())));
    stage.people.permit("1", ForgePermission.ADMIN);
    stage.people.permit("42", ForgePermission.WRITE);
    linked = new LinkedOwner(stage);
    owner = linked.contributor("1", "owner");
    writer = linked.contributor("42", "writer");
    stranger = linked.contributor("666", "stranger");
    repository = stage.atForge("app", linked.host(), 7, ScriptedForge.COMMIT);
    linked.link(stage, "1");
    agent = stage.agent("one");
    agentId = agent.register("one", 9, "linux").agent();
  }

  @AfterEach
  void stop() throws Exception {
    linked.close();
    stage.close();
  }

  private CommitId commit() {
    commits++;
    return new CommitId(String.format("%040d", commits));
  }

  private AgentApi.Lease lease() {
    AgentApi.Held[] held = open.stream().map(Caller::held).toArray(AgentApi.Held[]::new);
    AgentApi.Lease lease =
        await()
            .until(() -> agent.lease(agentId, 9, Duration.ZERO, held), given -> !given.isEmpty())
            .getFirst();
    open.add(lease);
    return lease;
  }

  private void done(AgentApi.Lease lease) throws Exception {
    open.remove(lease);
    agent.complete(lease, new Outcome.Succeeded());
  }

  private void happens(Contributor by, Happening happening) {
    stage.deliver(
        new Event(
            "d-" + happening.commit(), repository, clock.instant(), Optional.of(by), happening),
        List.of(new Lookup.Known<>(by)));
  }

  private AgentApi.Lease push(Contributor by, String branch) {
    happens(
        by,
        new Happening.Push(
            new RefName(branch), commit(), Optional.of(ScriptedForge.COMMIT), false));
    return lease();
  }

  private CommitId fork() {
    CommitId head = commit();
    happens(
        stranger,
        new Happening.PullRequest(
            5,
            PullRequestAction.OPENED,
            new RefName("main"),
            ScriptedForge.COMMIT,
            new RefName("main"),
            head,
            true));
    return head;
  }

  private Caller.Answer ask(Caller who, AgentApi.Lease lease, long fence, int step, String audience)
      throws Exception {
    return who.call(
        "POST",
        "/agent/v1/attempts/" + lease.attempt() + "/identity?fence=" + fence,
        Records.utf8(AgentApi.IdentityAsked.class, new AgentApi.IdentityAsked(step, audience)));
  }

  private Caller.Answer ask(AgentApi.Lease lease) throws Exception {
    return ask(agent, lease, lease.fence(), 1, CLOUD);
  }

  private String token(AgentApi.Lease lease) throws Exception {
    return agent.good(ask(lease), AgentApi.Identity.class).token();
  }

  private void refused(Caller.Answer answer, int status, String why) throws Exception {
    assertThat(answer.text()).contains(why);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(audit("identity.mint")).contains("refused").contains(why);
  }

  private String audit(String what) throws Exception {
    return stage.admin().get("/api/v1/audit?limit=1000&what=" + what).text();
  }

  private void sql(String statement) throws Exception {
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("holdfast.db"));
        var update = connection.createStatement()) {
      update.execute("PRAGMA busy_timeout = 5000");
      assertThat(update.executeUpdate(statement)).isPositive();
    }
  }

  // Who checks tokens: with another library, and what anybody finds over HTTP.

  private String keySet() throws Exception {
    var answer = stage.caller("none").get("/.well-known/jwks.json");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.text();
  }

  private JwtConsumerBuilder cloud(VerificationKeyResolver keys) {
    return new JwtConsumerBuilder()
        .setVerificationKeyResolver(keys)
        .setExpectedIssuer(address)
        .setExpectedAudience(CLOUD)
        .setRequireExpirationTime()
        .setRequireJwtId()
        .setRequireSubject()
        .setMaxFutureValidityInMinutes(10)
        .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()));
  }

  /** One that finds its keys as OpenID Connect Discovery says. */
  private JwtConsumerBuilder cloud() throws Exception {
    var said = stage.caller("none").get("/.well-known/openid-configuration");
    assertThat(said.status()).as(said.text()).isEqualTo(200);
    assertThat(said.at("issuer")).isEqualTo(address);
    return cloud(new HttpsJwksVerificationKeyResolver(new HttpsJwks(said.at("jwks_uri"))));
  }

  private static JwtConsumer keeping(JwtConsumerBuilder cloud) {
    return cloud.build();
  }

  private VerificationKeyResolver kept(String keySet) throws Exception {
    return new JwksVerificationKeyResolver(new JsonWebKeySet(keySet).getJsonWebKeys());
  }

  @Test
  void aTrustedJobsToken_saysWhatTheJobIs_toWhomItIsForAndAsLongAsItIsGood() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    String token = token(lease);
    JwtClaims claims = cloud().build().processToClaims(token);
    assertThat(claims.getSubject()).isEqualTo("repository:" + repository + ":branch:main");
    assertThat(claims.getClaimsMap())
        .containsEntry("repository", "app")
        .containsEntry("repository_id", repository)
        .containsEntry("event", "push")
        .containsEntry("ref", "refs/heads/main")
        .containsEntry("sha", lease.event().happening().commit().value())
        .containsEntry("workflow", "ci")
        .containsEntry("job", "deploy")
        .containsEntry("step", "publish")
        .containsEntry("environments", List.of())
        .containsEntry("trust", "trusted")
        .containsEntry("tier", "container")
        .containsEntry("run", lease.run())
        .containsEntry("attempt", lease.fence())
        .containsEntry("used_lower_trust", false)
        .containsEntry(
            "definition",
            lease.cleared().orElseThrow().clearance().clearance().definition().value());
    var said = stage.caller("none").get("/.well-known/openid-configuration");
    assertThat(claims.getClaimsMap().keySet())
        .allSatisfy(claim -> assertThat(said.at("claims_supported")).contains(claim));
    assertThat(audit("identity.mint"))
        .contains(claims.getJwtId())
        .contains(claims.getSubject())
        .doesNotContain(token)
        .doesNotContain(token.substring(token.lastIndexOf('.') + 1));

    var wrongAudience = cloud().setExpectedAudience(true, OTHER).build();
    assertThatThrownBy(() -> wrongAudience.processToClaims(token))
        .isInstanceOf(InvalidJwtException.class)
        .hasMessageContaining("Audience");
    clock.pass(Duration.ofMinutes(10).minusSeconds(1));
    cloud().build().processToClaims(token);
    clock.pass(Duration.ofSeconds(2));
    var late = cloud().build();
    assertThatThrownBy(() -> late.processToClaims(token))
        .isInstanceOfSatisfying(
            InvalidJwtException.class, e -> assertThat(e.hasExpired()).isTrue());
  }

  @Test
  void aTokenThatIsAltered_isBelievedByNobody() throws Exception {
    String token = token(push(owner, "topic"));
    String[] parts = token.split("\\.");
    String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String other =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                payload.replace(":branch:topic", ":branch:main").getBytes(StandardCharsets.UTF_8));
    JwtConsumer cloud = cloud().build();
    assertThat(cloud.processToClaims(token).getSubject()).endsWith(":branch:topic");
    assertThatThrownBy(() -> cloud.processToClaims(parts[0] + "." + other + "." + parts[2]))
        .isInstanceOf(InvalidJwtException.class)
        .hasMessageContaining("signature");
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> cloud.processToClaims(none + "." + other + "."))
        .isInstanceOf(InvalidJwtException.class);
  }

  @Test
  void anotherAgent_anotherFence_anotherStep_anotherAudience_areGivenNone() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    Caller other = stage.agent("two");
    other.register("two", 1, "linux");
    refused(ask(other, lease, lease.fence(), 1, CLOUD), 409, "has another agent or fence");
    refused(ask(agent, lease, lease.fence() + 1, 1, CLOUD), 409, "has another agent or fence");
    refused(ask(agent, lease, lease.fence(), 0, CLOUD), 403, "does not ask for a token for");
    refused(ask(agent, lease, lease.fence(), 1, OTHER), 403, "does not ask for a token for");
    refused(ask(agent, lease, lease.fence(), 2, CLOUD), 403, "has no step 2");
    assertThat(ask(stage.admin(), lease, lease.fence(), 1, CLOUD).status()).isEqualTo(403);
    assertThat(ask(stage.caller("none"), lease, lease.fence(), 1, CLOUD).status()).isEqualTo(401);
    // The control.
    cloud().build().processToClaims(token(lease));
  }

  @Test
  void onceTheStepHasStarted_andAfterIt_thereIsNone() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    agent.good(
        agent.events(
            lease.attempt(),
            lease.fence(),
            0,
            new AttemptEvent.Started(clock.instant()),
            new AttemptEvent.StepStarted(clock.instant(), 0, 0)),
        AgentApi.EventsTaken.class);
    token(lease);
    agent.good(
        agent.events(
            lease.attempt(), lease.fence(), 2, new AttemptEvent.StepStarted(clock.instant(), 1, 0)),
        AgentApi.EventsTaken.class);
    refused(ask(lease), 403, "has started or is over");
    AgentApi.Lease over = push(owner, "main");
    token(over);
    done(over);
    refused(ask(over), 409, "the attempt is over");
  }

  @Test
  void codeThatIsNotTrusted_isGivenNone_releasedOrNot() throws Exception {
    CommitId head = fork();
    approve(head, 1);
    AgentApi.Lease strangers = lease();
    refused(ask(strangers), 403, "its code is not trusted, and nobody granted it an environment");
    done(strangers);
    AgentApi.Lease known = push(writer, "main");
    refused(ask(known), 403, "its code is not trusted");
    done(known);
    // The control: the same job of somebody who is trusted.
    token(push(owner, "main"));
  }

  private void approve(CommitId head, int count) throws Exception {
    var holds =
        await()
            .until(
                () ->
                    java.util.regex.Pattern.compile("\"id\":\"(hold_[0-9a-z]+)\"")
                        .matcher(stage.admin().get("/api/v1/holds?limit=1000").text())
                        .results()
                        .map(found -> found.group(1))
                        .toList(),
                all -> all.size() == count);
    for (String hold : holds) {
      var approved = stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}");
      assertThat(approved.status()).as(head + ": " + approved.text()).isEqualTo(200);
    }
  }

  @Test
  void anEnvironmentThatAPersonGrantedForTheCommit_isWhatAStrangersTokenSays() throws Exception {
    stage.forge.define(ci(deploy(List.of(new EnvironmentPattern("review")))));
    var set =
        stage
            .admin()
            .call(
                "PUT",
                EnvironmentStage.path("app", "review"),
                "{}".getBytes(StandardCharsets.UTF_8));
    assertThat(set.status()).as(set.text()).isEqualTo(200);
    CommitId head = fork();
    approve(head, 2);
    JwtClaims claims = cloud().build().processToClaims(token(lease()));
    assertThat(claims.getSubject()).isEqualTo("repository:" + repository + ":environment:review");
    assertThat(claims.getClaimsMap())
        .containsEntry("trust", "unknown")
        .containsEntry("ref", "refs/pull/5/head")
        .containsEntry("environments", List.of("review"));
  }

  @Test
  void whoWritesTheDatabase_makesNobodyAnybodyElse() throws Exception {
    AgentApi.Lease known = push(writer, "topic");
    sql("UPDATE run SET trust = 'TRUSTED'");
    refused(ask(known), 403, "its code is not trusted");
    sql("UPDATE clearance SET body = replace(body, '\"known\"', '\"trusted\"')");
    refused(ask(known), 403, "nothing that was signed let it start");
    done(known);

    AgentApi.Lease trusted = push(owner, "topic");
    token(trusted);
    for (String changed :
        List.of(
            "UPDATE run SET workflow = 'release' WHERE id = '" + trusted.run() + "'",
            "UPDATE event SET body = replace(body, '\"topic\"', '\"main\"')")) {
      sql(changed);
      refused(ask(trusted), 403, "is not what was cleared");
      sql(
          changed.contains("release")
              ? "UPDATE run SET workflow = 'ci' WHERE id = '" + trusted.run() + "'"
              : "UPDATE event SET body = replace(body, '\"main\"', '\"topic\"')");
      token(trusted);
    }
    // What its step asks for, which is read anew once the server is.
    sql("UPDATE document SET body = replace(body, '" + CLOUD + "', '" + OTHER + "')");
    stage.restart();
    agent = stage.caller(agent.token());
    refused(ask(agent, trusted, trusted.fence(), 1, OTHER), 403, "its definition is not what was");
    sql("UPDATE document SET body = replace(body, '" + OTHER + "', '" + CLOUD + "')");
    stage.restart();
    agent = stage.caller(agent.token());
    cloud().build().processToClaims(token(trusted));
  }

  @Test
  void whoWritesTheDatabase_hasNobodyBelieveAKeyOfTheirs() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    String token = token(lease);
    String good = keySet();
    sql(
        "INSERT INTO issuer_key (id, sealed, signs_from, made_at) SELECT 'key_evil', sealed,"
            + " signs_from + 1, made_at FROM issuer_key");
    clock.pass(Duration.ofSeconds(1));
    refused(ask(lease), 403, "was changed, or is not of that place");
    assertThat(stage.caller("none").get("/.well-known/jwks.json").status()).isEqualTo(409);
    sql("DELETE FROM issuer_key WHERE id = 'key_evil'");
    assertThat(keySet()).isEqualTo(good).doesNotContain("\"d\"").doesNotContain("\"p\"");
    cloud().build().processToClaims(token);
    token(lease);
  }

  @Test
  void aJobThatUsedWhatSomethingLessTrustedWrote_isSomebodyElse() throws Exception {
    var cache =
        new Cache(
            List.of("~/.m2"),
            new CacheKey(List.of(new KeyPart.Text("maven"))),
            List.of(),
            Optional.of(Cache.From.UNTRUSTED));
    stage.forge.define(ci(deploy(List.of(), cache)));
    AgentApi.Lease known = push(writer, "main");
    var kept = new KeptCaller(agent);
    assertThat(kept.keep(known, KeepApi.Kind.CACHE, 0, "poison").kept()).isTrue();
    done(known);
    AgentApi.Lease release = push(owner, "main");
    JwtConsumer strict =
        cloud().setExpectedSubject("repository:" + repository + ":branch:main").build();
    // The control: as long as it did not take it.
    strict.processToClaims(token(release));
    assertThat(kept.restored(release, 0)).isEqualTo("poison");
    String token = token(release);
    assertThatThrownBy(() -> strict.processToClaims(token))
        .isInstanceOf(InvalidJwtException.class)
        .hasMessageContaining("Subject");
    JwtClaims claims = cloud().build().processToClaims(token);
    assertThat(claims.getSubject())
        .isEqualTo("lower-trust:repository:" + repository + ":branch:main");
    assertThat(claims.getClaimsMap()).containsEntry("used_lower_trust", true);
  }

  @Test
  void keysChange_andNobodyWhoKeepsThemForADayIsLeftBehind() throws Exception {
    AgentApi.Lease first = push(owner, "main");
    String old = token(first);
    String before = keySet();
    done(first);
    clock.pass(Duration.ofDays(29).plusSeconds(1));
    String both = await().until(this::keySet, keys -> count(keys) == 2);
    assertThat(count(before)).isEqualTo(1);
    // Still by the first, for a day: whoever fetched its keys before knows it.
    AgentApi.Lease second = push(owner, "main");
    String lastByOld = token(second);
    keeping(cloud(kept(before))).processToClaims(lastByOld);
    done(second);
    clock.pass(Duration.ofDays(1));
    AgentApi.Lease third = push(owner, "main");
    String byNew = token(third);
    done(third);
    keeping(cloud(kept(both))).processToClaims(byNew);
    // The control: who knows the first alone does not believe the second.
    var behind = keeping(cloud(kept(before)));
    assertThatThrownBy(() -> behind.processToClaims(byNew)).isInstanceOf(InvalidJwtException.class);
    clock.pass(Duration.ofDays(1).plusSeconds(1));
    String after = await().until(this::keySet, keys -> count(keys) == 1);
    var late = cloud(kept(after)).setEvaluationTime(NumericDate.fromMilliseconds(0)).build();
    assertThatThrownBy(() -> late.processToClaims(old))
        .as("its key is gone")
        .hasMessageContaining("key");
  }

  private static int count(String keySet) {
    return keySet.split("\"kid\"", -1).length - 1;
  }

  @Test
  void keysThatMayHaveBecomeKnown_areTakenAwayAtOnce() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    String before = token(lease);
    cloud().build().processToClaims(before);
    var replaced = stage.admin().post("/api/v1/identity/replace-keys", "{}");
    assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
    assertThat(keySet()).contains(replaced.at("key"));
    var cloud = cloud().build();
    assertThatThrownBy(() -> cloud.processToClaims(before)).isInstanceOf(InvalidJwtException.class);
    cloud().build().processToClaims(token(lease));
    assertThat(audit("identity.replace-keys")).contains(replaced.at("key"));
  }

  @Test
  void whereNobodyFindsIt_thereAreNoTokens() throws Exception {
    try (var hidden = new Stage(data.resolve("hidden"), clock)) {
      assertThat(hidden.caller("none").get("/.well-known/openid-configuration").status())
          .isEqualTo(404);
      assertThat(hidden.caller("none").get("/.well-known/jwks.json").status()).isEqualTo(404);
    }
  }
}
