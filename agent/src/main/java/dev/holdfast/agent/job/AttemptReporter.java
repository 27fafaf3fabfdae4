package dev.holdfast.agent.job;

import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;

/**
 * Hears what happens in one attempt, in order, from one thread.
 *
 * <p>Both methods may wait while the listener is busy; that slows the job down and keeps memory
 * bounded. {@code Finished} is the last event, and comes after the last byte of the log.
 */
public interface AttemptReporter {
  void event(AttemptEvent event) throws InterruptedException;

  /**
   * The next bytes of the attempt's log.
   *
   * @param bytes given away
   */
  void log(byte[] bytes) throws InterruptedException;
}
