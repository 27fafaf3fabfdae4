package dev.holdfast.bench.throughput;

import dev.holdfast.bench.http.Address;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Takes jobs and says at once that they are done. */
final class IdleAgent implements AutoCloseable {
  private static final int LANES = 8;
  private static final int MOST = 32;
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final String id;
  private final List<Connection> lanes;
  private final ExecutorService threads;

  private IdleAgent(String id, List<Connection> lanes, ExecutorService threads) {
    this.id = id;
    this.lanes = lanes;
    this.threads = threads;
  }

  static IdleAgent register(Address server, String token, String name, ExecutorService threads)
      throws IOException {
    var lanes = new ArrayList<Connection>();
    for (int i = 0; i < LANES; i++) {
      lanes.add(Connection.open(server, token));
    }
    var hello =
        new AgentApi.Register(
            AgentApi.VERSION, new Name(name), "bench", MOST, List.of(), AgentApi.Backend.PROCESS);
    AgentApi.Registered registered =
        call(
            lanes.getFirst(),
            "register",
            Records.utf8(AgentApi.Register.class, hello),
            AgentApi.Registered.class);
    return new IdleAgent(registered.agent(), lanes, threads);
  }

  /** Takes what there is, completes it, and answers the runs. */
  List<String> work() throws IOException, InterruptedException {
    var request = new AgentApi.LeaseRequest(id, MOST, List.of(), PATIENCE);
    List<AgentApi.Lease> leases =
        call(
                lanes.getFirst(),
                "leases",
                Records.utf8(AgentApi.LeaseRequest.class, request),
                AgentApi.Leases.class)
            .leases();
    var parts = new ArrayList<Future<?>>();
    for (int lane = 0; lane < Math.min(LANES, leases.size()); lane++) {
      int first = lane;
      parts.add(threads.submit(() -> complete(leases, first)));
    }
    for (Future<?> part : parts) {
      try {
        part.get();
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
    }
    return leases.stream().map(AgentApi.Lease::run).toList();
  }

  private Object complete(List<AgentApi.Lease> leases, int lane) throws IOException {
    for (int i = lane; i < leases.size(); i += LANES) {
      AgentApi.Lease lease = leases.get(i);
      Instant at = Instant.now();
      events(
          lane,
          lease,
          0,
          new AgentApi.AttemptEvent.Started(at),
          new AgentApi.AttemptEvent.StepStarted(at, 0, 0));
      events(
          lane,
          lease,
          2,
          new AgentApi.AttemptEvent.StepFinished(at, 0, new StepResult.Succeeded()),
          new AgentApi.AttemptEvent.Finished(at, new Outcome.Succeeded(), 0));
    }
    return lane;
  }

  private void events(int lane, AgentApi.Lease lease, long first, AgentApi.AttemptEvent... events)
      throws IOException {
    var batch = new AgentApi.Events(lease.attempt(), lease.fence(), first, List.of(events));
    AgentApi.EventsTaken taken =
        call(
            lanes.get(lane),
            "events",
            Records.utf8(AgentApi.Events.class, batch),
            AgentApi.EventsTaken.class);
    if (taken.next() != first + events.length) {
      throw new IOException("the orchestrator wants event " + taken.next() + " next");
    }
  }

  private static <A> A call(Connection lane, String what, byte[] body, Class<A> answer)
      throws IOException {
    return Records.read(
        answer, lane.post("/agent/v1/" + what, body).orThrow("POST " + what).body());
  }

  @Override
  public void close() throws IOException {
    for (Connection lane : lanes) {
      lane.close();
    }
  }
}
