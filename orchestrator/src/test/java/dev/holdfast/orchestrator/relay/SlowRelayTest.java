package dev.holdfast.orchestrator.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.RelayApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay that takes its time. */
class SlowRelayTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(60)
  void aCallEndsHoweverSlowlyTheRelayTalks(boolean afterTheHead) throws Exception {
    var end = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            if (afterTheHead) {
              exchange.getResponseHeaders().set("Content-Type", Batch.TYPE);
              exchange.sendResponseHeaders(200, 1000);
              while (!end.await(100, TimeUnit.MILLISECONDS)) {
                exchange.getResponseBody().write(0);
                exchange.getResponseBody().flush();
              }
            } else {
              end.await();
            }
          } catch (IOException e) {
            // The other side went away, as it should.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    try (var calls = new RelayCalls(Duration.ofSeconds(1), Duration.ofSeconds(1))) {
      var at =
          new Enrolment(
              "http://127.0.0.1:" + server.getAddress().getPort(),
              "hfrc_",
              Optional.empty(),
              Optional.of(new Enrolment.Taken("t", "")));
      var answer =
          calls.pull(at, new RelayApi.Pull("p", List.of(), 1, 1000, Duration.ofMillis(10)));
      assertThat(answer).isInstanceOf(RelayCalls.Answer.Failed.class);
    } finally {
      end.countDown();
      server.stop(0);
    }
  }
}
