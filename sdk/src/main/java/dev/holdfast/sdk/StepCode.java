package dev.holdfast.sdk;

/** A step written in Java, as in {@code ctx -> ctx.log("hello")}. */
@FunctionalInterface
public interface StepCode {
  /**
   * Runs the step, inside the job's sandbox. It succeeds by returning. When the step's time is over
   * or the run is cancelled, its thread is interrupted.
   *
   * @throws Exception any: the step has failed, and says why by the exception's message
   */
  void run(StepContext ctx) throws Exception;
}
