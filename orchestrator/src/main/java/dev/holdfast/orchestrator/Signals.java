package dev.holdfast.orchestrator;

import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.run.RunListener;
import dev.holdfast.orchestrator.run.RunWatch;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries what happened to runs to whoever waits for it. */
final class Signals implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private final RunWatch watch;
  private final LogStore logs;
  private final Metrics metrics;
  private volatile @Nullable Leases leases;

  Signals(RunWatch watch, LogStore logs, Metrics metrics) {
    this.watch = watch;
    this.logs = logs;
    this.metrics = metrics;
  }

  /** Who is told of jobs that are ready. */
  void wake(Leases told) {
    this.leases = told;
  }

  @Override
  public void jobReady(String labels) {
    Leases told = leases;
    if (told != null) {
      told.ready(labels);
    }
  }

  @Override
  public void leased(Duration waited) {
    metrics.leased(waited);
  }

  @Override
  public void runChanged(String run) {
    watch.changed(run);
  }

  @Override
  public void attemptOver(String attempt) {
    metrics.attemptOver();
    // Not on the writer's thread: finishing a log waits for a disk.
    Thread.ofVirtual()
        .name("log-finish")
        .start(() -> {
          try {
            logs.finish(attempt);
          } catch (IOException e) {
            LOG.error("the log of {} cannot be finished: {}", attempt, e.getMessage());
          }
        });
  }
}
