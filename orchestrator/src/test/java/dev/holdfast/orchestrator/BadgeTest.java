package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.db.Database;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What anybody may see of a repository without signing in, and what not. */
@SuppressWarnings("NullAway.Init") // set before each
class BadgeTest {
  private static final CommitId PUSHED = new CommitId("e".repeat(40));
  private static final Contributor ADMIN = new Contributor(HoldScene.FORGE.name(), "9", "anna");

  @TempDir Path data;
  private HoldScene scene;

  @BeforeEach
  void open() throws Exception {
    scene = new HoldScene(data, PageScene.workflow("build", PageScene.job("test", List.of(), "t")));
    scene.stage.people.permit("9", ForgePermission.ADMIN);
  }

  @AfterEach
  void close() throws Exception {
    scene.close();
  }

  private HttpResponse<String> badge(String path) throws Exception {
    return scene.get("/badge/" + path, "");
  }

  /** A push to main whose run comes to this end. */
  private void pushed(Outcome outcome) throws Exception {
    scene.stage.deliver(
        new Event(
            "push-" + outcome.hashCode() + System.nanoTime(),
            scene.repository,
            scene.clock.instant(),
            Optional.of(ADMIN),
            new Happening.Push(new RefName("main"), PUSHED, Optional.of(HoldScene.BASE), false)),
        List.of(new Lookup.Known<>(ADMIN)));
    scene.take().started().over(outcome);
  }

  private void visible(Lookup<Visibility> visibility) {
    scene.stage.people.visibility(visibility);
  }

  @Test
  void aPublicRepositorysBranchIsShownToAnybodyAsItStands() throws Exception {
    visible(new Lookup.Known<>(Visibility.PUBLIC));
    pushed(new Outcome.Succeeded());
    await()
        .untilAsserted(
            () -> assertThat(badge("harbour/build.svg").body()).contains("build: passes"));
    var shown = badge("harbour/build.svg?branch=main");
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(shown.headers().firstValue("Content-Type").orElse("")).startsWith("image/svg+xml");
    assertThat(shown.headers().firstValue("Cache-Control").orElse(""))
        .isEqualTo("public, max-age=60");
    assertThat(shown.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'");
    assertThat(badge("harbour/build.svg?branch=other").body()).contains("build: no runs");
    assertThat(badge("harbour/nothing-like-it.svg").body()).contains("no runs");
  }

  @Test
  void whatIsNotPublicOrCannotBeToldOrIsNotThereIsOneAndTheSameAnswer() throws Exception {
    visible(new Lookup.Known<>(Visibility.PRIVATE));
    pushed(new Outcome.Succeeded());
    String not = badge("no-such-repository/build.svg").body();
    assertThat(badge("no-such-repository/build.svg").statusCode()).isEqualTo(404);
    for (String path :
        List.of(
            "harbour/build.svg",
            "harbour/build.svg?branch=main",
            "harbour/..%2Fx.svg",
            "harbour/build.png",
            "harbour/build.svg?branch=" + "x".repeat(3000),
            "harbour/%3Cscript%3E.svg")) {
      var answer = badge(path);
      assertThat(answer.statusCode()).as(path).isIn(404, 400);
      if (answer.statusCode() == 404) {
        assertThat(answer.body()).as(path).isEqualTo(not);
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).isEqualTo("no-store");
      }
    }
  }

  @Test
  void aLookUpThatFailsShowsNothing() throws Exception {
    pushed(new Outcome.Succeeded());
    visible(new Lookup.Failed<>("it timed out"));
    for (int i = 0; i < 20; i++) {
      assertThat(badge("harbour/build.svg").statusCode()).isEqualTo(404);
    }
  }

  /** Its branch is called main as well, and it fails, or passes, as it likes. */
  @Test
  void aStrangersPullRequestFromABranchOfTheSameNameDoesNotSetTheBadge() throws Exception {
    visible(new Lookup.Known<>(Visibility.PUBLIC));
    pushed(new Outcome.Succeeded());
    scene.request(HoldScene.A, PullRequestAction.OPENED, HoldScene.STRANGER, 7, "main");
    String hold = scene.hold(HoldScene.A);
    PageScene.expect(scene.admin.post("/api/v1/holds/" + hold + "/approve", "{}"), 200);
    scene.take().started().over(new Outcome.Failed("exit code 1", 1));
    assertThat(scene.runState(hold)).isEqualTo("failed");
    await()
        .untilAsserted(
            () -> assertThat(badge("harbour/build.svg").body()).contains("build: passes"));
  }

  /** The control: a push that fails does. */
  @Test
  void aPushThatFailsDoesSetIt() throws Exception {
    visible(new Lookup.Known<>(Visibility.PUBLIC));
    pushed(new Outcome.Failed("exit code 1", 1));
    await()
        .untilAsserted(
            () -> assertThat(badge("harbour/build.svg").body()).contains("build: fails"));
  }

  @Test
  void whoManagesARepositorySwitchesItsBadgesOnAndOff() throws Exception {
    visible(new Lookup.Known<>(Visibility.PRIVATE));
    pushed(new Outcome.Succeeded());
    assertThat(badge("harbour/build.svg").statusCode()).isEqualTo(404);
    try (Page page = scene.signedIn()) {
      page.open("/repositories/harbour/badges");
      assertThat(page.text("main")).contains("Nobody: the forge does not say");
      assertThat(page.axe()).isEmpty();
      page.follow("#switch");
      assertThat(page.text("main")).contains("somebody switched that on", "build.svg?branch=main");
      assertThat(page.count(".badges img")).isEqualTo(1);
      assertThat(page.axe()).isEmpty();
      page.screenshots("badges");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      assertThat(badge("harbour/build.svg").statusCode()).isEqualTo(200);
      page.follow("#switch");
      assertThat(badge("harbour/build.svg").statusCode()).isEqualTo(404);
      assertThat(page.problems()).isEmpty();
    }
    assertThat(scene.admin.get("/api/v1/audit?what=repository.badges").text())
        .contains("anybody may see how its branches stand");
    String cookie = scene.session(scene.user("ada", "approver"));
    Map<String, String> form = new HashMap<>();
    form.put("on", "true");
    form.put("csrf", HoldScene.field(scene.get("/holds", cookie).body(), "csrf"));
    assertThat(scene.send("/repositories/harbour/badges", form, cookie).statusCode())
        .isEqualTo(403);
    assertThat(scene.get("/repositories/harbour/badges", cookie).body())
        .doesNotContain("id=\"switch\"");
  }

  /** Older events have their columns from the migration, by these expressions. */
  @Test
  void whatTheMigrationMakesOfAnEventIsWhatIsWrittenWithANewOne() throws Exception {
    scene.held();
    pushed(new Outcome.Succeeded());
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var query =
            connection.prepareStatement(
                "SELECT kind, contributor, json_extract(body, '$.happening.type'),"
                    + " json_extract(body, '$.contributor.forge') || ' ' || json_extract(body,"
                    + " '$.contributor.id') FROM event ORDER BY id");
        var rows = query.executeQuery()) {
      for (String kind : List.of("pull-request", "push")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo(kind).isEqualTo(rows.getString(3));
        assertThat(rows.getString(2))
            .startsWith(HoldScene.FORGE.name() + " ")
            .isEqualTo(rows.getString(4));
      }
    }
  }
}
