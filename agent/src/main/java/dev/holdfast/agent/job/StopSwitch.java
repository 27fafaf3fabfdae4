package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends an attempt from any thread, at whatever point of its life it is. Parts are registered as
 * they come to be; one that comes after the end was ordered is ended at once. Thread-safe.
 */
final class StopSwitch {
  private final ScheduledExecutorService timer;
  private final Duration grace;
  private @Nullable Stop reason;
  private boolean hard;
  private @Nullable Thread checkout;
  private @Nullable Sandbox sandbox;
  private @Nullable RunnerLink link;
  private boolean jobSent;

  StopSwitch(ScheduledExecutorService timer, Duration grace) {
    this.timer = timer;
    this.grace = grace;
  }

  synchronized Optional<Stop> reason() {
    return Optional.ofNullable(reason);
  }

  synchronized boolean lost() {
    return reason instanceof Stop.Lost;
  }

  /** Asks the runner to stop, and ends the sandbox if it has not after the grace. */
  synchronized void gently(Stop why) {
    note(why);
    RunnerLink to = link;
    if (to == null || !jobSent) {
      end();
      return;
    }
    // A runner that does not read would make this wait.
    Thread.ofVirtual().name("cancel").start(() -> ask(to));
    var _ = timer.schedule(this::end, grace.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void ask(RunnerLink to) {
    try {
      to.send(new ToRunner.Cancel());
    } catch (IOException e) {
      end();
    }
  }

  /** Ends it now. */
  synchronized void now(Stop why) {
    note(why);
    end();
  }

  private void note(Stop why) {
    if (reason == null || why instanceof Stop.Lost) {
      reason = why;
    }
  }

  private synchronized void end() {
    hard = true;
    if (checkout != null) {
      checkout.interrupt();
    }
    if (sandbox != null) {
      sandbox.kill();
    }
    if (link != null) {
      close(link);
    }
  }

  synchronized void register(Thread part) {
    checkout = part;
    if (hard) {
      part.interrupt();
    }
  }

  synchronized void register(Sandbox part) {
    sandbox = part;
    if (hard) {
      part.kill();
    }
  }

  synchronized void register(RunnerLink part) {
    link = part;
    if (hard) {
      close(part);
    }
  }

  /** From here on the runner can be asked to stop. False if the end was ordered before. */
  synchronized boolean beginJob() {
    jobSent = true;
    return reason == null;
  }

  private static void close(RunnerLink link) {
    try {
      link.close();
    } catch (IOException e) {
      // Nothing is lost: whatever it still had to say is not wanted any more.
      return;
    }
  }
}
