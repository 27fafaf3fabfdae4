package dev.holdfast.orchestrator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.relay.seal.Sealer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * A relay that does what a test wants: it speaks as relays do, seals as they do, and lies as it is
 * told to. It sees everything that a relay sees, and no more.
 */
final class RelayDouble implements AutoCloseable {
  static final String TENANT = "tnt-one";
  private static final String TOKEN = RelayApi.TOKEN + "t".repeat(43);

  /** What it hands over. */
  record Held(Delivery head, byte[] sealed) {
    Held as(Delivery other) {
      return new Held(other, sealed);
    }

    Held altered(int at) {
      byte[] bytes = sealed.clone();
      bytes[at] = (byte) (bytes[at] ^ 1);
      return new Held(head, bytes);
    }

    Held cut(int length) {
      return new Held(
          new Delivery(
              head.delivery(), head.source(), head.number(), head.arrived(), head.key(), length),
          java.util.Arrays.copyOf(sealed, length));
    }
  }

  /** Answers a pull with whatever it likes. */
  interface Lie {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final Sealer sealer = new Sealer();
  private final List<Held> held = new ArrayList<>();
  private final Map<String, String> sources = new HashMap<>();
  private final Set<Held> handed = Collections.newSetFromMap(new IdentityHashMap<>());
  final List<RelayApi.PublicKey> keys = new ArrayList<>();
  final List<String> credentials = new ArrayList<>();
  final List<String> acked = new ArrayList<>();
  private String puller = "";
  private int number;
  private boolean revoked;
  private boolean enrolmentLost;
  private boolean credentialLost;
  private Optional<String> former = Optional.empty();
  private final Map<String, RelayApi.PutSource> puts = new HashMap<>();
  private Optional<Lie> lie = Optional.empty();
  private int pulls;

  RelayDouble() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/relay/v1/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  String invitation() {
    return new Invitation(url(), TOKEN).line();
  }

