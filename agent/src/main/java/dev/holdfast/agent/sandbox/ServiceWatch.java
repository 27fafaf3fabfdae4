package dev.holdfast.agent.sandbox;

/** Hears of services that end while their job runs. Called from any thread, one at a time. */
public interface ServiceWatch {
  /**
   * @param what of which service and how, in one line
   * @param lastWords the end of what it printed, bounded, without control characters but line ends
   */
  void ended(String what, String lastWords) throws InterruptedException;
}
