package dev.holdfast.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.KeyPart;
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
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.model.wire.agent.KeepApi.Kind;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is given what who kept, over HTTP, by real decisions about signed events. */
class KeptFilesTest {
  private static final CommitId START = ScriptedForge.COMMIT;
  private static final String POISON = "poison";
  private static final String GOOD = "good";

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller agent;
  private KeptCaller kept;
  private String agentId;
  private String repository;
  private int commits = 2;
  private LinkedOwner linked;
  private Contributor owner;
  private Contributor writer;
  private Contributor stranger;
  private final List<AgentApi.Lease> open = new ArrayList<>();

  private static Cache cache(Optional<Cache.From> from, List<KeyPart> key, String... restore) {
    return new Cache(
        List.of("~/.m2"),
        new CacheKey(key),
        List.of(restore).stream()
            .map(text -> new CacheKey(List.<KeyPart>of(new KeyPart.Text(text))))
            .toList(),
        from);
  }

  private static Cache cache(Optional<Cache.From> from) {
    return cache(from, List.of(new KeyPart.Text("maven")));
  }

  private static Job with(Job plain, List<Cache> caches, Optional<Artifacts> artifacts) {
    return new Job(
        plain.name(),
        plain.needs(),
        plain.runsOn(),
        plain.image(),
        plain.env(),
        plain.matrix(),
        plain.directory(),
        plain.when(),
        plain.timeout(),
        plain.tier(),
        plain.user(),
        plain.services(),
        plain.approval(),
        plain.environments(),
        caches,
        artifacts,
        Optional.empty(),
        plain.steps());
  }

  private static Job build(Cache... caches) {
    return with(Stage.job("build"), List.of(caches), Optional.empty());
  }

  private static Workflow ci(Job... jobs) {
    return new Workflow(
        new Name("ci"),
        List.of(
            new Trigger.Push(List.of(), List.of(), List.of()),
            new Trigger.PullRequest(List.of(), List.of(), List.of()),
            new Trigger.Manual(List.of())),
        List.of(jobs));
  }

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(ci(build(cache(Optional.empty()))));
    stage.people.permit("1", ForgePermission.ADMIN);
    stage.people.permit("42", ForgePermission.WRITE);
    linked = new LinkedOwner(stage);
    owner = linked.contributor("1", "owner");
    writer = linked.contributor("42", "writer");
    stranger = linked.contributor("666", "stranger");
    repository = stage.atForge("app", linked.host(), 7, START);
    linked.link(stage, "1");
    agent = stage.agent("one");
    agentId = agent.register("one", 9, "linux").agent();
    kept = new KeptCaller(agent);
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

  private AgentApi.Lease push(Contributor by, String branch) {
    CommitId head = commit();
    stage.deliver(
        new Event(
            "push-" + head,
            repository,
            clock.instant(),
            Optional.of(by),
            new Happening.Push(new RefName(branch), head, Optional.of(START), false)),
        List.of(new Lookup.Known<>(by)));
    return lease();
  }

