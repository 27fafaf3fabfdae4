package dev.holdfast.bench.page;

import dev.holdfast.bench.installation.AgentCalls;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An agent that tells of its attempts what it is told to, by the calls of a real one; only that
 * nothing runs. Used by one thread at a time.
 */
final class Feeder implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PIECE = 1024 * 1024;

  private final AgentCalls calls;
  private final String agent;
  private final ConcurrentHashMap<String, AgentApi.Held> held;
  private final Thread heart;
  private volatile @Nullable Exception stopped;

  private Feeder(Server server, String token, String name, int capacity) throws IOException {
    this.calls = AgentCalls.open(server, token);
    AgentApi.Registered registered = calls.register(name, capacity);
    this.agent = registered.agent();
    this.held = new ConcurrentHashMap<>();
    this.heart =
        Thread.ofVirtual()
            .name(name + "-heart")
            .start(() -> beat(server, token, registered.heartbeat()));
  }

  static Feeder start(Server server, String name, int capacity) throws IOException {
    return new Feeder(server, server.agentToken(name), name, capacity);
  }

  /** As agents do, however long a browser takes. */
  private void beat(Server server, String token, Duration every) {
    try (AgentCalls own = AgentCalls.open(server, token)) {
      while (true) {
        Thread.sleep(every);
        own.post(
            "/agent/v1/heartbeat",
            AgentApi.Heartbeat.class,
            new AgentApi.Heartbeat(agent, List.copyOf(held.values())),
            AgentApi.HeartbeatTaken.class);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (IOException | RuntimeException e) {
      stopped = e;
    }
  }

  /** Takes a job that waits. */
  Attempt take() throws IOException {
    List<AgentApi.Lease> leases =
        calls
            .post(
                "/agent/v1/leases",
                AgentApi.LeaseRequest.class,
                new AgentApi.LeaseRequest(agent, 1, List.copyOf(held.values()), PATIENCE),
                AgentApi.Leases.class)
            .leases();
    if (leases.isEmpty()) {
      throw new IOException("no job waits for the agent that feeds the pages");
    }
    return new Attempt(leases.getFirst());
  }

  /** One of its attempts. */
  final class Attempt {
    private final String run;
    private final AgentApi.Held self;
    private long event;
    private long length;

    private Attempt(AgentApi.Lease lease) {
      this.run = lease.run();
      this.self = new AgentApi.Held(lease.attempt(), lease.fence());
      held.put(lease.attempt(), self);
    }

    String id() {
      return self.attempt();
    }

    String run() {
      return run;
    }

    /** Its sandbox stands and its only step begins. */
    Attempt begin() throws IOException {
      return say(
          new AttemptEvent.Started(Instant.now()),
          new AttemptEvent.StepStarted(Instant.now(), 0, length));
    }

    /** Prints; on the server's disk when this returns. */
    Attempt print(byte[] text) throws IOException {
      for (int from = 0; from < text.length; from += PIECE) {
        byte[] piece = Arrays.copyOfRange(text, from, Math.min(text.length, from + PIECE));
        calls.append(self, length, piece);
        length += piece.length;
      }
      return this;
    }

    /** Step and attempt have succeeded. */
    void end() throws IOException {
      say(
          new AttemptEvent.StepFinished(Instant.now(), 0, new StepResult.Succeeded()),
          new AttemptEvent.Finished(Instant.now(), new Outcome.Succeeded(), length));
      held.remove(id());
    }

    private Attempt say(AttemptEvent... events) throws IOException {
      Exception ended = stopped;
      if (ended != null) {
        throw new IOException("the heartbeat of the agent that feeds the pages ended", ended);
      }
      AgentApi.EventsTaken taken =
          calls.post(
              "/agent/v1/events",
              AgentApi.Events.class,
              new AgentApi.Events(id(), self.fence(), event, List.of(events)),
              AgentApi.EventsTaken.class);
      event += events.length;
      if (taken.next() != event || taken.cancel()) {
        throw new IOException("the events of " + id() + " were taken as " + taken);
      }
      return this;
    }
  }

  @Override
  public void close() throws IOException {
    heart.interrupt();
    calls.close();
  }
}
