package dev.holdfast.agent.link;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.ProbeReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * The agent's calls over real HTTP, kept in memory, with as many faults on the way as a test wants.
 */
public final class FakeOrchestrator implements AutoCloseable {
  /** One attempt, as far as it was heard. */
  public static final class Heard {
    public final long fence;
    public final List<AttemptEvent> events = new ArrayList<>();
    public final ByteArrayOutputStream log = new ByteArrayOutputStream();
    public int puts;

    Heard(long fence) {
      this.fence = fence;
    }

    public synchronized boolean over() {
      return !events.isEmpty() && events.getLast() instanceof AttemptEvent.Finished;
    }
  }

  private final HttpServer server;
  private final Random random = new Random(7);
  private final ArrayDeque<Lease> queue = new ArrayDeque<>();
  private final Map<String, Heard> attempts = new HashMap<>();
  private final Set<String> cancel = new HashSet<>();
  private final List<ProbeReport> probes = new ArrayList<>();

  /** Of a hundred calls, how many meet a fault. */
  public volatile int faults;

  public volatile Duration slow = Duration.ZERO;
  public volatile boolean away;

  public FakeOrchestrator() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public synchronized void enqueue(Lease lease) {
    queue.add(lease);
    attempts.put(lease.attempt(), new Heard(lease.fence()));
    notifyAll();
  }

  public synchronized void know(String attempt, long fence) {
    attempts.put(attempt, new Heard(fence));
  }

  public synchronized Heard heard(String attempt) {
    return attempts.getOrDefault(attempt, new Heard(-1));
  }

  /** What it was told of probes. */
  public synchronized List<ProbeReport> probes() {
    return List.copyOf(probes);
  }

  public synchronized void cancel(String attempt) {
    cancel.add(attempt);
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    int fault;
    synchronized (this) {
      // A lease whose answer is lost comes back only when it expires, which this server has no
      // clock
      // for: asking for leases can be dropped or refused, but not heard twice or in vain.
      int kinds = exchange.getRequestURI().getPath().equals("/agent/v1/leases") ? 2 : 4;
      fault = random.nextInt(100) < faults ? random.nextInt(kinds) : -1;
    }
    try {
      if (away || fault == 0) {
        throw new IOException("dropped before it was heard");
      }
      if (!slow.isZero()) {
        Thread.sleep(slow);
      }
      if (fault == 1) {
        answer(exchange, 503, "{\"error\":\"not now\"}".getBytes(StandardCharsets.UTF_8));
        return;
      }
      byte[] answer = call(exchange, body);
      if (fault == 2) {
        answer = call(exchange, body);
      }
      if (fault == 3) {
        throw new IOException("heard, but the answer is dropped");
      }
      answer(exchange, 200, answer);
    } catch (Problem e) {
      answer(
          exchange,
          e.status,
          Records.utf8(AgentApi.Refusal.class, new AgentApi.Refusal("no: " + e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Problem(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private byte[] call(HttpExchange exchange, byte[] body) throws InterruptedException {
    String path = exchange.getRequestURI().getPath();
    if (!"Bearer the-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      throw new Problem(401, "the token is not known");
    }
    return switch (path) {
      case "/agent/v1/register" ->
          Records.utf8(
              AgentApi.Registered.class,
              new AgentApi.Registered(
                  "agt_1",
                  Duration.ofMillis(100),
                  Duration.ofSeconds(5),
                  Optional.of(ClearedLeases.key())));
      case "/agent/v1/leases" -> leases(Records.read(AgentApi.LeaseRequest.class, body));
      case "/agent/v1/events" -> events(Records.read(AgentApi.Events.class, body));
      case "/agent/v1/heartbeat" -> heartbeat(Records.read(AgentApi.Heartbeat.class, body));
      case "/agent/v1/probe" -> probe(Records.read(AgentApi.Probed.class, body));
      default -> log(path.split("/")[4], exchange.getRequestURI().getQuery(), body);
    };
  }

  private synchronized byte[] probe(AgentApi.Probed said) {
    probes.add(said.report());
    return Records.utf8(AgentApi.ProbeTaken.class, new AgentApi.ProbeTaken(said.agent()));
  }

  private synchronized byte[] leases(AgentApi.LeaseRequest request) throws InterruptedException {
    long deadline = System.nanoTime() + Math.min(request.patience().toNanos(), 500_000_000L);
    while (queue.isEmpty() && System.nanoTime() < deadline) {
      wait(50);
    }
    var given = new ArrayList<Lease>();
    while (!queue.isEmpty() && given.size() < request.most()) {
      given.add(ClearedLeases.cleared(queue.remove()));
    }
    return Records.utf8(AgentApi.Leases.class, new AgentApi.Leases(given));
  }

  private synchronized Heard fenced(String attempt, long fence) {
    Heard heard = heard(attempt);
    if (heard.fence != fence) {
      throw new Problem(409, "the fence is not the attempt's");
    }
    return heard;
  }

  private synchronized byte[] events(AgentApi.Events sent) {
    Heard heard = fenced(sent.attempt(), sent.fence());
    if (sent.first() > heard.events.size()) {
      throw new Problem(409, "a gap in the events");
    }
    for (int i = 0; i < sent.events().size(); i++) {
      if (sent.first() + i == heard.events.size()) {
        AttemptEvent event = sent.events().get(i);
        if (event instanceof AttemptEvent.Finished finished
            && finished.logLength() != heard.log.size()) {
          throw new Problem(400, "finished before the log was there");
        }
        heard.events.add(event);
      }
    }
    return Records.utf8(
        AgentApi.EventsTaken.class,
        new AgentApi.EventsTaken(heard.events.size(), cancel.contains(sent.attempt())));
  }

  private synchronized byte[] log(String attempt, String query, byte[] bytes) {
    var numbers = new HashMap<String, Long>();
    for (String part : query.split("&")) {
      numbers.put(part.split("=")[0], Long.valueOf(part.split("=")[1]));
    }
    Heard heard = fenced(attempt, numbers.getOrDefault("fence", -1L));
    long offset = numbers.getOrDefault("offset", -1L);
    long have = heard.log.size();
    if (offset > have) {
      throw new Problem(409, "a gap in the log");
    }
    heard.puts++;
    int known = (int) Math.min(bytes.length, have - offset);
    // Sometimes only a part of it is taken.
    int take = bytes.length - known;
    int part = faults > 0 && take > 1 ? 1 + random.nextInt(take) : take;
    heard.log.write(bytes, known, part);
    return Records.utf8(AgentApi.LogTaken.class, new AgentApi.LogTaken(heard.log.size()));
  }

  private synchronized byte[] heartbeat(AgentApi.Heartbeat said) {
    var lost =
        said.held().stream()
            .filter(held -> !attempts.containsKey(held.attempt()))
            .map(AgentApi.Held::attempt)
            .toList();
    var stop = said.held().stream().map(AgentApi.Held::attempt).filter(cancel::contains).toList();
    return Records.utf8(AgentApi.HeartbeatTaken.class, new AgentApi.HeartbeatTaken(stop, lost));
  }

  /** The attempt is somebody else's from now on. */
  public synchronized void lose(String attempt) {
    attempts.remove(attempt);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