  /** Another invitation, once the first one was used. */
  String another() {
    return new Invitation(url(), RelayApi.TOKEN + "u".repeat(43)).line();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring("/relay/v1/".length());
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (path.equals("enrol")) {
        enrol(exchange, Records.read(RelayApi.Enrol.class, body));
        return;
      }
      String shown = exchange.getRequestHeaders().getFirst("Authorization");
      synchronized (this) {
        if (revoked || !good(String.valueOf(shown))) {
          refuse(exchange, 401, "no tenant has this credential");
          return;
        }
      }
      if (path.equals("pull")) {
        pull(exchange, Records.read(RelayApi.Pull.class, body));
      } else if (path.equals("key")) {
        var key = Records.read(RelayApi.PutKey.class, body).key();
        List<String> needed;
        synchronized (this) {
          if (!keys.getLast().equals(key)) {
            keys.add(key);
          }
          needed = new ArrayList<>(held.stream().map(one -> one.head().key()).distinct().toList());
          needed.add(key.id());
        }
        say(exchange, RelayApi.KeyTaken.class, new RelayApi.KeyTaken(needed));
      } else if (path.equals("credential")) {
        credential(exchange, Records.read(RelayApi.PutCredential.class, body));
      } else if (path.startsWith("sources/") && exchange.getRequestMethod().equals("PUT")) {
        var put = Records.read(RelayApi.PutSource.class, body);
        synchronized (this) {
          sources.put(path.substring("sources/".length()), put.secret());
          puts.put(path.substring("sources/".length()), put);
        }
        say(
            exchange,
            RelayApi.SourceTaken.class,
            new RelayApi.SourceTaken(url() + RelayApi.INGRESS + put.secret()));
      } else if (path.startsWith("sources/") && exchange.getRequestMethod().equals("DELETE")) {
        synchronized (this) {
          sources.remove(path.substring("sources/".length()));
        }
        say(exchange, RelayApi.SourceGone.class, new RelayApi.SourceGone(0));
      } else {
        refuse(exchange, 404, "there is nothing here");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean good(String shown) {
    return shown.equals("Bearer " + credentials.getLast())
        || former.filter(one -> shown.equals("Bearer " + one)).isPresent();
  }

  private void credential(HttpExchange exchange, RelayApi.PutCredential asked) throws IOException {
    synchronized (this) {
      if (!credentials.getLast().equals(asked.credential())) {
        former = asked.overlap().isZero() ? Optional.empty() : Optional.of(credentials.getLast());
        credentials.add(asked.credential());
      }
      if (credentialLost) {
        credentialLost = false;
        return; // without an answer
      }
    }
    say(
        exchange,
        RelayApi.CredentialTaken.class,
        new RelayApi.CredentialTaken(Instant.now().plus(asked.overlap())));
  }

  private void enrol(HttpExchange exchange, RelayApi.Enrol asked) throws IOException {
    synchronized (this) {
      boolean good = credentials.isEmpty() || credentials.contains(asked.credential()) || revoked;
      if (good) {
        credentials.add(asked.credential());
        keys.add(asked.key());
        revoked = false;
      }
      if (enrolmentLost) {
        enrolmentLost = false;
        return; // without an answer
      }
      if (!good) {
        refuse(exchange, 401, "that token was used");
        return;
      }
    }
    say(exchange, RelayApi.Enrolled.class, new RelayApi.Enrolled(TENANT, url()));
  }

  private void pull(HttpExchange exchange, RelayApi.Pull asked)
      throws IOException, InterruptedException {
    var given = new ArrayList<Held>();
    Optional<Lie> lies;
    synchronized (this) {
      pulls++;
      acked.addAll(asked.acks());
      held.removeIf(one -> asked.acks().contains(one.head().delivery()));
      if (!asked.puller().equals(puller)) {
        // As after a lease that is over: from the oldest on.
        puller = asked.puller();
        handed.clear();
      }
      notifyAll();
      long deadline = System.nanoTime() + Math.min(asked.patience().toNanos(), 2_000_000_000L);
      while (lie.isEmpty() && given.isEmpty() && asked.most() > 0) {
        for (Held one : held) {
          if (given.size() < asked.most() && handed.add(one)) {
            given.add(one);
          }
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          break;
        }
        if (given.isEmpty()) {
          java.util.concurrent.TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      }
      lies = lie;
    }
    if (lies.isPresent()) {
      lies.get().answer(exchange);
      return;
    }
    send(exchange, given);
  }

  void send(HttpExchange exchange, List<Held> given) throws IOException {
    var batch =
        new Batch(
            new RelayApi.Pulled(
                given.stream().map(Held::head).toList(),
                new RelayApi.Standing(given.size(), 0, 3, 4)),
            given.stream().map(Held::sealed).toList());
    exchange.getResponseHeaders().set("Content-Type", Batch.TYPE);
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write(Batch.first(batch.head()));
    for (byte[] sealed : batch.sealed()) {
      exchange.getResponseBody().write(sealed);
    }
  }

  private static <T> void say(HttpExchange exchange, Class<T> type, T value) throws IOException {
    byte[] bytes = Records.utf8(type, value);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
    byte[] bytes = Records.utf8(RelayApi.Refusal.class, new RelayApi.Refusal(why));
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  // What it does and sees.

  /** The id of the source whose address ends in {@code secret}; fails where there is none. */
  synchronized String source(String address) {
    return sources.entrySet().stream()
        .filter(one -> address.equals(url() + RelayApi.INGRESS + one.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no source has the address " + address));
  }

  synchronized int sources() {
    return sources.size();
  }

  /** Seals what was posted, as an honest relay does; it is not handed over yet. */
  synchronized Held sealed(
      String source, String delivery, Instant arrived, Map<String, String> headers, byte[] body) {
    return sealed(TENANT, source, delivery, arrived, headers, body);
  }

  synchronized Held sealed(
      String tenant,
      String source,
      String delivery,
      Instant arrived,
      Map<String, String> headers,
      byte[] body) {
    RelayApi.PublicKey key = keys.getLast();
    number++;
    var head = new Delivery(delivery, source, number, arrived, key.id(), 4096);
    byte[] sealed =
        sealer.seal(key, head.bound(tenant), new Original("POST", headers, body)).bytes();
    return new Held(
        new Delivery(delivery, source, number, arrived, key.id(), sealed.length), sealed);
  }

  /** Hands these over, in this order. */
  synchronized void hand(Held... all) {
    for (Held one : all) {
      held.add(new Held(one.head(), one.sealed()));
    }
    notifyAll();
  }

  void awaitAcked(String delivery) throws InterruptedException {
    awaitAcked(delivery, 1);
  }

  synchronized void awaitAcked(String delivery, int times) throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (Collections.frequency(acked, delivery) < times) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(delivery + " was not acknowledged; these were: " + acked);
      }
      java.util.concurrent.TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Answers every pull so from now on; or as it should. */
  synchronized void lie(Optional<Lie> how) {
    lie = how;
    notifyAll();
  }

  synchronized void revoke() {
    revoked = true;
    notifyAll();
  }

  /** Takes the next enrolment, and does not answer. */
  synchronized void loseEnrolment() {
    enrolmentLost = true;
  }

  /** Takes the next credential, and does not answer. */
  synchronized void loseCredential() {
    credentialLost = true;
  }

  /** What it was told of a source last. */
  synchronized RelayApi.PutSource put(String source) {
    return java.util.Objects.requireNonNull(puts.get(source), source);
  }

  synchronized int pulls() {
    return pulls;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
