package dev.holdfast.agent;

import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.link.RemoteReporter;
import dev.holdfast.model.wire.agent.AgentApi.Held;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an agent holds, from the lease until the orchestrator knows how it ended. Thread-safe. */
final class RunningAttempts {
  private final int capacity;
  private final Map<String, Running> attempts = new LinkedHashMap<>();

  RunningAttempts(int capacity) {
    this.capacity = capacity;
  }

  record Running(Held held, JobExecution execution, RemoteReporter reporter) {}

  /** Waits until another attempt can be taken, and says how many. */
  synchronized int awaitFree() throws InterruptedException {
    while (attempts.size() >= capacity) {
      wait();
    }
    return capacity - attempts.size();
  }

  /** False if it is held already: the same lease, heard twice. */
  synchronized boolean add(Running running) {
    return attempts.putIfAbsent(running.held().attempt(), running) == null;
  }

  synchronized void remove(String attempt) {
    attempts.remove(attempt);
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