  private AgentApi.Lease fork(long number, String branch) throws Exception {
    CommitId head = commit();
    stage.deliver(
        new Event(
            "pull-" + head,
            repository,
            clock.instant(),
            Optional.of(stranger),
            new Happening.PullRequest(
                number,
                PullRequestAction.OPENED,
                new RefName("main"),
                START,
                new RefName(branch),
                head,
                true)),
        List.of(new Lookup.Known<>(stranger)));
    Map<String, String> holds =
        await().until(() -> stage.holds("app"), all -> all.containsKey(head.value()));
    var approved =
        stage.admin().post("/api/v1/holds/" + holds.get(head.value()) + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    return lease();
  }

  private void keeps(AgentApi.Lease lease, String text) throws Exception {
    assertThat(kept.keep(lease, Kind.CACHE, 0, text)).isEqualTo(new KeepApi.Committed(true, ""));
    done(lease);
  }

  private String audit(String what) throws Exception {
    return stage.admin().get("/api/v1/audit?limit=1000&what=" + what).text();
  }

  @Test
  void positiveControl_whatATrustedRunKept_theNextFinds() throws Exception {
    AgentApi.Lease first = push(owner, "main");
    assertThat(kept.restored(first, 0)).isEqualTo("none: nothing is kept as maven");
    keeps(first, GOOD);
    AgentApi.Lease second = push(owner, "main");
    KeepApi.Item item = kept.find(second, Kind.CACHE, 0).items().getFirst();
    assertThat(item.exact()).isTrue();
    assertThat(item.note()).isEqualTo("of branch:main, trusted");
    assertThat(kept.restored(second, 0)).isEqualTo(GOOD);
    assertThat(audit("cache")).doesNotContain("cache.");
  }

  @Test
  void aForkThatPoisonsAKey_isFoundByItsOwnPullRequestAlone() throws Exception {
    // Its branch is named like ours, and a person released it: neither makes its files anybody's.
    AgentApi.Lease evil = fork(5, "main");
    keeps(evil, POISON);
    AgentApi.Lease main = push(owner, "main");
    assertThat(kept.restored(main, 0)).isEqualTo("none: nothing is kept as maven");
    keeps(main, GOOD);
    AgentApi.Lease other = fork(6, "main");
    assertThat(kept.restored(other, 0)).as("it reads its base's").isEqualTo(GOOD);
    done(other);
    // The control: the poison is there, for whoever brought it.
    AgentApi.Lease again = fork(5, "main");
    assertThat(kept.restored(again, 0)).isEqualTo(POISON);
    done(again);
  }

  @Test
  void aForkThatPoisonsAKey_isNotFoundByARelease_evenIfThatTakesWhatIsUntrusted() throws Exception {
    stage.forge.define(ci(build(cache(Optional.of(Cache.From.UNTRUSTED)))));
    keeps(fork(5, "main"), POISON);
    AgentApi.Lease release = push(owner, "main");
    assertThat(kept.restored(release, 0)).isEqualTo("none: nothing is kept as maven");
    done(release);
  }

  @Test
  void whatALessTrustedRunKeptOnTheSameBranch_aTrustedOneDoesNotFind() throws Exception {
    keeps(push(writer, "main"), POISON);
    AgentApi.Lease trusted = push(owner, "main");
    assertThat(kept.restored(trusted, 0))
        .startsWith("none: the one that is kept was written by a run that is known")
        .contains("from: untrusted");
    assertThat(audit("cache.read")).contains("refused").contains("this one is trusted");
    // Nor does its key keep the trusted run from keeping its own.
    keeps(trusted, GOOD);
    AgentApi.Lease later = push(owner, "main");
    assertThat(kept.restored(later, 0)).isEqualTo(GOOD);
    done(later);
    AgentApi.Lease known = push(writer, "main");
    assertThat(kept.restored(known, 0)).as("of both, the more trusted").isEqualTo(GOOD);
    done(known);
  }

  @Test
  void theControl_byItsWord_aTrustedRunFindsIt_andEverythingItMakesIsNoBetter() throws Exception {
    Job taking =
        with(
            Stage.job("build"),
            List.of(
                cache(Optional.of(Cache.From.UNTRUSTED)),
                cache(Optional.empty(), List.of(new KeyPart.Text("other")))),
            Optional.empty());
    stage.forge.define(ci(taking));
    keeps(push(writer, "main"), POISON);
    AgentApi.Lease trusted = push(owner, "main");
    assertThat(kept.restored(trusted, 0)).isEqualTo(POISON);
    assertThat(audit("cache.lower-trust"))
        .contains("a job of a trusted run was given what a run that is known kept");
    assertThat(kept.keep(trusted, Kind.CACHE, 1, "laundered").kept()).isTrue();
    done(trusted);
    // What it kept under another key is as little trusted as what it had taken.
    AgentApi.Lease next = push(owner, "main");
    assertThat(kept.restored(next, 1))
        .startsWith("none: the one that is kept was written by a run that is known");
    done(next);
  }

  @Test
  void whatIsKept_neverChanges() throws Exception {
    keeps(push(owner, "main"), GOOD);
    AgentApi.Lease second = push(owner, "main");
    assertThat(kept.offer(second, Kind.CACHE, 0).wanted()).isFalse();
    // An agent that does not ask: the same answer where it matters.
    kept.piece(second, second.fence(), "cache-0", 0, POISON.getBytes(UTF_8));
    var committed =
        kept.commit(
            second,
            second.fence(),
            Kind.CACHE,
            0,
            KeptCaller.digest(POISON.getBytes(UTF_8)),
            POISON.length());
    assertThat(committed.text()).contains("false").contains("something is kept as maven already");
    assertThat(kept.restored(second, 0)).isEqualTo(GOOD);
  }

  @Test
  void twoWritersOfOneKey_theFirstIsKept() throws Exception {
    AgentApi.Lease one = push(owner, "main");
    AgentApi.Lease other = push(owner, "main");
    assertThat(kept.offer(one, Kind.CACHE, 0).wanted()).isTrue();
    assertThat(kept.offer(other, Kind.CACHE, 0).wanted()).isTrue();
    assertThat(kept.keep(one, Kind.CACHE, 0, "one").kept()).isTrue();
    kept.piece(other, other.fence(), "cache-0", 0, "other".getBytes(UTF_8));
    assertThat(
            kept.commit(
                    other,
                    other.fence(),
                    Kind.CACHE,
                    0,
                    KeptCaller.digest("other".getBytes(UTF_8)),
                    5)
                .text())
        .contains("already");
    assertThat(kept.restored(other, 0)).isEqualTo("one");
  }

  @Test
  void theAnswerThatWentMissing_isGivenAgain() throws Exception {
    AgentApi.Lease lease = push(owner, "main");
    assertThat(kept.keep(lease, Kind.CACHE, 0, GOOD).kept()).isTrue();
    assertThat(
            kept.commit(
                    lease,
                    lease.fence(),
                    Kind.CACHE,
                    0,
                    KeptCaller.digest(GOOD.getBytes(UTF_8)),
                    GOOD.length())
                .text())
        .contains("\"kept\":true");
  }

  @Test
  void branches_readTheirOwnAndTheDefaultBranchs() throws Exception {
    keeps(push(owner, "topic"), "of topic");
    AgentApi.Lease main = push(owner, "main");
    assertThat(kept.restored(main, 0)).startsWith("none: nothing is kept");
    keeps(main, "of main");
    for (var expected :
        Map.of("topic", "of topic", "other", "of main", "main", "of main").entrySet()) {
      AgentApi.Lease lease = push(owner, expected.getKey());
      assertThat(kept.restored(lease, 0)).as(expected.getKey()).isEqualTo(expected.getValue());
      done(lease);
    }
  }

  @Test
  void whereTheDefaultBranchCannotBeTold_itsCachesAreNotRead() throws Exception {
    keeps(push(owner, "main"), GOOD);
    AgentApi.Lease topic = push(owner, "topic");
    stage.forge.away(true);
    assertThat(kept.restored(topic, 0)).startsWith("none: nothing is kept");
    stage.forge.away(false);
    assertThat(kept.restored(topic, 0)).isEqualTo(GOOD);
  }

  @Test
  void restoreKeys_areWholePartsOfKeys_theNewestCounts() throws Exception {
    var hashed =
        cache(
            Optional.empty(),
            List.of(new KeyPart.Text("maven"), new KeyPart.Files(List.of("**/pom.xml"))),
            "maven");
    stage.forge.define(ci(build(hashed)));
    String one = "a".repeat(64);
    String other = "b".repeat(64);
    AgentApi.Lease first = push(owner, "main");
    assertThat(kept.keep(first, Kind.CACHE, 0, "one", one).kept()).isTrue();
    done(first);
    AgentApi.Lease second = push(owner, "main");
    KeepApi.Item item = kept.find(second, Kind.CACHE, 0, other).items().getFirst();
    assertThat(item.name()).isEqualTo("maven-" + one);
    assertThat(item.exact()).isFalse();
    assertThat(kept.restored(second, 0, one)).isEqualTo("one");
    // The key's texts are the definition's: an agent gives hashes and nothing else.
    for (String lie : List.of("x", "../evil", "a".repeat(63) + "g", "none-1")) {
      assertThat(kept.ask(second, second.fence(), Kind.CACHE, 0, lie).status()).isEqualTo(400);
    }
    assertThat(kept.ask(second, second.fence(), Kind.CACHE, 0).status()).isEqualTo(400);
    assertThat(kept.ask(second, second.fence(), Kind.CACHE, 0, one, one).status()).isEqualTo(400);
  }

  @Test
  void anAgentThatLies_getsNothing() throws Exception {
    keeps(push(owner, "main"), GOOD);
    AgentApi.Lease evil = fork(5, "topic");
    // Another's attempt, another fence, a cache that the job does not have.
    var other = new KeptCaller(stage.agent("two"));
    other.agent().register("two", 1, "linux");
    assertThat(other.ask(evil, evil.fence(), Kind.CACHE, 0).status()).isEqualTo(409);
    assertThat(kept.ask(evil, evil.fence() + 1, Kind.CACHE, 0).status()).isEqualTo(409);
    assertThat(kept.ask(evil, evil.fence(), Kind.CACHE, 1).status()).isEqualTo(409);
    assertThat(kept.ask(evil, evil.fence(), Kind.ARTIFACT, 0).status()).isEqualTo(409);
    // A blob by its digest, without having been given it; the control: once it was.
    Digest good = KeptCaller.digest(GOOD.getBytes(UTF_8));
    assertThat(kept.bytes(evil, good).status()).isEqualTo(409);
    assertThat(kept.restored(evil, 0)).isEqualTo(GOOD);
    assertThat(kept.bytes(evil, good).text()).isEqualTo(GOOD);
    // Bytes that are not those it says; names of files that are not its.
    kept.offer(evil, Kind.CACHE, 0);
    kept.piece(evil, evil.fence(), "cache-0", 0, POISON.getBytes(UTF_8));
    assertThat(kept.commit(evil, evil.fence(), Kind.CACHE, 0, good, POISON.length()).text())
        .contains("\"kept\":false");
    assertThat(kept.piece(evil, evil.fence(), "..%2F..%2Fholdfast.db", 0, new byte[1]).status())
        .isGreaterThanOrEqualTo(400);
    assertThat(kept.piece(evil, evil.fence(), "cache-0", 10, new byte[1]).status()).isEqualTo(409);
    // After its end.
    done(evil);
    assertThat(kept.ask(evil, evil.fence(), Kind.CACHE, 0).status()).isEqualTo(409);
    assertThat(kept.piece(evil, evil.fence(), "cache-0", 0, new byte[1]).status()).isEqualTo(409);
  }

  @Test
  void whoWritesTrustIntoTheDatabase_isFoundOutByTheSignature() throws Exception {
    AgentApi.Lease evil = fork(5, "topic");
    AgentApi.Lease honest = push(owner, "main");
    keeps(honest, GOOD);
    sql("UPDATE clearance SET body = replace(body, '\"unknown\"', '\"trusted\"')");
    var answer = kept.ask(evil, evil.fence(), Kind.CACHE, 0);
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.text()).contains("nothing that was signed let it start");
    // An agent asks again and again; it is on record once.
    assertThat(kept.ask(evil, evil.fence(), Kind.CACHE, 0).status()).isEqualTo(409);
    assertThat(audit("kept.not-cleared"))
        .containsOnlyOnce("nothing that was signed let it start")
        .contains("refused");
    sql("UPDATE clearance SET body = replace(body, '\"trusted\"', '\"unknown\"')");
    // The control: with the clearance as it was signed.
    assertThat(kept.restored(evil, 0)).isEqualTo(GOOD);
    sql(
        "UPDATE event SET body = replace(body, '\"number\":5', '\"number\":9') WHERE body LIKE"
            + " '%\"number\":5%'");
    assertThat(kept.ask(evil, evil.fence(), Kind.CACHE, 0).text())
        .contains("its event is not what was cleared");
    assertThat(audit("kept.not-cleared")).contains("its event is not what was cleared");
  }

