package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.Contributor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stranger writes stands on the very page where somebody decides about them. */
class HostileHoldTest {
  private static final String SCRIPT =
      "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
  private static final String OVERRIDE = "safe\u202egpj.exe\u2066\u200b";

  /** What would forge a decision of somebody else's, were it more than text. */
  private static final String FORGED =
      "</ul></section><form method=post><button id=approve>Approve</button></form>";

  @TempDir Path data;

  @Test
  void whatAStrangerWritesIsShownAsTextAndMovesNothing() throws Exception {
    try (var scene = new HoldScene(data)) {
      scene.stage.forge.define(
          HoldScene.A,
          PageScene.workflow(
              "build", PageScene.job("compile", List.of(), SCRIPT, "W".repeat(200), FORGED)));
      scene.stage.forge.changed(
          SCRIPT + "/x", OVERRIDE, "W".repeat(3000), ".holdfast/" + FORGED, "a\nb\u001b[2J");
      scene.stage.forge.message(
          HoldScene.A,
          FORGED + SCRIPT + OVERRIDE + "S".repeat(3000) + "\n\n" + FORGED + "\n" + OVERRIDE);
      var stranger =
          new Contributor(HoldScene.FORGE.name(), "90210666", SCRIPT + OVERRIDE + "N".repeat(3000));
      scene.request(
          HoldScene.A,
          PullRequestAction.OPENED,
          stranger,
          7,
          "<b>" + "b".repeat(150) + "</b>\"onload=\"window.hit=1");
      String hold = scene.hold(HoldScene.A);
      try (Page page = scene.page("ada", "approver")) {
        for (String path : List.of("/holds", "/holds/" + hold)) {
          page.open(path);
          page.await("document.readyState === 'complete'");
          assertThat(page.eval("String(window.hit)")).as(path).isEqualTo("undefined");
          assertThat(page.count("main img, main b, main script")).as(path).isZero();
          assertThat(page.count("#approve")).as(path).isEqualTo(path.equals("/holds") ? 0 : 1);
          assertThat(page.eval("document.documentElement.textContent"))
              .as("an override is seen, and does nothing: " + path)
              .doesNotContain("\u202e")
              .doesNotContain("\u2066")
              .doesNotContain("\u001b");
          page.eachLook(look -> assertThat(page.fits()).as(path + " " + look).isTrue());
        }
        assertThat(page.text("[aria-labelledby=h-who]")).contains("<img src=x", "<b>bbb");
        assertThat(page.text("[aria-labelledby=h-files]"))
            .contains("safe‹U+202E›gpj.exe", "<img src=x");
        assertThat(page.text("[aria-labelledby=h-definitions]")).contains("<img src=x");
        assertThat(page.text("[aria-labelledby=h-says]"))
            .contains("their words, which nothing checked", "</ul></section><form")
            .contains("safe‹U+202E›gpj.exe");
        page.screenshots("hold-hostile");
        assertThat(page.axe()).isEmpty();
        assertThat(page.problems()).isEmpty();
      }
    }
  }
}
