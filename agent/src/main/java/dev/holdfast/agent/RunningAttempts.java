package dev.holdfast.agent;

import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.link.RemoteReporter;
import dev.holdfast.model.wire.agent.AgentApi.Held;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an agent holds, from the lease until the orchestrator knows how it ended. Thread-safe. */
final class RunningAttempts {
  private final int capacity;
  private final Map<String, Running> attempts = new LinkedHashMap<>();
  private final Set<String> remains = new HashSet<>();

  RunningAttempts(int capacity) {
    this.capacity = capacity;
  }

  record Running(Held held, JobExecution execution, RemoteReporter reporter) {}

  /** Waits until another attempt can be taken, and says how many. */
  synchronized int awaitFree() throws InterruptedException {
    while (attempts.size() + remains.size() >= capacity) {
      wait();
    }
    return capacity - attempts.size() - remains.size();
  }

  /** False if it is held already: the same lease, heard twice. */
  synchronized boolean add(Running running) {
    return attempts.putIfAbsent(running.held().attempt(), running) == null;
  }

  /**
   * The orchestrator knows how it ended.
   *
   * @param leftSomething on this host, so that its place stays taken until {@link #gone}
   */
  synchronized void remove(String attempt, boolean leftSomething) {
    attempts.remove(attempt);
    if (leftSomething) {
      remains.add(attempt);
    }
    notifyAll();
  }

  synchronized void gone(String attempt) {
    remains.remove(attempt);
    notifyAll();
  }

  synchronized Optional<Running> find(String attempt) {
    return Optional.ofNullable(attempts.get(attempt));
  }

  synchronized boolean holds(String attempt) {
    return attempts.containsKey(attempt);
  }

  synchronized List<Held> held() {
    return attempts.values().stream().map(Running::held).toList();
  }

  synchronized List<Running> all() {
    return List.copyOf(attempts.values());
  }

  /** Waits until nothing is held; false if that takes longer than {@code patience}. */
  synchronized boolean awaitNone(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!attempts.isEmpty()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
