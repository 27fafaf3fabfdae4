package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log in a real browser. */
@SuppressWarnings("NullAway.Init") // set before each
class LogPageTest {
  @TempDir Path data;
  private PageScene scene;
  private Page page;
  private PageScene.Doing doing;
  private String path;

  @BeforeEach
  void open() throws Exception {
    scene =
        new PageScene(
            data,
            PageScene.workflow(
                "build",
                PageScene.job(
                    "compile", List.of(), "check out", "compile everything", "unit tests")));
    scene.stage.repository("harbour");
    scene.stage.run("harbour", "build");
    doing = scene.take();
    path = "/attempts/" + doing.lease.attempt();
    doing.started();
    page = scene.signedIn();
  }

  @AfterEach
  void close() throws Exception {
    page.close();
    scene.close();
  }

  private static String lines(int from, int to, String what) {
    var out = new StringBuilder();
    for (int i = from; i <= to; i++) {
      out.append(what).append(' ').append(i).append('\n');
    }
    return out.toString();
  }

  private void failedRun() throws Exception {
    doing.step().print("Cloning into /workspace\nHEAD is now at 1111111\n");
    scene.pass(2_000);
    doing.stepOver(new StepResult.Succeeded()).step();
    doing.print(
        "\u001b[1m[\u001b[34mINFO\u001b[0;1m]\u001b[0m Scanning for projects\u2026\n"
            + lines(1, 300, "\u001b[32m  compiled\u001b[0m dev/harbour/Tide")
            + "\u001b[33mwarning:\u001b[0m [deprecation] Moon in dev.harbour is deprecated\n");
    scene.pass(38_000);
    doing.stepOver(new StepResult.Succeeded()).step();
    doing.print(
        lines(1, 900, "ok TideTest.case")
            + "\u001b[1;31m[ERROR]\u001b[m TideTest.springTideIsHigher: expected 4.2 but was 3.9\n"
            + "    at dev.harbour.TideTest.springTideIsHigher(TideTest.java:88)\n"
            + lines(901, 1400, "ok TideTest.case"));
    scene.pass(40_000);
    doing.stepOver(new StepResult.Failed(1, "exit code 1"));
    doing.over(new Outcome.Failed("unit tests: exit code 1", 1));
  }

  @Test
  void aLogOpensAtTheFirstErrorOfTheStepThatFailed() throws Exception {
    failedRun();
    page.open(path);
    page.await("document.querySelector('.row.is-meant')");
    assertThat(page.text(".row.is-meant .c")).contains("springTideIsHigher: expected 4.2");
    assertThat(page.eval("document.querySelector('.row.is-meant .c span').className"))
        .isEqualTo("ab a1");
    assertThat(
            page.eval(
                "(() => { const r = document.querySelector('.row.is-meant').getBoundingClientRect();"
                    + " const l = document.getElementById('log').getBoundingClientRect(); return r.top"
                    + " > l.top && r.bottom < l.bottom; })()"))
        .as("it is in sight")
        .isEqualTo("true");
    assertThat(page.axe()).isEmpty();
    page.screenshots("log-failed");
    page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
    assertThat(page.problems()).isEmpty();
  }

  /** Of rows that are alike axe looks at one: the control of that it leaves the others out. */
  @Test
  void whatIsWrongWithOneRowAmongHundredsIsFound() throws Exception {
    failedRun();
    page.open(path + "?start=true");
    assertThat(page.count(".row")).isGreaterThan(300);
    assertThat(page.axe()).isEmpty();
    page.run(
        "const c = document.querySelectorAll('.row .c')[250]; c.append(document.createElement('img'))");
    assertThat(page.axe()).isNotEmpty().allSatisfy(line -> assertThat(line).contains("image-alt"));
  }

