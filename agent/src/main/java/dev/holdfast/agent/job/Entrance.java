package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.JobConversation;
import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.secret.JobSecrets;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.agent.secret.SecretsUnavailable;
import dev.holdfast.agent.secret.StepTokens;
import dev.holdfast.agent.use.StepUses;
import dev.holdfast.agent.use.Usable;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.channel.SecretValues;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the steps of one job that ask before they start. The gate is asked by a thread of its
 * own, so that the runner is heard meanwhile: it may be gone, or cancelled, before there is an
 * answer.
 */
final class Entrance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

  private final Lease lease;
  private final StepGate gate;
  private final JobSecrets secrets;
  private final SecretSource source;
  private final Masker masker;
  private final JobNetworks.Network network;
  private final boolean alone;
  private final Reports reports;
  private final InstantSource clock;
  private final ScheduledExecutorService timer;
  private final RunnerLink link;
  private final JobConversation conversation;
  private final StopSwitch stop;
  private final Countdown limit;
  private @Nullable Thread asking;
  private boolean answering;
  private boolean installing;

  /** Of the step that starts or runs. Opened by the thread that asks, which is joined before. */
  private volatile StepUses uses = StepUses.none();

  /**
   * @param secrets of the job
   * @param source of the tokens of a step that starts
   * @param masker that takes them out of what the job says
   * @param network of the job, which reaches registries alone until a step that does not install
   * @param alone whether its sandbox has no processes but its own
   */
  Entrance(
      Lease lease,
      StepGate gate,
      JobSecrets secrets,
      SecretSource source,
      Masker masker,
      JobNetworks.Network network,
      boolean alone,
      Reports reports,
      InstantSource clock,
      ScheduledExecutorService timer,
      RunnerLink link,
      JobConversation conversation,
      StopSwitch stop,
      Countdown limit) {
    this.lease = lease;
    this.gate = gate;
    this.secrets = secrets;
    this.source = source;
    this.masker = masker;
    this.network = network;
    this.installing = lease.job().job().installs();
    this.alone = alone;
    this.reports = reports;
    this.clock = clock;
    this.timer = timer;
    this.link = link;
    this.conversation = conversation;
    this.stop = stop;
    this.limit = limit;
  }

  /** The numbers of the steps that ask. */
  static Set<Integer> asking(Job job) {
    var found = new HashSet<Integer>();
    for (int i = 0; i < job.steps().size(); i++) {
      if (job.asks(i)) {
        found.add(i);
      }
    }
    return found;
  }

  /** The step waits; it has its answer in time. */
  void waits(int number) {
    limit.pause();
    synchronized (this) {
      answering = false;
    }
    asking = Thread.ofVirtual().name("gate of " + lease.attempt()).start(() -> answer(number));
  }

  /** Nobody waits any more: the step has started, or is over. */
  void passed() throws InterruptedException {
    Thread thread = asking;
    if (thread != null) {
      synchronized (this) {
        // An interrupt in the middle of a write would close the channel.
        if (!answering) {
          thread.interrupt();
        }
      }
      thread.join();
      asking = null;
      limit.goOn();
    }
  }

  /** The step is over: what it used it uses no longer, nor does what it left running. */
  void over() throws InterruptedException {
    try {
      passed();
    } finally {
      endUses();
    }
  }

  private void endUses() throws InterruptedException {
    try {
      uses.end();
    } catch (IOException e) {
      // Nobody listens there any more; what is left in the filter goes with the job's network.
      LOG.error("{}: {}", lease.attempt(), e.getMessage(), e);
    } finally {
      uses = StepUses.none();
    }
  }

  private void answer(int number) {
    try {
      Step step = lease.job().job().steps().get(number);
      Optional<String> lacking = secrets.lacking(number);
      if (lacking.isPresent()) {
        // Nobody is asked about a step that cannot start.
        failed(number, lacking.get());
        return;
      }
      Optional<StepResult> end = gate.ends(lease, number, step);
      if (end.isPresent()) {
        if (mayAnswer()) {
          turnAway(number, end.get());
        }
        return;
      }
      if (!step.installs()) {
        installed();
      }
      // After whoever had to release it: a token is good for minutes.
      try (StepTokens tokens = StepTokens.of(lease, number, source, masker)) {
        Optional<String> without = tokens.lacking(step);
        if (without.isPresent()) {
          failed(number, without.get());
        } else {
          uses = uses(number, step);
          if (mayAnswer() && conversation.mayStart(number)) {
            limit.goOn();
            hand(number, tokens);
          }
        }
      }
    } catch (SecretsUnavailable | SandboxUnavailable e) {
      failed(number, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      // Nobody waits for the answer.
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The runner is gone, which whoever reads from it hears as well, and says.
      LOG.debug("{}: no answer to step {}: {}", lease.attempt(), number, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("{}: step {} cannot be answered", lease.attempt(), number, e);
      stop.now(new Stop.Aborted("the agent cannot say whether a step may start: " + e));
    }
  }

  /** Steps that install are over, and the runner has ended what they left. */
  private void installed() throws SandboxUnavailable, InterruptedException {
    if (installing) {
      network.installed();
      installing = false;
    }
  }

  private StepUses uses(int number, Step step) throws SecretsUnavailable, InterruptedException {
    Map<SecretName, Usable> usable = secrets.usable(number);
    if (step.installs() && !usable.isEmpty()) {
      usable.values().forEach(Usable::close);
      throw new SecretsUnavailable("a step that installs uses no secrets", false);
    }
    try {
      return StepUses.open(
          lease.attempt(),
          usable,
          network.doorway(),
          (name, method, host, path, status) ->
              reports.event(
                  new AttemptEvent.SecretUsed(
                      clock.instant(),
                      number,
                      name,
                      method,
                      host,
                      path.substring(0, Math.min(path.length(), AttemptEvent.SecretUsed.MOST_PATH)),
                      status)),
          timer);
    } catch (IOException e) {
      throw new SecretsUnavailable(String.valueOf(e.getMessage()), false);
    } finally {
      usable.values().forEach(Usable::close);
    }
  }

  private void failed(int number, String why) {
    try {
      if (mayAnswer()) {
        turnAway(number, new StepResult.Failed(1, why));
      }
    } catch (IOException e) {
      LOG.debug("{}: no answer to step {}: {}", lease.attempt(), number, e.getMessage());
    }
  }

  /** Whether somebody still waits; from then on nothing interrupts this thread. */
  private synchronized boolean mayAnswer() {
    if (Thread.interrupted()) {
      return false;
    }
    answering = true;
    return true;
  }

  private void turnAway(int number, StepResult end) throws IOException {
    if (conversation.ends(number, end)) {
      link.send(new ToRunner.StepEnds(number, end));
    }
  }

  /** What is handed over is on record before it is: whoever is asked later must not find less. */
  private void hand(int number, StepTokens tokens) throws IOException, InterruptedException {
    JobSecrets.Given given = secrets.given(number);
    for (var missing : given.withheld().entrySet()) {
      reports.say("the secret " + missing.getKey() + " is not given: " + missing.getValue(), "");
    }
    for (var missing : tokens.withheld().entrySet()) {
      reports.say("the token for " + missing.getKey() + " is not given: " + missing.getValue(), "");
    }
    var values = new LinkedHashMap<>(given.values());
    // In place of the value, where requests go to which it is added.
    for (var use : uses.addresses().entrySet()) {
      reports.say(
          "the secret "
              + use.getKey()
              + " is for use: its variable holds an address that adds it to requests",
          "");
      values.put(use.getKey().value(), use.getValue().getBytes(StandardCharsets.US_ASCII));
    }
    if (!values.isEmpty()) {
      reports.event(
          new AttemptEvent.SecretsHanded(
              clock.instant(), number, values.keySet().stream().map(SecretName::new).toList()));
    }
    values.putAll(tokens.values());
    if (!values.isEmpty()) {
      link.sendSecrets(values);
    }
    var withheld = new LinkedHashMap<>(given.withheld());
    tokens
        .withheld()
        .forEach((audience, why) -> withheld.put(SecretValues.token(audience.value()), why));
    link.send(new ToRunner.StepMayStart(number, withheld, alone));
    secrets.handed(number);
  }

  @Override
  public void close() {
    try {
      over();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
