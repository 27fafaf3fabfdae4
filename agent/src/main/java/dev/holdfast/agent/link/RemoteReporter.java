package dev.holdfast.agent.link;

import dev.holdfast.agent.job.AttemptReporter;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the orchestrator of one attempt: events in numbered batches, log bytes at offsets, each
 * again and again until it is heard, none twice and none left out. While nothing is on its way,
 * what comes goes out at once; while something is, what comes waits and goes together.
 *
 * <p>At most {@link #MOST_HELD} bytes of log wait here. Then the runner waits, and with it the job.
 */
public final class RemoteReporter implements AttemptReporter {
  /** Bytes of log in one request. */
  private static final int CHUNK = 1024 * 1024;

  private static final int MOST_HELD = 2 * CHUNK;
  private static final Logger LOG = LoggerFactory.getLogger(RemoteReporter.class);

  /** What the orchestrator's answers may ask for. */
  public interface Orders {
    void cancel();

    /** The attempt is not this agent's any more. Nothing is sent from here on. */
    void lost(String why);
  }

  /** Something that is said to the orchestrator. */
  private interface Call<A> {
    A make() throws Unreachable, Rejected, InterruptedException;
  }

  private final OrchestratorClient client;
  private final String attempt;
  private final long fence;
  private final Orders orders;
  private final EventQueue events = new EventQueue();
  private final LogQueue log = new LogQueue(MOST_HELD);
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  public RemoteReporter(OrchestratorClient client, String attempt, long fence, Orders orders) {
    this.client = client;
    this.attempt = attempt;
    this.fence = fence;
    this.orders = orders;
    Thread.ofVirtual().name("events-" + attempt).start(() -> run(this::sendEvents));
    Thread.ofVirtual().name("log-" + attempt).start(() -> run(this::sendLog));
  }

  @Override
  public void event(AttemptEvent event) throws InterruptedException {
    events.add(event);
  }

  @Override
  public void log(byte[] bytes) throws InterruptedException {
    log.add(bytes);
  }

  /** Completes once the orchestrator has everything, or the attempt is lost. */
  public CompletableFuture<Void> done() {
    return done;
  }

  /** Says nothing more. */
  public void abandon() {
    events.end();
    log.end();
    done.complete(null);
  }

  private interface Sender {
    void send() throws Rejected, InterruptedException;
  }

  private void run(Sender sender) {
    try {
      sender.send();
    } catch (Rejected e) {
      if (done.isDone()) {
        return;
      }
      abandon();
      if (!e.lost()) {
        LOG.error("{}: the server refuses what is reported of it: {}", attempt, e.getMessage());
      }
      orders.lost(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendEvents() throws Rejected, InterruptedException {
    while (true) {
      EventQueue.Batch batch = events.peek();
      if (batch.events().isEmpty()) {
        return;
      }
      if (batch.finishes()) {
        log.awaitEmpty();
        if (done.isDone()) {
          return;
        }
      }
      var body = new AgentApi.Events(attempt, fence, batch.first(), batch.events());
      AgentApi.EventsTaken taken = insist(() -> client.events(body));
      if (!events.removeBefore(taken.next())) {
        throw new Rejected(
            409, "the server wants event " + taken.next() + ", which this agent cannot give");
      }
      if (taken.cancel()) {
        orders.cancel();
      }
      if (batch.finishes() && taken.next() > batch.first()) {
        log.end();
        done.complete(null);
        return;
      }
    }
  }

  private void sendLog() throws Rejected, InterruptedException {
    long offset = 0;
    // Grown to a whole chunk only by jobs that print that much.
    byte[] chunk = new byte[16 * 1024];
    while (true) {
      int length = log.peek(chunk);
      if (length == 0) {
        return;
      }
      if (length == chunk.length && chunk.length < CHUNK) {
        chunk = new byte[Math.min(CHUNK, chunk.length * 4)];
        length = log.peek(chunk);
        if (length == 0) {
          return;
        }
      }
      long at = offset;
      byte[] bytes = chunk;
      int count = length;
      AgentApi.LogTaken taken = insist(() -> client.log(attempt, fence, at, bytes, count));
      long arrived = taken.length() - at;
      if (arrived < 0 || arrived > count) {
        throw new Rejected(
            409,
            "the server has " + taken.length() + " bytes of the log, and was sent " + (at + count));
      }
      log.remove((int) arrived);
      offset += arrived;
    }
  }

  /** Makes the call until it is answered. */
  private <A> A insist(Call<A> call) throws Rejected, InterruptedException {
    var backoff = new Backoff(Duration.ofSeconds(10), RandomGenerator.getDefault());
    while (true) {
      try {
        return call.make();
      } catch (Unreachable e) {
        if (done.isDone()) {
          throw new Rejected(409, "abandoned");
        }
        LOG.debug("{}: {}", attempt, e.getMessage());
        Thread.sleep(backoff.nextMillis());
      }
    }
  }
}
