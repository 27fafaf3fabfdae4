package dev.holdfast.bench.throughput;

import dev.holdfast.bench.installation.AgentCalls;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * An agent that takes leases and says at once that all went well. It speaks to the orchestrator as
 * a real one does: a long poll, and for each attempt one call with what happened and one with its
 * end.
 */
final class NoOpAgent implements AutoCloseable {
  private static final Duration LONG_POLL = Duration.ofSeconds(30);

  private final Server server;
  private final String token;
  private final String id;
  private final int capacity;
  private final Work work;
  private final Semaphore free;
  private final ConcurrentHashMap<String, AgentApi.Held> held = new ConcurrentHashMap<>();
  private final BlockingQueue<AgentApi.Lease> leases = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new java.util.ArrayList<>();
  private volatile boolean closing;

  private NoOpAgent(Server server, String token, String id, int capacity, Work work) {
    this.server = server;
    this.token = token;
    this.id = id;
    this.capacity = capacity;
    this.work = work;
    this.free = new Semaphore(capacity);
  }

  /** Registers one, which then takes whatever it is given. */
  static NoOpAgent start(Server server, String name, int capacity, Work work) throws IOException {
    String token = server.agentToken(name);
    AgentApi.Registered registered;
    try (AgentCalls calls = AgentCalls.open(server, token)) {
      registered = calls.register(name, capacity);
    }
    var agent = new NoOpAgent(server, token, registered.agent(), capacity, work);
    agent.thread(name + "-poll", agent::poll);
    for (int i = 0; i < capacity; i++) {
      agent.thread(name + "-work-" + i, agent::work);
    }
    return agent;
  }

  private interface Loop {
    void run(AgentCalls calls) throws IOException, InterruptedException;
  }

  private void thread(String name, Loop loop) {
    threads.add(
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              try (AgentCalls calls = AgentCalls.open(server, token)) {
                loop.run(calls);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (IOException | RuntimeException e) {
                if (!closing) {
                  work.failed(e);
                }
              }
            }));
  }

  private void poll(AgentCalls calls) throws IOException, InterruptedException {
    while (!closing) {
      free.acquire();
      int room = 1 + free.drainPermits();
      List<AgentApi.Lease> given =
          calls
              .post(
                  "/agent/v1/leases",
                  AgentApi.LeaseRequest.class,
                  new AgentApi.LeaseRequest(id, room, List.copyOf(held.values()), LONG_POLL),
                  AgentApi.Leases.class)
              .leases();
      if (given.size() > room) {
        throw new IOException("asked for " + room + " leases and got " + given.size());
      }
      for (AgentApi.Lease lease : given) {
        held.put(lease.attempt(), new AgentApi.Held(lease.attempt(), lease.fence()));
        leases.add(lease);
      }
      free.release(room - given.size());
    }
  }

  private void work(AgentCalls calls) throws IOException, InterruptedException {
    while (!closing) {
      AgentApi.Lease lease = leases.take();
      Instant now = Instant.now();
      var happened =
          List.of(
              new AttemptEvent.Started(now),
              new AttemptEvent.StepStarted(now, 0, 0),
              new AttemptEvent.StepFinished(now, 0, new StepResult.Succeeded()));
      say(calls, lease, 0, happened);
      say(
          calls,
          lease,
          happened.size(),
          List.of(new AttemptEvent.Finished(now, new Outcome.Succeeded(), 0)));
      held.remove(lease.attempt());
      free.release();
      work.finished(lease.run(), lease.job().key(), lease.attempt());
    }
  }

  private static void say(
      AgentCalls calls, AgentApi.Lease lease, long first, List<? extends AttemptEvent> events)
      throws IOException {
    AgentApi.EventsTaken taken =
        calls.post(
            "/agent/v1/events",
            AgentApi.Events.class,
            new AgentApi.Events(
                lease.attempt(), lease.fence(), first, List.<AttemptEvent>copyOf(events)),
            AgentApi.EventsTaken.class);
    if (taken.next() != first + events.size() || taken.cancel()) {
      throw new IOException("the events of " + lease.attempt() + " were taken as " + taken);
    }
  }

  /** Ends what it waits for; its threads are gone soon after. */
  @Override
  public void close() {
    closing = true;
    // An interrupt closes the connection that the thread waits at.
    threads.forEach(Thread::interrupt);
  }

  @Override
  public String toString() {
    return id + " with capacity " + capacity;
  }
}
