package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.JobConversation;
import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.secret.JobSecrets;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  private final boolean alone;
  private final Reports reports;
  private final InstantSource clock;
  private final RunnerLink link;
  private final JobConversation conversation;
  private final StopSwitch stop;
  private final Countdown limit;
  private @Nullable Thread asking;
  private boolean answering;

  /**
   * @param secrets of the job
   * @param alone whether its sandbox has no processes but its own
   */
  Entrance(
      Lease lease,
      StepGate gate,
      JobSecrets secrets,
      boolean alone,
      Reports reports,
      InstantSource clock,
      RunnerLink link,
      JobConversation conversation,
      StopSwitch stop,
      Countdown limit) {
    this.lease = lease;
    this.gate = gate;
    this.secrets = secrets;
    this.alone = alone;
    this.reports = reports;
    this.clock = clock;
    this.link = link;
    this.conversation = conversation;
    this.stop = stop;
    this.limit = limit;
  }

  /** The numbers of the steps that ask. */
  static Set<Integer> asking(List<Step> steps) {
    var found = new HashSet<Integer>();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).asks()) {
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

  private void answer(int number) {
    try {
      Step step = lease.job().job().steps().get(number);
      Optional<StepResult> end = lacking(number);
      if (end.isEmpty()) {
        // Nobody is asked about a step that cannot start.
        end = gate.ends(lease, number, step);
      }
      synchronized (this) {
        if (Thread.interrupted()) {
          return;
        }
        answering = true;
      }
      if (end.isPresent()) {
        if (conversation.ends(number, end.get())) {
          link.send(new ToRunner.StepEnds(number, end.get()));
        }
      } else if (conversation.mayStart(number)) {
        limit.goOn();
        hand(number);
      }
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

  private Optional<StepResult> lacking(int number) {
    return secrets.lacking(number).map(why -> new StepResult.Failed(1, why));
  }

  /** What is handed over is on record before it is: whoever is asked later must not find less. */
  private void hand(int number) throws IOException, InterruptedException {
    JobSecrets.Given given = secrets.given(number);
    for (var missing : given.withheld().entrySet()) {
      reports.say("the secret " + missing.getKey() + " is not given: " + missing.getValue(), "");
    }
    if (!given.values().isEmpty()) {
      reports.event(
          new AttemptEvent.SecretsHanded(
              clock.instant(),
              number,
              given.values().keySet().stream().map(SecretName::new).toList()));
      link.sendSecrets(given.values());
    }
    link.send(new ToRunner.StepMayStart(number, given.withheld(), alone));
    secrets.handed(number);
  }

  @Override
  public void close() {
    try {
      passed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
