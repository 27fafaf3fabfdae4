package dev.holdfast.agent.job;

/** Where an attempt's time goes, for whoever reads the agent's log. Thread-safe. */
final class Phases {
  private final long began = System.nanoTime();
  private final StringBuilder text = new StringBuilder();

  /** {@code what} is over, this long after the beginning. */
  synchronized void mark(String what) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    text.append(text.isEmpty() ? "" : ", ")
        .append(what)
        .append(" at ")
        .append(millis)
        .append(" ms");
  }

  @Override
  public synchronized String toString() {
    return text.toString();
  }
}