  @Test
  void stepsCloseLinesAreLinkedAndSearchedByKeyboard() throws Exception {
    failedRun();
    page.open(path + "?line=700#L700");
    page.await("document.querySelector('#L700.is-meant')");
    page.open(path + "?start=true");
    page.tabTo("#q", 20);
    page.type("springtideishigher");
    page.press("Enter");
    page.await("document.querySelectorAll('.hits li').length === 2");
    page.tabTo(".hits li a", 4);
    page.press("Enter");
    page.await("document.querySelector('.row.is-meant')?.textContent.includes('expected 4.2')");
    assertThat(page.path()).contains("?line=1205");
    page.open(path + "?start=true");
    page.tabTo(".part > summary", 40);
    int before = page.count(".row");
    page.press("Enter");
    page.await("!document.querySelector('.part').open");
    assertThat(page.eval("document.querySelector('#L1').checkVisibility()")).isEqualTo("false");
    assertThat(before).isPositive();
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void linesAreFetchedAsSomebodyComesToThem() throws Exception {
    failedRun();
    page.open(path + "?start=true");
    assertThat(page.count(".row")).isLessThanOrEqualTo(1000);
    for (int i = 0; i < 12; i++) {
      page.run("const l = document.getElementById('log'); l.scrollTop = l.scrollHeight");
      page.eval("new Promise(r => requestAnimationFrame(() => setTimeout(() => r(1), 50)))");
    }
    page.await("document.getElementById('L1706')");
    assertThat(page.text("#L1706 .c")).contains("TideTest.case");
    // Every line once, in order, none left out.
    assertThat(
            page.eval(
                "(() => { const n = [...document.querySelectorAll('.row')].map(r =>"
                    + " Number(r.id.slice(1))); return n.every((v, i) => i === 0 || v === n[i - 1] +"
                    + " 1); })()"))
        .isEqualTo("true");
  }

  @Test
  void whatIsPrintedIsSeenAndAHalfLineIsMadeWhole() throws Exception {
    doing.step();
    page.open(path);
    assertThat(page.text("#log-nothing")).contains("nothing yet");
    doing.print("first\nsec");
    page.await("document.querySelector('#L2 .c')?.textContent === 'sec'");
    doing.print("ond\nthird\n");
    page.await("document.querySelector('#L2 .c')?.textContent === 'second'");
    page.await("document.querySelector('#L3 .c')?.textContent === 'third'");
    assertThat(page.count(".row")).isEqualTo(3);
    doing.print(lines(4, 200, "line"));
    page.await("document.getElementById('L200')");
    page.await(
        "(() => { const l = document.getElementById('log'); return l.scrollTop + l.clientHeight >="
            + " l.scrollHeight - 40; })()");
    page.screenshots("log-running");
    doing.stepOver(new StepResult.Succeeded());
    doing.over(new Outcome.Succeeded());
    page.await("document.querySelector('#log-state .is-succeeded')");
    assertThat(page.eval("document.getElementById('log').dataset.over")).isEqualTo("true");
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void aMillionLinesOpenJumpAndAreSearched() throws Exception {
    doing.step();
    var all = new StringBuilder();
    for (int i = 1; i <= 1_000_000; i++) {
      all.append("line ").append(i).append(i == 777_777 ? " has the Needle\n" : "\n");
      if (all.length() > 4_000_000) {
        doing.print(all.toString());
        all.setLength(0);
      }
    }
    doing.print(all.toString());
    doing.stepOver(new StepResult.Succeeded());
    doing.over(new Outcome.Succeeded());
    page.open(path);
    assertThat(page.text("#log-total")).isEqualTo("1000000");
    assertThat(page.count(".row")).isLessThanOrEqualTo(1500);
    page.click("a[data-end]");
    page.await("document.querySelector('#L1000000 .c')?.textContent === 'line 1000000'");
    page.fill("#q", "needle");
    page.press("Enter");
    page.await("document.querySelectorAll('.hits li').length === 1");
    page.click(".hits li a");
    page.await("document.querySelector('#L777777.is-meant')");
    assertThat(page.count(".row")).isLessThanOrEqualTo(3500);
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void rawIsEveryByteAndPlainHasNoEscapes() throws Exception {
    doing.step().print("\u001b[31mred\u001b[0m\u001b]0;title\u0007 end\n");
    String raw =
        page.eval("fetch('" + path + "/raw').then(a => a.text()).then(t => JSON.stringify(t))");
    assertThat(raw).isEqualTo("\"\\u001b[31mred\\u001b[0m\\u001b]0;title\\u0007 end\\n\"");
    assertThat(page.eval("fetch('" + path + "/plain').then(a => a.text())")).isEqualTo("red end\n");
    assertThat(
            page.eval("fetch('" + path + "/raw').then(a => a.headers.get('content-disposition'))"))
        .startsWith("attachment");
  }
}
