package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of a server under load: each acknowledged event leads to exactly one run. */
class KilledServerTest {
  @TempDir Path data;

  /** A server of its own, in a process of its own. */
  static final class Server {
    private Server() {}

    /** Starts one; the first line of its output is its port. Kill it. */
    static Process spawn(Path data) throws IOException {
      return new ProcessBuilder(
              ProcessHandle.current().info().command().orElseThrow(),
              "--enable-native-access=ALL-UNNAMED",
              "-Xmx256m",
              "-cp",
              System.getProperty("java.class.path"),
              Server.class.getName(),
              data.toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    }

    public static void main(String[] arguments) throws Exception {
      // Ends with its process, which is killed.
      var stage = new Stage(Path.of(arguments[0]), Clock.systemUTC());
      stage.forge.define(Stage.workflow("ci", Stage.job("test")));
      System.out.println(stage.port());
      Thread.currentThread().join();
    }
  }

  @Test
  void acknowledgedEventsLeadToOneRunEach() throws Exception {
    Process server = Server.spawn(data);
    var acknowledged = new AtomicInteger();
    try (BufferedReader out = server.inputReader();
        HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int port = Integer.parseInt(out.readLine());
      String token = Files.readString(data.resolve("admin-token"), StandardCharsets.UTF_8).strip();
      var admin = new Caller(client, port, token);
      assertThat(
              admin
                  .post("/api/v1/repositories", "{\"name\": \"app\", \"url\": \"/tmp/app.git\"}")
                  .status())
          .isEqualTo(201);
      var callers = new ArrayList<Future<?>>();
      for (int i = 0; i < 8; i++) {
        callers.add(
            threads.submit(() -> {
              try {
                while (admin
                        .post("/api/v1/repositories/app/events", "{\"workflow\": \"ci\"}")
                        .status()
                    == 202) {
                  acknowledged.incrementAndGet();
                }
              } catch (IOException _) {
                // The server was killed.
              }
              return null;
            }));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.get() > 200);
      server.destroyForcibly().waitFor();
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    try (Stage stage =
        new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("test")))) {
      Caller admin = stage.admin();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThat(
                      admin
                          .get("/metrics")
                          .text()
                          .lines()
                          .filter(l -> l.startsWith("holdfast_events_waiting "))
                          .toList())
                  .isEqualTo(List.of("holdfast_events_waiting 0.0")));
      int kept = 0;
      var seen = new ArrayList<String>();
      String before = "";
      while (true) {
        var events = admin.get("/api/v1/repositories/app/events?limit=500" + before).text();
        var ids =
            java.util.regex.Pattern.compile("\"id\":\"(evt_[0-9a-z]+)\"")
                .matcher(events)
                .results()
                .map(r -> r.group(1))
                .toList();
        java.util.regex.Pattern.compile("\"run\":\"(run_[0-9a-z]+)\"")
            .matcher(events)
            .results()
            .forEach(r -> seen.add(r.group(1)));
        kept += ids.size();
        if (ids.size() < 500) {
          break;
        }
        before = "&before=" + ids.getLast();
      }
      // Events that were stored but whose answer did not get out are at most one per caller.
      assertThat(kept).isBetween(acknowledged.get(), acknowledged.get() + 8);
      assertThat(seen).hasSize(kept).doesNotHaveDuplicates();
    }
  }
}
