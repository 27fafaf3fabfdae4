package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.trust.ForgePermission;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers write is shown as text, wherever it stands: it runs nothing and moves nothing. */
class HostileTextTest {
  private static final String SCRIPT =
      "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
  private static final String OVERRIDE = "safe\u202egpj.exe\u2066\u200b";

  private static final String HOSTILE_MESSAGE =
      SCRIPT
          + OVERRIDE
          + "S".repeat(3000)
          + "\n\n</pre></details></main>"
          + SCRIPT
          + "\n"
          + OVERRIDE
          + "\n\u001b[2J\u001b]0;title\u0007moved\u0000\n"
          + "M".repeat(1024 * 1024);

  @TempDir Path data;

  private static PageScene scene(Path data) throws Exception {
    var scene =
        new PageScene(
            data,
            PageScene.workflow(
                "build",
                PageScene.job(
                    "compile",
                    List.of(),
                    SCRIPT,
                    "second step",
                    "W".repeat(200),
                    "Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357\u0358\u0359\u035a\u035balgo")));
    scene.stage.repository("harbour");
    scene.stage.people.permit("42", ForgePermission.ADMIN);
    return scene;
  }

  @Test
  void whatStrangersWriteIsShownAsTextAndMovesNothing() throws Exception {
    try (var scene = scene(data);
        Page page = scene.signedIn()) {
      var commit = new CommitId("a".repeat(40));
      scene.stage.forge.message(commit, HOSTILE_MESSAGE);
      String run =
          scene
              .push(
                  "harbour",
                  "<b>" + "b".repeat(150) + "</b>",
                  commit,
                  SCRIPT + OVERRIDE + "N".repeat(3000),
                  1)
              .getFirst();
      var doing = scene.take();
      doing.started();
      doing.step().print(SCRIPT + "\n</code></div></main>" + SCRIPT + "\n");
      doing.stepOver(new StepResult.Succeeded()).step();
      doing.print(
          OVERRIDE
              + "\n\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007\n"
              + "\u001b[2J\u001b[10;10Hmoved\u001b]0;title\u0007\u001bP+q\u001b\\\u001b[31mred\n"
              + "a\u0008\u0008b\u0007\u0000\n");
      doing.print("W".repeat(1024 * 1024) + "\nafter the long word\n");
      doing.stepOver(new StepResult.Succeeded()).step();
      doing.stepOver(new StepResult.Failed(1, SCRIPT + OVERRIDE));
      doing.say(
          new dev.holdfast.model.wire.agent.AgentApi.AttemptEvent.Summary(
              scene.now(), "# " + SCRIPT + OVERRIDE + "\n" + "V".repeat(10_000)));
      doing.over(new Outcome.Failed(SCRIPT + " " + OVERRIDE, 1));

      String log = "/attempts/" + doing.lease.attempt();
      for (String path :
          List.of(
              "/runs",
              "/runs?person=" + "%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E",
              "/runs/" + run,
              log + "?start=true",
              log + "?q=%3Cimg",
              "/no-such-page?%3Cscript%3E")) {
        page.open(path);
        page.eval("new Promise(r => setTimeout(() => r(1), 100))");
        assertThat(page.eval("String(window.hit)")).as(path).isEqualTo("undefined");
        assertThat(page.eval("String(document.querySelectorAll('main img, main b').length)"))
            .as(path)
            .isEqualTo("0");
        assertThat(page.eval("document.documentElement.textContent"))
            .as("an override is seen, and does nothing: " + path)
            .doesNotContain("\u202e")
            .doesNotContain("\u2066")
            .doesNotContain("\u200b");
        page.eachLook(look -> assertThat(page.fits()).as(path + " " + look).isTrue());
      }
      page.open("/runs/" + run);
      assertThat(page.text("#run")).contains("<img src=x", "safe‹U+202E›gpj.exe");
      assertThat(page.text(".message-subject")).startsWith("<img src=x onerror");
      assertThat(page.text(".message-body"))
          .contains("</pre></details></main><img src=x", "safe‹U+202E›gpj.exe", "␛[2J")
          .hasSizeLessThan(9000);
      page.screenshots("hostile-run");
      page.open("/runs");
      assertThat(page.text("#runs")).contains("<img src=x", "<b>bbb");
      assertThat(page.text(".group-message")).startsWith("<img src=x onerror");
      page.screenshots("hostile-runs");
      page.open(log + "?start=true");
      assertThat(page.text("#L1 .c")).isEqualTo(SCRIPT);
      assertThat(page.text("#L3 .c")).contains("safe‹U+202E›gpj.exe");
      assertThat(page.text("#L4 .c")).isEqualTo("link");
      assertThat(page.count(".row .c a:not(.left)")).isZero();
      assertThat(page.text("#L5 .c")).isEqualTo("movedred");
      assertThat(page.text("#L7 .c")).contains("1032192 bytes more");
      assertThat(page.text("#L8 .c")).isEqualTo("after the long word");
      page.screenshots("hostile-log");
      page.forgive(); // that there is no such page
      page.open("/runs/" + run);
      assertThat(page.problems()).isEmpty();
      assertThat(scene.admin.get("/metrics").text()).contains("holdfast_csp_reports_total 0.0");
    }
  }

  /** The control: what runs if it stands in a page is refused, and that is heard of. */
  @Test
  void whatWouldRunIsRefusedByThePolicyAndReported() throws Exception {
    try (var scene = scene(data);
        Page page = scene.signedIn()) {
      page.open("/runs");
      page.run(
          "const d = document.createElement('div'); d.innerHTML = '<img src=x"
              + " onerror=\"window.hit=1\">'; document.body.append(d)");
      page.await("true");
      org.awaitility.Awaitility.await()
          .until(
              () -> !scene.admin.get("/metrics").text().contains("holdfast_csp_reports_total 0.0"));
      assertThat(page.eval("String(window.hit)")).isEqualTo("undefined");
      assertThat(page.problems()).isNotEmpty();
    }
  }
}
