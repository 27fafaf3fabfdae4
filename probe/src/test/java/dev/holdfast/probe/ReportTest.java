package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Attack ATTACK = Catalogue.matching("file.host-path").getFirst();
  private static final Verdict STOPPED = new Verdict.Stopped("no way");
  private static final Verdict THROUGH = new Verdict.Through("it is there");
  private static final Verdict UNCLEAR = new Verdict.Inconclusive("it said nothing");

  private static Result result(Verdict attempt, Verdict control) {
    return new Result(
        ATTACK,
        Backend.NAMESPACES,
        Optional.of(attempt),
        Optional.of(control),
        "",
        Duration.ofMillis(7));
  }

  private static Report report(Result... results) {
    return new Report(List.of(results), Set.of());
  }

  @Test
  void onlyAStoppedAttackWithAControlThatWorksIsGood() {
    assertThat(report(result(STOPPED, THROUGH)).held()).isTrue();
    assertThat(report(result(THROUGH, THROUGH)).held()).isFalse();
    assertThat(report(result(UNCLEAR, THROUGH)).held()).isFalse();
    assertThat(report(result(STOPPED, STOPPED)).held()).isFalse();
    assertThat(report(result(STOPPED, UNCLEAR)).held()).isFalse();
    assertThat(report(result(STOPPED, THROUGH), result(THROUGH, THROUGH)).held()).isFalse();
  }

  @Test
  void nothingRunIsNothingShown() {
    var notRun =
        new Result(
            ATTACK, Backend.NAMESPACES, Optional.empty(), Optional.empty(), "why", Duration.ZERO);
    assertThat(report().held()).isFalse();
    assertThat(report(notRun).held()).isFalse();
    assertThat(report(notRun, result(STOPPED, THROUGH)).held()).isTrue();
  }

  @Test
  void withoutAPartWhatOnlyThatStopsMustGetThrough() {
    var red =
        new Result(
            ATTACK, Backend.NAMESPACES, Optional.of(THROUGH), Optional.empty(), "", Duration.ZERO);
    var held =
        new Result(
            ATTACK, Backend.NAMESPACES, Optional.of(STOPPED), Optional.empty(), "", Duration.ZERO);
    assertThat(new Report(List.of(red), Set.of(Protection.OWN_FILES)).canFail()).isTrue();
    assertThat(new Report(List.of(red, held), Set.of(Protection.OWN_FILES)).canFail()).isFalse();
    assertThat(new Report(List.of(red), Set.of(Protection.OWN_IPC)).canFail()).isFalse();
    assertThat(new Report(List.of(), Set.of(Protection.OWN_FILES)).canFail()).isFalse();
  }

  @Test
  void anAnswerIsALineOfItsOwnAndThroughWins() {
    assertThat(Verdict.in("x\nHOLDFAST-PROBE stopped: no\n", UNCLEAR))
        .isEqualTo(new Verdict.Stopped("no"));
    assertThat(Verdict.in("HOLDFAST-PROBE stopped: no\nHOLDFAST-PROBE through: yes", UNCLEAR))
        .isEqualTo(new Verdict.Through("yes"));
    assertThat(Verdict.in("I say HOLDFAST-PROBE stopped: no", UNCLEAR)).isEqualTo(UNCLEAR);
    assertThat(Verdict.in("", UNCLEAR)).isEqualTo(UNCLEAR);
  }

  @Test
  void whatAJobPrintedIsTextOnThePage() {
    var hostile = new Verdict.Through("</code><script>alert('1')</script>\u202e\u001b[2J\"&");
    String page =
        ReportHtml.of(report(result(hostile, THROUGH)), "holdfast <1>", "a&b", Instant.EPOCH);
    assertThat(page)
        .doesNotContain("<script", "\u202e", "\u001b", "holdfast <1>", "a&b")
        .contains(
            "&lt;/code&gt;&lt;script&gt;alert(&#39;1&#39;)", "NOT HELD", "default-src 'none'");
  }

  @Test
  void theReportAsData() {
    assertThat(JsonText.compact(ReportJson.of(report(result(STOPPED, THROUGH)))))
        .isEqualTo(
            "{\"held\":true,\"summary\":\"1 held, 0 not held, 0 inconclusive, 0 not run; 0 controls"
                + " that do not work\",\"without\":[],\"results\":[{\"id\":\"file.host-path\","
                + "\"promise\":\"P3\",\"idea\":\"A file of the host that everybody there may read.\","
                + "\"backend\":\"namespaces\",\"stopped-by\":[\"own-files\"],\"result\":\"held\","
                + "\"says\":\"no way\",\"control-works\":true,\"control-says\":\"it is there\","
                + "\"millis\":7}]}");
  }
}
