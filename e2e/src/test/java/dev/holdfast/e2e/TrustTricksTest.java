package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.Delivery;
import dev.holdfast.forgedouble.Fault;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people try who want their commits to run: each trick by signed webhooks and a real agent,
 * beside the honest way, which goes through.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustTricksTest {
  private static final Map<String, String> CHANGED =
      Map.of("file", "changed\n", ".holdfast/ci.yaml", ForgeScene.CI.formatted("head"));

  @TempDir static Path folder;
  private ForgeScene scene;
  private Account second;
  private String secondsToken;

  @BeforeAll
  void open() throws Exception {
    scene = new ForgeScene(folder, Kind.GITHUB, false);
    second = scene.forge.account("second");
    secondsToken = scene.user("second");
    scene.grant("second", "approver");
    scene.grant("second", "change-workflows");
    scene.link(secondsToken, second, "github");
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  // Who somebody says to be.

  @Test
  void theAuthorThatACommitClaimsCountsForNothing() throws Exception {
    String claimed = "maintainer <maintainer@example.org>";
    scene.forge.push(scene.app, scene.fresh(), scene.stranger, CHANGED, claimed);
    String forged = scene.newest().runs().getFirst();
    assertThat(scene.state(forged)).isEqualTo("held");
    assertThat(scene.causes(forged)).containsExactlyInAnyOrder("unknown", "workflows-changed");
    scene.nothingRan(forged);

    scene.forge.push(scene.app, scene.fresh(), scene.maintainer, CHANGED, claimed);
    assertThat(scene.output(scene.newest().runs().getFirst())).startsWith("defined by head\n");
  }

  @Test
  void whoTakesOverANameIsNotWhoHadIt() throws Exception {
    Account third = scene.forge.account("third");
    String token = scene.user("third");
    scene.grant("third", "change-workflows");
    scene.link(token, third, "github");
    scene.forge.permit(scene.app, third, "write");
    Account renamed = scene.forge.rename(third, "third-of-late");
    Account taker = scene.forge.account("third");

    scene.forge.push(scene.app, scene.fresh(), taker, CHANGED);
    String takers = scene.newest().runs().getFirst();
    assertThat(scene.causes(takers)).containsExactlyInAnyOrder("unknown", "workflows-changed");
    scene.nothingRan(takers);

    scene.forge.push(scene.app, scene.fresh(), renamed, CHANGED);
    assertThat(scene.output(scene.newest().runs().getFirst())).startsWith("defined by head\n");
  }

  // What an approval is of.

  @Test
  void whatAWorkflowHasWaitHasNoSandboxUntilSomebodyElseReleasesIt() throws Exception {
    String workflow =
        ForgeScene.CI.formatted("head")
            + "  deploy: {needs: test, approval: deploys, steps: echo deployed}\n";
    scene.forge.push(
        scene.app,
        scene.fresh(),
        scene.maintainer,
        Map.of("file", "deployed\n", ".holdfast/ci.yaml", workflow));
    String run = scene.newest().runs().getFirst();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(scene.state(run)).isEqualTo("held"));
    assertThat(scene.causes(run)).containsExactly("asked");
    assertThat(new Run(scene.holdfast.run(run)).attempts("test")).hasSize(1);
    Set<String> before = scene.sandboxes();
    scene.control();
    Set<String> since = scene.sandboxes();
    since.removeAll(before);
    assertThat(since).as("the control's sandbox alone").hasSize(1);

    String hold = scene.hold(run);
    assertThat(approve(scene.maintainersToken, hold).status()).as("one's own").isEqualTo(403);
    assertThat(approve(secondsToken, hold).status()).isEqualTo(200);
    assertThat(scene.output(run)).startsWith("defined by head\n");
    String deploy = new Run(scene.holdfast.run(run)).lastAttempt("deploy");
    assertThat(new String(scene.holdfast.log(deploy), StandardCharsets.UTF_8))
        .isEqualTo("deployed\n");
  }

  @Test
  void anApprovalOfOneCommitIsNoneOfTheNext() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    scene.forge.push(fork, "a-then-b", scene.stranger, Map.of("file", "A\n"));
    scene.forge.open(scene.app, "main", fork, "a-then-b", scene.stranger);
    String a = scene.newest().runs().getFirst();
    String holdOfA = scene.hold(a);
    scene.forge.push(fork, "a-then-b", scene.stranger, Map.of("file", "B\n"));
    String b = scene.newest().runs().getFirst();

    Api.Answer late = approve(scene.maintainersToken, holdOfA);
    assertThat(late.status()).as(late.text()).isEqualTo(409);
    assertThat(scene.state(b)).isEqualTo("held");
    scene.nothingRan(a);
    scene.nothingRan(b);

    assertThat(approve(scene.maintainersToken, scene.hold(b)).status()).isEqualTo(200);
    assertThat(scene.output(b)).isEqualTo("defined by main\nB\n");
  }

  @Test
  void whatIsPushedAfterAnApprovalWaits() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    scene.forge.push(fork, "approved", scene.stranger, Map.of("file", "A\n"));
    scene.forge.open(scene.app, "main", fork, "approved", scene.stranger);
    String a = scene.newest().runs().getFirst();
    assertThat(approve(scene.maintainersToken, scene.hold(a)).status()).isEqualTo(200);
    assertThat(scene.output(a)).isEqualTo("defined by main\nA\n");
    scene.forge.push(fork, "approved", scene.stranger, Map.of("file", "B\n"));
    String b = scene.newest().runs().getFirst();
    assertThat(scene.state(b)).isEqualTo("held");
    scene.nothingRan(b);
  }

  @Test
  void anApprovalDoesNotGoAlongToAnotherBase() throws Exception {
    scene.policy(2);
    try {
      Repo fork = scene.forge.fork(scene.app, scene.stranger);
      scene.forge.push(fork, "retargeted", scene.stranger, Map.of("file", "A\n"));
      Pull pull = scene.forge.open(scene.app, "main", fork, "retargeted", scene.stranger);
      String before = scene.newest().runs().getFirst();
      String first = scene.hold(before);
      assertThat(approve(scene.maintainersToken, first).status()).isEqualTo(200);

      String other = scene.fresh();
      scene.forge.push(scene.app, other, scene.maintainer, CHANGED);
      assertThat(scene.output(scene.newest().runs().getFirst())).startsWith("defined by head");
      scene.forge.retarget(pull, other, scene.stranger);
      String after = scene.newest().runs().getFirst();

      assertThat(approve(secondsToken, first).status()).isEqualTo(409);
      assertThat(approve(secondsToken, scene.hold(after)).status()).isEqualTo(200);
      assertThat(missing(scene.hold(after))).as("one of two").isNotEmpty();
      scene.nothingRan(before);
      scene.nothingRan(after);

      assertThat(approve(scene.maintainersToken, scene.hold(after)).status()).isEqualTo(200);
      assertThat(scene.output(after)).isEqualTo("defined by head\nA\n");
    } finally {
      scene.policy(1);
    }
  }

  @Test
  void aBaseThatMovesDoesNotMoveWhatWasApproved() throws Exception {
    String base = scene.fresh();
    scene.forge.push(scene.app, base, scene.maintainer, Map.of("file", "base\n"));
    scene.output(scene.newest().runs().getFirst());
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    scene.forge.push(fork, "onto-moving", scene.stranger, Map.of("file", "A\n"));
    scene.forge.open(scene.app, base, fork, "onto-moving", scene.stranger);
    String run = scene.newest().runs().getFirst();
    scene.forge.push(
        scene.app,
        base,
        scene.maintainer,
        Map.of(".holdfast/ci.yaml", ForgeScene.CI.formatted("what nobody looked at")));
    scene.output(scene.newest().runs().getFirst());

    assertThat(approve(scene.maintainersToken, scene.hold(run)).status()).isEqualTo(200);
    assertThat(scene.output(run)).isEqualTo("defined by main\nA\n");
  }

  @Test
  void aRightThatIsTakenAwayTakesItsApprovalsAlong() throws Exception {
    scene.policy(2);
    try {
      String former = scene.user("former");
      scene.grant("former", "approver");
      String run = fork(Map.of("file", "A\n")).run();
      String hold = scene.hold(run);
      assertThat(approve(former, hold).status()).isEqualTo(200);
      scene.holdfast.cli("user", "revoke", "former", "approver").ok();
      assertThat(approve(former, hold).status()).isEqualTo(403);
      assertThat(approve(secondsToken, hold).status()).isEqualTo(200);
      assertThat(scene.state(run)).as("one of two who may").isEqualTo("held");
      scene.nothingRan(run);

      assertThat(approve(scene.maintainersToken, hold).status()).isEqualTo(200);
      assertThat(scene.output(run)).isEqualTo("defined by main\nA\n");
    } finally {
      scene.policy(1);
    }
  }

  @Test
  void nobodyApprovesTheirOwnUnlessPolicyLetsThem() throws Exception {
    Repo fork = scene.forge.fork(scene.app, second);
    scene.forge.push(fork, "own", second, Map.of("file", "own\n"));
    scene.forge.open(scene.app, "main", fork, "own", second);
    String run = scene.newest().runs().getFirst();
    assertThat(approve(secondsToken, scene.hold(run)).status()).isEqualTo(403);
    assertThat(scene.holdfast.api().get("/api/v1/audit?what=hold.approve&on=" + run).text())
        .contains("\"refused\"")
        .contains("one's own change");
    scene.nothingRan(run);
    assertThat(approve(scene.maintainersToken, scene.hold(run)).status()).isEqualTo(200);
    assertThat(scene.output(run)).isEqualTo("defined by main\nown\n");
  }

  // Comments.

  @Test
  void onlyWhatSomebodyEntitledWroteAsACommandAndLeftAloneApproves() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String head = scene.forge.push(fork, "comments", scene.stranger, Map.of("file", "A\n"));
    Pull pull = scene.forge.open(scene.app, "main", fork, "comments", scene.stranger);
    String run = scene.newest().runs().getFirst();
    String command = "/holdfast approve " + head;

    scene.forge.comment(pull, scene.stranger, command);
    scene.forge.comment(pull, scene.developer, command);
    scene.forge.comment(pull, scene.maintainer, "> " + command);
    scene.forge.comment(pull, scene.maintainer, "```\n" + command + "\n```");
    scene.forge.comment(pull, scene.maintainer, "    " + command);
    scene.forge.comment(pull, scene.maintainer, "I would not say\n" + command);
    scene.forge.comment(pull, scene.maintainer, "`" + command + "`");
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + head.substring(0, 7));
    long harmless = scene.forge.comment(pull, scene.maintainer, "Looks good");
    scene.forge.edit(pull, harmless, scene.maintainer, scene.stranger, command);
    long own = scene.forge.comment(pull, scene.stranger, "thank you");
    scene.forge.edit(pull, own, scene.stranger, scene.maintainer, command);
    // Comments are taken in order: when one for another pull request worked, these are done.
    commentWorks();
    assertThat(scene.state(run)).isEqualTo("held");
    scene.nothingRan(run);
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(scene.forge.comments(pull))
                .anyMatch(said -> said.contains("no Holdfast user is linked to the account"))
                .anyMatch(said -> said.contains("a commit can be forged to start alike")));

    scene.forge.comment(pull, scene.maintainer, command);
    assertThat(scene.output(run)).isEqualTo("defined by main\nA\n");
  }

  @Test
  void aCommentApprovesOnlyTheCommitThatItNames() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String a = scene.forge.push(fork, "named", scene.stranger, Map.of("file", "A\n"));
    Pull pull = scene.forge.open(scene.app, "main", fork, "named", scene.stranger);
    String b = scene.forge.push(fork, "named", scene.stranger, Map.of("file", "B\n"));
    String run = scene.newest().runs().getFirst();
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + a);
    commentWorks();
    assertThat(scene.state(run)).isEqualTo("held");
    scene.nothingRan(run);
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + b);
    assertThat(scene.output(run)).isEqualTo("defined by main\nB\n");
  }

  // Webhooks.

  @Test
  void whatWasNotSignedWithThisSecretIsNobodysWord() throws Exception {
    scene.forge.holdBack(true);
    Delivery pushed;
    try {
      String commit = scene.forge.push(scene.app, scene.fresh(), scene.stranger, Map.of());
      assertThat(commit).isNotEmpty();
      pushed = scene.forge.newest();
    } finally {
      scene.forge.holdBack(false);
    }
    long before = scene.events();
    String stranger = "\"id\":" + scene.stranger.id();
    assertThat(scene.forge.send(pushed.altered(stranger, "\"id\":" + scene.maintainer.id())))
        .isEqualTo(401);
    assertThat(scene.forge.send(pushed.unsigned())).isEqualTo(401);
    assertThat(scene.forge.send(pushed.signed("another secret"))).isEqualTo(401);
    assertThat(scene.events()).isEqualTo(before);

    assertThat(scene.forge.send(pushed)).isBetween(200, 299);
    assertThat(scene.causes(scene.newest().runs().getFirst())).contains("unknown");
    assertThat(scene.events()).isEqualTo(before + 1);
  }

  @Test
  void whatComesTwiceCountsOnce() throws Exception {
    scene.forge.push(scene.app, scene.fresh(), scene.maintainer, Map.of("file", "once\n"));
    Delivery delivery = scene.forge.newest();
    String run = scene.newest().runs().getFirst();
    scene.output(run);
    long before = scene.events();
    assertThat(scene.forge.send(delivery)).isBetween(200, 299);
    assertThat(scene.forge.send(delivery.as("another-delivery"))).isBetween(200, 299);
    scene.control();
    assertThat(scene.events()).as("the control's push only").isEqualTo(before + 1);
  }

  @Test
  void whatComesLateOvertakesNothing() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    scene.forge.push(fork, "disorder", scene.stranger, Map.of("file", "A\n"));
    scene.forge.holdBack(true);
    List<Delivery> kept;
    try {
      scene.forge.open(scene.app, "main", fork, "disorder", scene.stranger);
      scene.forge.push(fork, "disorder", scene.stranger, Map.of("file", "B\n"));
      kept =
          scene.forge.deliveries().stream().filter(d -> d.event().equals("pull_request")).toList();
    } finally {
      scene.forge.holdBack(false);
    }
    Delivery opened = kept.get(kept.size() - 2);
    Delivery pushed = kept.getLast();
    scene.forge.send(pushed);
    String b = scene.event(pushed).runs().getFirst();
    String holdOfB = scene.hold(b);
    scene.forge.send(opened);
    assertThat(scene.event(opened).runs()).as("of what came late").isEmpty();
    scene.nothingRan(b);

    assertThat(approve(scene.maintainersToken, holdOfB).status()).isEqualTo(200);
    assertThat(scene.output(b)).isEqualTo("defined by main\nB\n");
  }

  @Test
  void whatWasDoneIsOnRecordAndACutIsFound() throws Exception {
    Waiting waiting = fork(Map.of("file", "on record\n"));
    assertThat(approve(scene.maintainersToken, scene.hold(waiting.run())).status()).isEqualTo(200);
    scene.output(waiting.run());
    assertThat(
            scene.holdfast.cli("audit", "list", "--on", waiting.run(), "--json").ok().out().lines())
        .anyMatch(line -> line.contains("hold.place") && line.contains("\"holdfast\""))
        .anyMatch(line -> line.contains("hold.approve") && line.contains("\"maintainer\""));
    Path server = folder.resolve("server");
    assertThat(scene.holdfast.cli("audit", "verify", "--data", server.toString()).ok().out())
        .contains("all as they were written");

    // An installation whose log is younger than what is vouched for.
    Path other = Files.createDirectories(folder.resolve("other"));
    try (Installation fresh = Installation.start(other, other.resolve("server"), List.of())) {
      fresh.cli("user", "add", "ann").ok();
    }
    Files.copy(
        server.resolve("server/audit/checkpoints"),
        other.resolve("server/server/audit/checkpoints"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        server.resolve("server/audit/key.pub"),
        other.resolve("server/server/audit/key.pub"),
        StandardCopyOption.REPLACE_EXISTING);
    var found = scene.holdfast.cli("audit", "verify", "--data", other.resolve("server").toString());
    assertThat(found.exit()).isEqualTo(1);
    assertThat(found.out()).contains("the log was cut, or an old copy put in its place");
  }

  @Test
  void theForgeIsToldFromTheFirstSecondToTheEndAlsoWhereItWasAway() throws Exception {
    scene.forge.fail("POST /repos/" + scene.app.fullName() + "/statuses", Fault.BROKEN, 2);
    Waiting waiting = fork(Map.of("file", "told\n"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(scene.forge.statuses(scene.app, waiting.head()))
                .anyMatch(status ->
                    status.startsWith("holdfast/ci (pull request) pending held, needs approval")));
    assertThat(approve(scene.maintainersToken, scene.hold(waiting.run())).status()).isEqualTo(200);
    scene.output(waiting.run());
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(scene.forge.statuses(scene.app, waiting.head()).getFirst())
                .startsWith("holdfast/ci (pull request) success "));
  }

  @Test
  void whoWritesIntoTheDatabaseStartsNothing() throws Exception {
    Waiting waiting = fork(Map.of("file", "by the back door\n"));
    Path database = folder.resolve("server/server/holdfast.db");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=10000");
        Statement statement = connection.createStatement()) {
      String run = " WHERE run_id = '" + waiting.run() + "'";
      statement.execute("UPDATE hold SET state = 'RELEASED'" + run);
      statement.execute(
          "UPDATE job SET state = 'QUEUED', queued_at = 1, ready_at = 0, hold_id = NULL" + run);
      statement.execute("UPDATE run SET state = 'QUEUED' WHERE id = '" + waiting.run() + "'");
    }
    scene.control();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(JsonText.compact(scene.holdfast.run(waiting.run())))
                .contains("the lease holds no clearance"));
    assertThat(scene.sandboxes())
        .doesNotContain(new Run(scene.holdfast.run(waiting.run())).lastAttempt("test"));

    // Control: an honest release of the same kind of thing goes through the same agent.
    Waiting honest = fork(Map.of("file", "by the front door\n"));
    assertThat(approve(scene.maintainersToken, scene.hold(honest.run())).status()).isEqualTo(200);
    assertThat(scene.output(honest.run())).isEqualTo("defined by main\nby the front door\n");
  }

  /** A stranger's pull request, which waits. */
  private Waiting fork(Map<String, String> files) throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String branch = scene.fresh();
    String head = scene.forge.push(fork, branch, scene.stranger, files);
    Pull pull = scene.forge.open(scene.app, "main", fork, branch, scene.stranger);
    String run = scene.newest().runs().getFirst();
    assertThat(scene.state(run)).isEqualTo("held");
    return new Waiting(fork, branch, pull, head, run);
  }

  private record Waiting(Repo fork, String branch, Pull pull, String head, String run) {}

  /** Has a comment release something, after which all comments before it are done. */
  private void commentWorks() throws Exception {
    Waiting control = fork(Map.of("file", "control\n"));
    scene.forge.comment(control.pull(), scene.maintainer, "/holdfast approve " + control.head());
    scene.output(control.run());
  }

  private Api.Answer approve(String token, String hold) {
    return new Api(scene.holdfast.api().base(), token)
        .post("/api/v1/holds/" + hold + "/approve", "{}");
  }

  private List<Json> missing(String hold) {
    return Api.list(scene.holdfast.api().get("/api/v1/holds/" + hold).json(), "missing");
  }
}
