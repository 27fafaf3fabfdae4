package dev.holdfast.agent.job;

import dev.holdfast.agent.mask.MaskedLog;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.Contact;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What is said of one attempt, by its own thread and by those that hear of its services: one at a
 * time, and nothing after the end. Everything passes the attempt's masker here, and nowhere else
 * does anything leave: places in the log are those of the masked one. Thread-safe.
 */
final class Reports implements AttemptReporter {
  /**
   * How long the log rests before what the masker holds of it is let go, so that who follows it
   * sees the end of a line that nothing comes behind.
   */
  static final Duration REST = Duration.ofSeconds(1);

  /** What an output is called whose name held a secret. */
  static final Name MASKED_NAME = new Name("masked");

  private final AttemptReporter reporter;
  private final Masker masker;
  private final MaskedLog masked;
  private final ScheduledExecutorService timer;
  private long logged;
  private long pieces;
  private boolean resting;
  private boolean lineOpen;
  private boolean over;

  Reports(AttemptReporter reporter, Masker masker, ScheduledExecutorService timer) {
    this.reporter = reporter;
    this.masker = masker;
    this.masked = masker.log();
    this.timer = timer;
  }

  @Override
  public synchronized void event(AttemptEvent event) throws InterruptedException {
    if (!over) {
      AttemptEvent harmless = masked(event);
      over = event instanceof AttemptEvent.Finished;
      reporter.event(harmless);
    }
  }

  /** That a step starts, at the place in the log where its output will. */
  synchronized void stepStarted(Instant at, int step) throws InterruptedException {
    settle();
    event(new AttemptEvent.StepStarted(at, step, logged));
  }

  /** The last that is said. */
  synchronized void finished(Instant at, Outcome outcome) throws InterruptedException {
    settle();
    event(new AttemptEvent.Finished(at, outcome, logged));
  }

  @Override
  public synchronized void log(byte[] bytes) throws InterruptedException {
    if (!over && bytes.length > 0) {
      pieces++;
      pass(masked.write(bytes));
      restLater();
    }
  }

  /**
   * Adds lines of the agent's own to the log.
   *
   * @param line what there is to say
   * @param quoted what somebody else said of it; may be empty
   */
  synchronized void say(String line, String quoted) throws InterruptedException {
    // Past the stream: a secret that these lines stand in the middle of is found nevertheless.
    settle();
    var text = new StringBuilder("holdfast: ").append(line);
    if (!quoted.isBlank()) {
      text.append("; the last that it printed:");
      quoted.lines().forEach(each -> text.append("\n  ").append(each));
    }
    pass(
        ((lineOpen ? "\n" : "") + masker.text(text.toString()) + "\n")
            .getBytes(StandardCharsets.UTF_8));
  }

  /** How the attempt ends, as it may be told. */
  Outcome masked(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded() -> outcome;
      case Outcome.Failed(String reason, int exitCode) ->
          new Outcome.Failed(masker.text(reason), exitCode);
      case Outcome.TimedOut(String reason) -> new Outcome.TimedOut(masker.text(reason));
      case Outcome.Cancelled() -> outcome;
      case Outcome.Refused(String reason) -> new Outcome.Refused(masker.text(reason));
      case Outcome.Broken(String reason) -> new Outcome.Broken(masker.text(reason));
    };
  }

  private AttemptEvent masked(AttemptEvent event) throws InterruptedException {
    return switch (event) {
      // Of the agent's own making: a place, a time, what an engine calls an image.
      case AttemptEvent.Started started -> started;
      case AttemptEvent.StepStarted started -> started;
      // Their names, which the definition has.
      case AttemptEvent.SecretsHanded handed -> handed;
      case AttemptEvent.SecretUsed used ->
          new AttemptEvent.SecretUsed(
              used.at(),
              used.step(),
              used.name(),
              used.method(),
              used.host(),
              shortened(masker.text(used.path())),
              used.status());
      case AttemptEvent.StepFinished(Instant at, int step, StepResult result) -> {
        settle();
        yield new AttemptEvent.StepFinished(at, step, masked(result));
      }
      case AttemptEvent.Output(Instant at, Name name, String value) ->
          new AttemptEvent.Output(at, masked(name), masker.text(value));
      case AttemptEvent.Summary(Instant at, String markdown) ->
          new AttemptEvent.Summary(at, masker.text(markdown));
      case AttemptEvent.Contacted(Instant at, List<Contact> contacts) ->
          new AttemptEvent.Contacted(at, contacts.stream().map(this::masked).toList());
      case AttemptEvent.Finished(Instant at, Outcome outcome, long length) ->
          new AttemptEvent.Finished(at, masked(outcome), length);
    };
  }

  /** A mask can be longer than what it stands for. */
  private static String shortened(String path) {
    return path.substring(0, Math.min(path.length(), AttemptEvent.SecretUsed.MOST_PATH));
  }

  private StepResult masked(StepResult result) {
    return switch (result) {
      case StepResult.Failed(int exitCode, String reason) ->
          new StepResult.Failed(exitCode, masker.text(reason));
      case StepResult.Succeeded() -> result;
      case StepResult.Skipped() -> result;
      case StepResult.TimedOut() -> result;
      case StepResult.Cancelled() -> result;
    };
  }

  private Name masked(Name name) throws InterruptedException {
    if (masker.text(name.value()).equals(name.value())) {
      return name;
    }
    say("the name of an output held a secret; it is called " + MASKED_NAME, "");
    return MASKED_NAME;
  }

  /** A name that was looked up is the job's own words; without it the address still tells. */
  private Contact masked(Contact contact) {
    Optional<String> name = contact.name();
    return name.isEmpty() || masker.text(name.get()).equals(name.get())
        ? contact
        : new Contact(
            contact.address(),
            Optional.empty(),
            contact.protocol(),
            contact.port(),
            contact.packets(),
            contact.bytes(),
            contact.allowed());
  }

  private void settle() throws InterruptedException {
    pass(masked.settle());
  }

  private void pass(byte[] bytes) throws InterruptedException {
    if (!over && bytes.length > 0) {
      logged += bytes.length;
      lineOpen = bytes[bytes.length - 1] != '\n';
      reporter.log(bytes);
    }
  }

  private void restLater() {
    if (!resting && masked.held() > 0) {
      resting = true;
      long seen = pieces;
      // Not on the timer's thread: who takes the log may make it wait.
      var _ =
          timer.schedule(
              () -> Thread.ofVirtual().name("log-rest").start(() -> rest(seen)),
              REST.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void rest(long seen) {
    resting = false;
    if (over) {
      return;
    }
    if (seen != pieces) {
      restLater();
      return;
    }
    try {
      settle();
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; the bytes are counted, and nothing more may follow them.
      Thread.currentThread().interrupt();
    }
  }

  /** Bytes of the masked log so far. */
  synchronized long logged() {
    return logged;
  }
}
