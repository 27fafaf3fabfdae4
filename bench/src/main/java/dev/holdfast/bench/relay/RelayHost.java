package dev.holdfast.bench.relay;

import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.http.Address;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.relay.store.Store;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.XECPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A relay of the distribution over SQLite, on ports of loopback that were free. */
final class RelayHost implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Child process;
  private final String database;
  private final Doc ready;

  private RelayHost(Child process, String database, Doc ready) {
    this.process = process;
    this.database = database;
    this.ready = ready;
  }

  /** A tenant that enrolled, with one source. */
  record Tenant(String credential, String path) {}

  static RelayHost start(Dist dist, Path folder, String... options) throws IOException {
    Files.createDirectories(folder);
    String database = folder.resolve("relay.db").toString();
    var command =
        new ArrayList<>(
            List.of(
                "relay",
                "serve",
                "--db",
                database,
                "--address",
                "http://relay.bench",
                "--json",
                "--ingress",
                "127.0.0.1:0",
                "--tenants",
                "127.0.0.1:0",
                "--operator",
                "127.0.0.1:0"));
    command.addAll(List.of(options));
    Path output = folder.resolve("relay.log");
    Child process =
        Child.start(
            "the relay",
            dist.command(command.toArray(String[]::new)),
            Programs.environment(folder),
            output);
    try {
      return new RelayHost(process, database, ready(process, output));
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private static Doc ready(Child process, Path output) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      Optional<String> line =
          Files.readAllLines(output).stream().filter(l -> l.startsWith("{")).findFirst();
      if (line.isPresent()) {
        return Doc.of(line.get().getBytes(StandardCharsets.UTF_8));
      }
      process.mustLive();
      if (System.nanoTime() > end) {
        throw new IOException("the relay did not start in 30 s: " + process.lastWords());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  Child process() {
    return process;
  }

  private Address door(String name) throws IOException {
    return Address.of("http://127.0.0.1:" + ready.number(name));
  }

  Connection ingress() throws IOException {
    return Connection.open(door("ingress"), "");
  }

  int ingressPort() throws IOException {
    return (int) ready.number("ingress");
  }

  Connection connect(Tenant tenant) throws IOException {
    return Connection.open(door("tenants"), tenant.credential());
  }

  /** One of the relay's metrics. */
  long metric(String name) throws IOException {
    try (Connection connection = Connection.open(door("operator"), "")) {
      String all =
          new String(connection.get("/metrics").orThrow("metrics").body(), StandardCharsets.UTF_8);
      return all.lines()
          .filter(line -> line.startsWith("holdfast_relay_" + name + " "))
          .findFirst()
          .map(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
          .orElseThrow(() -> new IOException("the relay has no metric " + name));
    }
  }

  private static String secret(String prefix) {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Nobody opens what is sealed to it: that is the orchestrator's time, not the relay's. */
  private static PublicKey key() throws GeneralSecurityException {
    BigInteger u =
        ((XECPublicKey) KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic())
            .getU();
    byte[] big = u.toByteArray();
    byte[] little = new byte[32];
    for (int i = 0; i < Math.min(32, big.length); i++) {
      little[i] = big[big.length - 1 - i];
    }
    return PublicKey.of(little);
  }

  /** What a server enrols with. */
  String invitation() throws IOException {
    try (Store store = Store.forOperator(database, InstantSource.system())) {
      return new Invitation(
              "http://127.0.0.1:" + ready.number("tenants"), store.tenants().add("server").token())
          .line();
    }
  }

  /** So many tenants, each with a source. */
  List<Tenant> tenants(int count) throws IOException, GeneralSecurityException {
    var out = new ArrayList<Tenant>();
    try (Store store = Store.forOperator(database, InstantSource.system())) {
      for (int i = 0; i < count; i++) {
        String credential = secret(RelayApi.CREDENTIAL);
        String source = secret("");
        String token = store.tenants().add("tenant" + i).token();
        try (Connection connection = Connection.open(door("tenants"), credential)) {
          var _ =
              connection
                  .post(
                      "/relay/v1/enrol",
                      Records.utf8(
                          Enrol.class, new Enrol(RelayApi.VERSION, token, credential, key())))
                  .orThrow("an enrolment");
          var _ =
              connection
                  .call(
                      "PUT",
                      "/relay/v1/sources/src_1",
                      Records.utf8(
                          PutSource.class, new PutSource(source, List.of(), Duration.ZERO)))
                  .orThrow("a source");
        }
        out.add(new Tenant(credential, RelayApi.INGRESS + source));
      }
    }
    return out;
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