  private void sql(String statement) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("holdfast.db"));
        var update = connection.createStatement()) {
      update.execute("PRAGMA busy_timeout = 5000");
      update.executeUpdate(statement);
    }
  }

  private Path blob(String text) {
    String hex = KeptCaller.digest(text.getBytes(UTF_8)).value().substring(7);
    return data.resolve("blob/sha256").resolve(hex.substring(0, 2)).resolve(hex);
  }

  @Test
  void bytesThatWereChangedOnTheDisk_areGivenToNobody() throws Exception {
    keeps(push(owner, "main"), GOOD);
    AgentApi.Lease second = push(owner, "main");
    assertThat(kept.restored(second, 0)).isEqualTo(GOOD);
    Files.writeString(blob(GOOD), "evil");
    assertThat(kept.bytes(second, KeptCaller.digest(GOOD.getBytes(UTF_8))).status()).isEqualTo(404);
    assertThat(audit("blob.damaged")).contains("were changed on the server's disk");
    assertThat(kept.restored(second, 0)).startsWith("none: nothing is kept");
    // And the key is free for what is built anew.
    keeps(second, GOOD);
    AgentApi.Lease third = push(owner, "main");
    assertThat(kept.restored(third, 0)).isEqualTo(GOOD);
    done(third);
  }

  private static Job uploading(String name, String... needs) {
    return with(
        Stage.job(name, needs),
        List.of(),
        Optional.of(
            new Artifacts(
                List.of(
                    new Artifacts.Upload(new Name("jars"), List.of("target/"), Optional.empty())),
                List.of())));
  }

  private static Job downloading(String name, String... needs) {
    return with(
        Stage.job(name, needs),
        List.of(),
        Optional.of(
            new Artifacts(
                List.of(),
                List.of(
                    new Artifacts.Download(
                        new Name("jars"), Optional.empty(), Optional.empty())))));
  }

  @Test
  void artifacts_goFromJobToJobOfOneRun_andToPeopleAsFilesToBeSaved() throws Exception {
    stage.forge.define(ci(uploading("build"), downloading("test", "build")));
    AgentApi.Lease build = push(owner, "main");
    assertThat(kept.keep(build, Kind.ARTIFACT, 0, "<script>").kept()).isTrue();
    done(build);
    AgentApi.Lease test = lease();
    assertThat(test.job().key()).isEqualTo("test");
    KeepApi.Item item = kept.find(test, Kind.ARTIFACT, 0).items().getFirst();
    assertThat(item.name()).isEqualTo("the artifact jars of job build");
    assertThat(kept.bytes(test, item.digest()).text()).isEqualTo("<script>");
    done(test);

    Caller admin = stage.admin();
    String list = "/api/v1/runs/" + build.run() + "/artifacts";
    String id = admin.get(list).at("artifacts.0.id");
    assertThat(admin.get(list).at("artifacts.0.trust")).isEqualTo("trusted");
    var response =
        stage.client.send(
            java.net.http.HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + stage.port() + list + "/" + id + "/content"))
                .header("Authorization", "Bearer " + admin.token())
                .build(),
            java.net.http.HttpResponse.BodyHandlers.ofString());
    assertThat(response.body()).isEqualTo("<script>");
    assertThat(response.headers().firstValue("Content-Disposition"))
        .contains("attachment; filename=\"jars.tar.gz\"");
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/gzip");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("Content-Security-Policy"))
        .contains("sandbox; default-src 'none'");
    // Of another run it is not, whatever its id.
    AgentApi.Lease second = push(owner, "main");
    assertThat(admin.get("/api/v1/runs/" + second.run() + "/artifacts/" + id + "/content").status())
        .isEqualTo(404);
    done(second);
    // The second run's own job kept none: the first run's is not taken in its place.
    AgentApi.Lease downloader = lease();
    assertThat(kept.find(downloader, Kind.ARTIFACT, 0).items()).isEmpty();
    assertThat(admin.call("DELETE", list + "/" + id, new byte[0]).status()).isEqualTo(200);
    assertThat(admin.get(list).text()).doesNotContain("jars");
    assertThat(audit("artifact.remove")).contains("jars");
  }

  @Test
  void people_listAndRemoveCaches() throws Exception {
    keeps(push(owner, "main"), GOOD);
    Caller admin = stage.admin();
    String list = "/api/v1/repositories/app/caches";
    assertThat(admin.get(list).at("caches.0.key")).isEqualTo("maven");
    assertThat(admin.get(list).at("caches.0.scope")).isEqualTo("branch:main");
    String id = admin.get(list).at("caches.0.id");
    assertThat(admin.call("DELETE", list + "/" + id, new byte[0]).status()).isEqualTo(200);
    assertThat(admin.get(list).text()).doesNotContain("maven");
    assertThat(admin.call("DELETE", list + "/" + id, new byte[0]).status()).isEqualTo(404);
    assertThat(audit("cache.remove")).contains(id);
  }
}
