package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.ChannelListener;
import dev.holdfast.agent.channel.JobConversation;
import dev.holdfast.agent.channel.ProtocolViolation;
import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.channel.Said;
import dev.holdfast.agent.inventory.Remnant;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.secret.JobSecrets;
import dev.holdfast.agent.secret.SecretOutputs;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.agent.secret.SecretsUnavailable;
import dev.holdfast.agent.transfer.Shelf;
import dev.holdfast.agent.transfer.Transfers;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt, from its lease to its end: the checkout beside the sandbox's start, then the
 * channel, the job, the relay of what the runner says, and the sandbox destroyed.
 *
 * <p>{@link #run} is called once, by a thread of its own, and {@link #awaitGone} after it by the
 * same: the attempt's place is free only when that returns. The other methods may be called by any
 * thread at any time.
 */
public final class JobExecution {
  private static final Logger LOG = LoggerFactory.getLogger(JobExecution.class);

  private final Lease lease;
  private final SecretSource secretSource;
  private final SecretOutputs secretOutputs;
  private final Workshop workshop;
  private final Masker masker;
  private final Reports reports;
  private final StopSwitch stop;
  private final Phases phases = new Phases();
  private final Aftermath aftermath;
  private final Shelf shelf;

  /** By an agent that hides nothing of its own, gives no secrets and keeps no files. */
  public JobExecution(Lease lease, Workshop workshop, AttemptReporter reporter) {
    this(lease, workshop, reporter, Shelf.none("nothing is kept here"));
  }

  /** By an agent that hides nothing of its own and gives no secrets. */
  public JobExecution(Lease lease, Workshop workshop, AttemptReporter reporter, Shelf shelf) {
    this(lease, workshop, reporter, new Masker(), SecretSource.none(), shelf);
  }

  /** By an agent that keeps no files of jobs. */
  public JobExecution(
      Lease lease,
      Workshop workshop,
      AttemptReporter reporter,
      Masker masker,
      SecretSource secretSource) {
    this(lease, workshop, reporter, masker, secretSource, Shelf.none("nothing is kept here"));
  }

  /**
   * @param masker for this attempt alone; holds what the agent itself keeps from jobs, and takes
   *     what is handed over to this one
   * @param secretSource is asked if the job declares secrets
   * @param shelf where files of the job are kept beyond it
   */
  public JobExecution(
      Lease lease,
      Workshop workshop,
      AttemptReporter reporter,
      Masker masker,
      SecretSource secretSource,
      Shelf shelf) {
    this.shelf = shelf;
    this.lease = lease;
    this.secretSource = secretSource;
    this.secretOutputs = new SecretOutputs(lease, secretSource, masker);
    this.workshop = workshop;
    this.masker = masker;
    this.reports = new Reports(reporter, masker, workshop.timer());
    this.stop = new StopSwitch(workshop.timer(), workshop.patience().cancel());
    this.aftermath = new Aftermath(lease.attempt(), workshop);
  }

  /** Stops the job; it ends as cancelled. */
  public void cancel() {
    stop.gently(new Stop.Cancelled());
  }

  /** The lease is lost: ends everything and reports nothing more. */
  public void abandon() {
    stop.now(new Stop.Lost());
  }

  /**
   * Ends everything and reports the attempt as broken for {@code reason}, to be tried elsewhere.
   */
  public void abort(String reason) {
    stop.now(new Stop.Aborted(reason));
  }

  /** Runs it to its end and reports that. */
  public void run() throws InterruptedException {
    Outcome outcome = reports.masked(inDirectory());
    phases.mark("gone");
    LOG.info("{}: {} ({})", lease.attempt(), outcome, phases);
    if (!stop.lost()) {
      reports.finished(now(), outcome);
    }
  }

  /**
   * Waits until nothing of the attempt is left on the host, which is at once unless something could
   * not be ended; then it is tried again and again.
   */
  public void awaitGone() throws InterruptedException {
    aftermath.awaitGone();
  }

  /** Whether something of the attempt is still on the host after {@link #run}. */
  public boolean leftSomething() {
    return aftermath.leftSomething();
  }

  /** What an inventory of the host last found of the attempt; nothing if it is all gone. */
  public List<Remnant> remains() {
    return aftermath.found();
  }

  private Outcome inDirectory() throws InterruptedException {
    Optional<String> refusal =
        workshop
            .clearing()
            .refusal(lease)
            .or(() -> workshop.policy().refusal(lease, workshop.backend().kind()));
    if (refusal.isPresent()) {
      return new Outcome.Refused(refusal.get());
    }
    Path directory;
    try {
      directory =
          workshop
              .directories()
              .create(lease.attempt(), workshop.backend().workspaceDisk(workshop.limits()));
    } catch (IOException e) {
      return new Outcome.Broken("the agent cannot make a directory for the job: " + e.getMessage());
    }
    try {
      return prepared(directory);
    } finally {
      aftermath.lookAround();
    }
  }

  private Outcome prepared(Path directory) throws InterruptedException {
    var spec =
        new SandboxSpec(
            lease.attempt(),
            directory,
            workshop.distribution().directory(),
            lease.job().job().image(),
            workshop.limits(),
            workshop.networks().nameserver(lease),
            RunnerDistribution.command(),
            RunnerDistribution.environment(),
            lease.source().repository(),
            lease.pinned(),
            lease.job().job().root(),
            JobServices.of(lease, workshop.policy()));
    ScheduledFuture<?> tooSlow =
        after(
            workshop.patience().preparation(),
            new Stop.Aborted(
                "checkout and sandbox took longer than "
                    + text(workshop.patience().preparation())));
    var checkout = new CheckoutTask(workshop.checkout(), lease.source(), spec.workspace());
    stop.register(checkout.start());
    try {
      Sandbox sandbox = workshop.backend().create(spec);
      try {
        phases.mark("sandbox made");
        return inSandbox(sandbox, spec, checkout, tooSlow);
      } finally {
        aftermath.close(sandbox);
      }
    } catch (SandboxRefused e) {
      return stopped().orElse(new Outcome.Refused(message(e)));
    } catch (SandboxUnavailable e) {
      return stopped().orElse(new Outcome.Broken(message(e)));
    } finally {
      tooSlow.cancel(false);
      checkout.end();
    }
  }

  private void close(JobNetworks.Network network) throws InterruptedException {
    List<Contact> contacts = aftermath.close(network);
    if (!contacts.isEmpty()) {
      reports.event(new AttemptEvent.Contacted(now(), contacts));
    }
  }

  private Outcome inSandbox(
      Sandbox sandbox, SandboxSpec spec, CheckoutTask checkout, ScheduledFuture<?> tooSlow)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    stop.register(sandbox);
    if (!sandbox.sealedUntilHandOver()) {
      Optional<Outcome> failed = checkout.await();
      if (failed.isPresent()) {
        return stopped().orElse(failed.get());
      }
    }
    try (var listener = ChannelListener.open(spec.channel(), sandbox.user())) {
      sandbox.start();
      // Again: an end that was ordered meanwhile had nothing to kill.
      stop.register(sandbox);
      phases.mark("sandbox started");
      try (RunnerLink link =
          listener.accept(workshop.patience().greeting(), sandbox.exited(), workshop.timer())) {
        stop.register(link);
        phases.mark("runner connected");
        return converse(link, sandbox, spec, checkout, tooSlow);
      }
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      String words = masker.text(sandbox.diagnostics());
      return stopped()
          .orElse(
              new Outcome.Broken(
                  message(e) + (words.isEmpty() ? "" : "; it printed: " + shortened(words))));
    }
  }

  private Transfers transfers(RunnerLink link, Path directory) {
    return new Transfers(
        lease.job().job(), shelf, link, line -> reports.say(line, ""), Caps.standard(), directory);
  }

  private Outcome converse(
      RunnerLink link,
      Sandbox sandbox,
      SandboxSpec spec,
      CheckoutTask checkout,
      ScheduledFuture<?> tooSlow)
      throws IOException, SandboxRefused, InterruptedException {
    var classes = new JobClasses(lease, workshop);
    Optional<byte[]> cached = classes.cached();
    var conversation =
        new JobConversation(
            lease.job().job().steps().size(),
            Entrance.asking(lease.job().job()),
            classes.needed() && cached.isEmpty(),
            workshop.bounds());
    try {
      ScheduledFuture<?> silent =
          after(
              workshop.patience().greeting(),
              new Stop.Aborted("the runner connected and said nothing"));
      conversation.take(link.read());
      silent.cancel(false);
      reports.event(new AttemptEvent.Started(now(), sandbox.image(), sandbox.serviceImages()));
      Optional<Outcome> failed = checkout.await();
      if (failed.isPresent()) {
        return stopped().orElse(failed.get());
      }
      phases.mark("checked out");
      sandbox.handOver();
      tooSlow.cancel(false);
      JobNetworks.Network network = workshop.networks().open(lease, sandbox);
      try {
        phases.mark("network open");
        Optional<Outcome> unready = JobServices.start(sandbox, reports);
        if (unready.isPresent()) {
          return stopped().orElse(unready.get());
        }
        phases.mark("services ready");
        try (JobSecrets secrets = JobSecrets.of(lease, secretSource, masker)) {
          phases.mark("secrets there");
          return started(link, sandbox, conversation, classes, cached, secrets, network, spec);
        } catch (SecretsUnavailable e) {
          return stopped()
              .orElse(e.again() ? new Outcome.Broken(message(e)) : new Outcome.Refused(message(e)));
        }
      } finally {
        close(network);
      }
    } catch (ProtocolViolation e) {
      return stopped().orElse(new Outcome.Failed(message(e), 1));
    } catch (BrokenChannel e) {
      return stopped()
          .orElse(
              new Outcome.Failed(
                  "the job meddled with its runner, and was ended: " + message(e), 1));
    } catch (EOFException e) {
      return stopped().orElse(explained(ended(sandbox, conversation), sandbox));
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      return stopped().orElse(explained(ended(sandbox, conversation), sandbox));
    }
  }

  private Outcome started(
      RunnerLink link,
      Sandbox sandbox,
      JobConversation conversation,
      JobClasses classes,
      Optional<byte[]> cached,
      JobSecrets secrets,
      JobNetworks.Network network,
      SandboxSpec spec)
      throws IOException, ProtocolViolation, InterruptedException {
    if (!stop.beginJob()) {
      return stopped().orElseThrow();
    }
    send(link, sandbox, cached);
    Duration limit = lease.job().job().timeout().orElse(Job.DEFAULT_TIMEOUT).duration();
    Countdown timeout = timeout(limit);
    try (var entrance =
        new Entrance(
            lease,
            workshop.gate(),
            secrets,
            secretSource,
            masker,
            network,
            sandbox.inside().alone(),
            reports,
            workshop.clock(),
            workshop.timer(),
            link,
            conversation,
            stop,
            timeout)) {
      return explained(
          relay(link, conversation, classes, entrance, transfers(link, spec.directory())), sandbox);
    } finally {
      timeout.cancel();
      sandbox.endWatch();
    }
  }

  private void send(RunnerLink link, Sandbox sandbox, Optional<byte[]> cached) throws IOException {
    if (cached.isPresent()) {
      link.sendClasses(cached.get());
    }
    link.send(
        new ToRunner.RunJob(
            lease.workflow(),
            JobServices.without(lease.job()),
            lease.event(),
            sandbox.inside().workspace(),
            JobEnvironment.of(lease, sandbox.imageEnvironment(), sandbox.inside()),
            lease.sources(),
            lease.outputs(),
            sandbox.inside().alone()));
    phases.mark("job sent");
  }

  private Outcome relay(
      RunnerLink link,
      JobConversation conversation,
      JobClasses classes,
      Entrance entrance,
      Transfers transfers)
      throws IOException, ProtocolViolation, InterruptedException {
    boolean first = true;
    while (true) {
      switch (conversation.take(link.read())) {
        case Said.Ready() -> throw new IllegalStateException("a second greeting passed");
        case Said.Classes(byte[] zip) -> classes.keep(zip);
        case Said.StepWaits(int step) -> entrance.waits(step);
        case Said.StepStarted(int step) -> {
          entrance.passed();
          reports.stepStarted(now(), step);
        }
        case Said.Log(byte[] bytes) -> {
          if (first) {
            phases.mark("first output");
            first = false;
          }
          reports.log(bytes);
        }
        case Said.Keep(var message, boolean after) -> transfers.take(message, after);
        case Said.Archive(byte[] bytes) -> transfers.archive(bytes);
        case Said.Output(var name, String value) -> {
          if (secretOutputs.has(name)) {
            Optional<Outcome> lost = keep(name, value);
            if (lost.isPresent()) {
              return stopped().orElse(lost.get());
            }
          } else {
            reports.event(new AttemptEvent.Output(now(), name, value));
          }
        }
        case Said.Summary(String markdown) ->
            reports.event(new AttemptEvent.Summary(now(), markdown));
        case Said.StepFinished(int step, var result) -> {
          entrance.over();
          reports.event(new AttemptEvent.StepFinished(now(), step, result));
        }
        case Said.Finished(Outcome outcome) -> {
          phases.mark("job over");
          return outcome instanceof Outcome.Succeeded ? outcome : stopped().orElse(outcome);
        }
      }
    }
  }

  /** How the job ends if its secret output is not kept. */
  private Optional<Outcome> keep(Name name, String value) throws InterruptedException {
    try {
      secretOutputs.take(name, value);
      return Optional.empty();
    } catch (SecretsUnavailable e) {
      return Optional.of(
          e.again() ? new Outcome.Broken(message(e)) : new Outcome.Failed(message(e), 1));
    }
  }

  /** A failure that comes from the memory limit says so. */
  private Outcome explained(Outcome outcome, Sandbox sandbox) {
    return outcome instanceof Outcome.Failed(String reason, int exitCode)
            && sandbox.ranOutOfMemory()
        ? new Outcome.Failed(
            reason
                + "; the kernel ended processes of the job because its memory ran out, of which it"
                + " may have "
                + workshop.limits().beside(lease.job().job().services().size()).memory()
                    / (1024 * 1024)
                + " MiB",
            exitCode)
        : outcome;
  }

  /** The runner is gone and did not say how the job ended. */
  private Outcome ended(Sandbox sandbox, JobConversation conversation) throws InterruptedException {
    String how;
    int code = 1;
    try {
      code = sandbox.exited().get(5, TimeUnit.SECONDS);
      how =
          code == 137
              ? "the runner was killed, by the job or by the kernel when memory ran out"
              : "the runner ended with " + code;
    } catch (ExecutionException | TimeoutException e) {
      how = "the runner closed the channel";
    }
    how = sandbox.collapse().map(masker::text).map(JobExecution::shortened).orElse(how);
    if (conversation.begun()) {
      return new Outcome.Failed(
          how + conversation.running().map(step -> ", in step " + (step + 1)).orElse(""),
          Math.max(1, code));
    }
    String words = masker.text(sandbox.diagnostics());
    return new Outcome.Broken(
        how
            + " before the first step"
            + (words.isEmpty() ? "" : "; it printed: " + shortened(words)));
  }

  private Optional<Outcome> stopped() {
    return stop.reason().map(Stop::outcome);
  }

  private ScheduledFuture<?> after(Duration patience, Stop why) {
    return workshop
        .timer()
        .schedule(() -> stop.now(why), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Countdown timeout(Duration limit) {
    var why = new Stop.TimedOut("the job took longer than its " + text(limit));
    return new Countdown(
        workshop.timer(), limit.plus(workshop.patience().overtime()), () -> stop.gently(why));
  }

  private Instant now() {
    return workshop.clock().instant();
  }

  private static String text(Duration duration) {
    return duration.toMinutes() > 0 && duration.toSecondsPart() == 0
        ? duration.toMinutes() + " minutes"
        : duration.toSeconds() + " s";
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static String shortened(String words) {
    String line = words.replaceAll("\\s+", " ");
    return line.length() <= 500 ? line : "…" + line.substring(line.length() - 500);
  }
}
