package dev.holdfast.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No event and no byte is doubled or left out, whatever the way to the orchestrator does. */
@Timeout(120)
class RemoteReporterTest {
  private final AtomicInteger cancelled = new AtomicInteger();
  private final List<String> lost = new ArrayList<>();
  private final RemoteReporter.Orders orders =
      new RemoteReporter.Orders() {
        @Override
        public void cancel() {
          cancelled.incrementAndGet();
        }

        @Override
        public void lost(String why) {
          lost.add(why);
        }
      };

  private void sendAndCompare(FakeOrchestrator server, int pieces) throws Exception {
    server.know("att_1", 3);
    var sent = new ByteArrayOutputStream();
    var events = new ArrayList<AttemptEvent>();
    var random = new Random(11);
    try (var client = new OrchestratorClient(server.address(), "the-token")) {
      var reporter = new RemoteReporter(client, "att_1", 3, orders);
      for (int i = 0; i < pieces; i++) {
        byte[] piece = new byte[random.nextInt(40_000)];
        random.nextBytes(piece);
        sent.writeBytes(piece);
        reporter.log(piece);
        if (i % 10 == 0) {
          var event = new AttemptEvent.Output(Instant.EPOCH, new Name("n" + i), "v" + i);
          events.add(event);
          reporter.event(event);
        }
      }
      var finished = new AttemptEvent.Finished(Instant.EPOCH, new Outcome.Succeeded(), sent.size());
      events.add(finished);
      reporter.event(finished);
      reporter.done().get(100, TimeUnit.SECONDS);
    }
    assertThat(server.heard("att_1").events).isEqualTo(events);
    assertThat(server.heard("att_1").log.toByteArray()).isEqualTo(sent.toByteArray());
    assertThat(lost).isEmpty();
  }

  @Test
  void onAGoodWay_everythingArrivesOnce() throws Exception {
    try (var server = new FakeOrchestrator()) {
      sendAndCompare(server, 1000);
    }
  }

  @Test
  void onABadWay_everythingArrivesOnce() throws Exception {
    try (var server = new FakeOrchestrator()) {
      server.faults = 40;
      sendAndCompare(server, 300);
    }
  }

  @Test
  void whileOneRequestIsOnItsWay_theRestGoesTogether() throws Exception {
    try (var server = new FakeOrchestrator()) {
      server.slow = Duration.ofMillis(50);
      sendAndCompare(server, 500);
      assertThat(server.heard("att_1").puts).isLessThan(60);
    }
  }

  @Test
  void aSlowServer_holdsTheJobBackInsteadOfFillingMemory() throws Exception {
    try (var server = new FakeOrchestrator();
        var client = new OrchestratorClient(server.address(), "the-token")) {
      server.know("att_1", 3);
      server.away = true;
      var reporter = new RemoteReporter(client, "att_1", 3, orders);
      var written = new AtomicInteger();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    reporter.log(new byte[64 * 1024]);
                    written.addAndGet(64 * 1024);
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      await().until(() -> written.get() >= 2 * 1024 * 1024);
      await().until(() -> writer.getState() == Thread.State.WAITING);
      assertThat(written).hasValueLessThan(3 * 1024 * 1024);
      server.away = false;
      await().atMost(Duration.ofSeconds(30)).until(() -> written.get() > 8 * 1024 * 1024);
      writer.interrupt();
      writer.join();
      reporter.abandon();
    }
  }

  @Test
  void aLostFence_silencesAndTells() throws Exception {
    try (var server = new FakeOrchestrator();
        var client = new OrchestratorClient(server.address(), "the-token")) {
      server.know("att_1", 4);
      var reporter = new RemoteReporter(client, "att_1", 3, orders);
      reporter.event(new AttemptEvent.Started(Instant.EPOCH));
      reporter.done().get(10, TimeUnit.SECONDS);
      await().until(() -> lost.size() == 1);
      reporter.event(new AttemptEvent.Started(Instant.EPOCH));
      reporter.log(new byte[10_000_000]);
      reporter.log(new byte[10_000_000]);
      assertThat(server.heard("att_1").events).isEmpty();
      assertThat(server.heard("att_1").log.size()).isZero();
    }
  }

  @Test
  void aCancel_comesWithTheAnswer() throws Exception {
    try (var server = new FakeOrchestrator();
        var client = new OrchestratorClient(server.address(), "the-token")) {
      server.know("att_1", 3);
      server.cancel("att_1");
      var reporter = new RemoteReporter(client, "att_1", 3, orders);
      reporter.event(new AttemptEvent.Started(Instant.EPOCH));
      await().until(() -> cancelled.get() == 1);
      reporter.abandon();
    }
  }
}
