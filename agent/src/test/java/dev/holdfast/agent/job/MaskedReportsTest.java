package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.Contact;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A job tries to get a secret out of its host by each thing that is reported of it. */
class MaskedReportsTest {
  private static final String SECRET = "s3cr3t-of-the-deploy";
  private static final Instant NOW = Instant.EPOCH;

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Heard heard = new Heard();
  private final Masker masker = new Masker();
  private final Reports reports = new Reports(heard, masker, timer);

  @AfterEach
  void end() {
    timer.shutdownNow();
  }

  private void know() {
    masker.add(List.of(SECRET.getBytes(StandardCharsets.UTF_8)));
  }

  private void log(String text) throws InterruptedException {
    reports.log(text.getBytes(StandardCharsets.UTF_8));
  }

  private void sayEverywhere() throws InterruptedException {
    reports.stepStarted(NOW, 0);
    log("it is " + SECRET + "\n");
    reports.event(new AttemptEvent.Output(NOW, new Name("out"), "x" + SECRET));
    reports.event(new AttemptEvent.Output(NOW, new Name(SECRET), "x"));
    reports.event(new AttemptEvent.Summary(NOW, "# " + SECRET));
    reports.say("a service failed", "it printed\n" + SECRET);
    reports.event(new AttemptEvent.StepFinished(NOW, 0, new StepResult.Failed(1, "no " + SECRET)));
    reports.event(
        new AttemptEvent.Contacted(
            NOW,
            List.of(
                new Contact(
                    "192.0.2.1", Optional.of(SECRET + ".example.org"), "tcp", 443, 1, 1, true))));
    reports.finished(NOW, new Outcome.Failed("why: " + SECRET, 1));
  }

  @Test
  void nothingThatIsReportedTellsASecret() throws Exception {
    know();
    sayEverywhere();
    assertThat(heard.log()).doesNotContain(SECRET).contains("it is ***\n").contains("\n  ***\n");
    assertThat(heard.events().toString()).doesNotContain(SECRET);
    assertThat(heard.outcome()).isEqualTo(new Outcome.Failed("why: ***", 1));
  }

  @Test
  void positiveControl_whatIsNoSecretIsReportedByEachOfThem() throws Exception {
    sayEverywhere();
    assertThat(heard.log().split(SECRET, -1)).hasSize(3);
    assertThat(heard.events().toString().split(SECRET, -1)).hasSize(7);
  }

  @Test
  void placesInTheLogAreThoseOfTheMaskedOne() throws Exception {
    know();
    reports.stepStarted(NOW, 0);
    log("a " + SECRET + " b\n");
    reports.stepStarted(NOW, 1);
    log("second\n");
    reports.finished(NOW, new Outcome.Succeeded());
    assertThat(heard.log()).isEqualTo("a *** b\nsecond\n");
    assertThat(heard.events())
        .contains(new AttemptEvent.StepStarted(NOW, 1, 8))
        .endsWith(new AttemptEvent.Finished(NOW, new Outcome.Succeeded(), 15));
  }

  @Test
  void aSecretThatTwoStepsPrintIsMasked() throws Exception {
    know();
    for (int cut = 1; cut < SECRET.length(); cut++) {
      var split = new Heard();
      var steps = new Reports(split, masker, timer);
      steps.stepStarted(NOW, 0);
      steps.log(SECRET.substring(0, cut).getBytes(StandardCharsets.UTF_8));
      steps.stepStarted(NOW, 1);
      steps.log(SECRET.substring(cut).getBytes(StandardCharsets.UTF_8));
      steps.finished(NOW, new Outcome.Succeeded());
      assertThat(split.log()).isIn("***", "s***", "s3***");
    }
  }

  @Test
  void aLineOfTheAgentsOwnBreaksNoSecretApart() throws Exception {
    know();
    log("s3cr3t-of");
    reports.say("a service ended", "");
    log("-the-deploy\n");
    reports.finished(NOW, new Outcome.Succeeded());
    assertThat(heard.log()).isEqualTo("***\nholdfast: a service ended\n\n");
  }

  @Test
  void whatIsHeldComesOutWhenTheLogRests() throws Exception {
    know();
    log("continue? yes");
    assertThat(heard.log()).isEqualTo("continue? ye");
    await().untilAsserted(() -> assertThat(heard.log()).isEqualTo("continue? yes"));
  }
}
