package dev.holdfast.bench.throughput;

import dev.holdfast.bench.installation.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Agents that do nothing, and the runs that they completed. */
final class Fleet implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final Set<String> runs = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> agents = new ArrayList<>();
  private volatile boolean over;
  private int completed;

  private Fleet() {}

  static Fleet start(Server server, int count) throws IOException {
    var fleet = new Fleet();
    for (int i = 0; i < count; i++) {
      String name = "idle" + i;
      String token = server.agentToken(name);
      fleet.agents.add(
          fleet.threads.submit(() -> {
            try (var agent = IdleAgent.register(server.address(), token, name, fleet.threads)) {
              while (!fleet.over) {
                fleet.add(agent.work());
              }
            }
            return null;
          }));
    }
    return fleet;
  }

  private synchronized void add(List<String> done) throws IOException {
    for (String run : done) {
      if (!runs.add(run)) {
        throw new IOException("the run " + run + " was completed twice");
      }
    }
    completed += done.size();
    notifyAll();
  }

  synchronized int completed() {
    return completed;
  }

  /** Waits until all agents together have completed {@code count}. */
  synchronized void awaitCompleted(int count) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (completed < count) {
      for (Future<?> agent : agents) {
        if (agent.isDone()) {
          check(agent);
        }
      }
      if (System.nanoTime() > end) {
        throw new IOException("only " + completed + " of " + count + " jobs in five minutes");
      }
      wait(100);
    }
  }

  /** Ends the agents and answers the runs that they completed. */
  Set<String> stop() throws IOException, InterruptedException {
    over = true;
    for (Future<?> agent : agents) {
      check(agent);
    }
    return new HashSet<>(runs);
  }

  private static void check(Future<?> agent) throws IOException, InterruptedException {
    try {
      agent.get();
    } catch (ExecutionException e) {
      throw new IOException("an agent failed: " + e.getCause(), e);
    }
  }

  @Override
  public void close() {
    over = true;
    threads.shutdownNow();
  }
}
