package dev.holdfast.bench.relay;

import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A server of the distribution that fetches its webhooks from a relay, and a forge that signs. */
final class ToInbox implements AutoCloseable {
  private static final byte[] BODY =
      "{\"type\": \"start\", \"workflow\": \"bench\"}".getBytes(StandardCharsets.UTF_8);
  private static final String TIME = "1700000000";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final RelayHost relay;
  private final Server server;
  private final String path;
  private final SecretKeySpec key;
  private int sent;

  private ToInbox(RelayHost relay, Server server, String path, SecretKeySpec key) {
    this.relay = relay;
    this.server = server;
    this.path = path;
    this.key = key;
  }

  /** Starts one, which is connected when this returns. */
  static ToInbox start(Dist dist, Path folder, RelayHost relay)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Server server = Server.start(dist, folder, List.of("--relay", relay.invitation()));
    try {
      awaitConnected(server);
      SourceRepository repository =
          SourceRepository.create(folder, "app")
              .write(
                  ".holdfast/bench.yaml",
                  """
                  name: bench
                  on: manual
                  jobs:
                    job: {runs-on: nobody, steps: [{name: nothing, run: 'true'}]}
                  """
                      .getBytes(StandardCharsets.UTF_8));
      String _ = repository.commit("bench");
      server.add("app", repository);
      var _ =
          Programs.must(repository.pushTo("origin"), repository.environment(), repository.work());
      Doc hook =
          Doc.of(
              Programs.must(
                      dist.command("repo", "webhook", "app", "--json"), server.client(), folder)
                  .output()
                  .getBytes(StandardCharsets.UTF_8));
      return new ToInbox(
          relay,
          server,
          URI.create(hook.text("relay")).getPath(),
          new SecretKeySpec(
              Base64.getDecoder().decode(hook.text("secret").substring("whsec_".length())),
              "HmacSHA256"));
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static void awaitConnected(Server server) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    try (Api api = server.connect()) {
      while (!api.get("/api/v1/relay").text("state").equals("connected")) {
        if (System.nanoTime() > end) {
          throw new IOException("the server is not connected to the relay after a minute");
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  /**
   * Milliseconds from the start of a post until the server's API shows it in the inbox, where it is
   * on disk: looked for every millisecond, so this is never too good. One by one, with a pause
   * between them.
   */
  List<Double> millis(int count, long pauseMillis) throws IOException, GeneralSecurityException {
    var millis = new ArrayList<Double>();
    try (Api api = server.connect()) {
      for (int i = 0; i < count; i++) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
        String id = "bench" + sent++;
        long begun = System.nanoTime();
        post(id);
        awaitShown(api, "webhook:" + id, begun + PATIENCE_NANOS);
        millis.add((System.nanoTime() - begun) / 1e6);
      }
    }
    return millis;
  }

  private void post(String id) throws IOException, GeneralSecurityException {
    try (Connection connection = relay.ingress()) {
      int status =
          connection
              .call(
                  "POST",
                  path,
                  Map.of(
                      "webhook-id",
                      id,
                      "webhook-timestamp",
                      TIME,
                      "webhook-signature",
                      signature(id)),
                  BODY)
              .status();
      if (status != 202) {
        throw new IOException("a post was answered with " + status);
      }
    }
  }

  private String signature(String id) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(key.getAlgorithm());
    mac.init(key);
    mac.update((id + "." + TIME + ".").getBytes(StandardCharsets.UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(BODY));
  }

  private static void awaitShown(Api api, String delivery, long end) throws IOException {
    while (true) {
      List<Doc> newest = api.get("/api/v1/repositories/app/events?limit=1").list("events");
      if (!newest.isEmpty() && newest.getFirst().text("delivery").equals(delivery)) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new IOException(delivery + " is not in the inbox after a minute");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
