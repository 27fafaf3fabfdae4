package dev.holdfast.relay;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.model.wire.relay.RelayApi.Enrolled;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.model.wire.relay.RelayApi.SourceTaken;
import dev.holdfast.relay.seal.Opener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** An orchestrator, as far as a relay sees one. */
@NullMarked
public final class Tenant {
  private static final SecureRandom RANDOM = new SecureRandom();

  private String api;
  private final String credential = secret(RelayApi.CREDENTIAL);
  private final Opener opener = Opener.make();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private String id = "";

  private Tenant(String api) {
    this.api = api;
  }

  static String secret(String prefix) {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Enrols with a token of the relay whose API for tenants is at {@code api}. */
  public static Tenant enrolled(String api, String token) throws Exception {
    var tenant = new Tenant(api);
    HttpResponse<byte[]> answer =
        tenant.call(
            "POST",
            "enrol",
            Records.utf8(
                Enrol.class,
                new Enrol(RelayApi.VERSION, token, tenant.credential, tenant.opener.key())));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          "enrol: " + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    tenant.id = Records.read(Enrolled.class, answer.body()).tenant();
    return tenant;
  }

  /** The same tenant, which from now on calls another port. */
  Tenant at(int port) {
    api = "http://127.0.0.1:" + port;
    return this;
  }

  public String id() {
    return id;
  }

  public String credential() {
    return credential;
  }

  /** Makes a source; the address at which a forge posts to it. */
  public String source(String source, String... ranges) throws Exception {
    HttpResponse<byte[]> answer =
        call(
            "PUT",
            "sources/" + source,
            Records.utf8(
                PutSource.class,
                new PutSource(secret(""), List.of(ranges), Duration.ofMinutes(5))));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          "source: " + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    return Records.read(SourceTaken.class, answer.body()).url();
  }

  public HttpResponse<byte[]> call(String method, String path, byte[] body) throws Exception {
    return call(api, method, path, body);
  }

  private HttpResponse<byte[]> call(String api, String method, String path, byte[] body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(api + "/relay/v1/" + path))
            .timeout(Duration.ofSeconds(90))
            .header("Authorization", "Bearer " + credential)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  public Batch pull(String puller, int most, Duration patience, List<String> acks)
      throws Exception {
    return pull(api, puller, most, patience, acks);
  }

  /** At the relay whose API for tenants is at that port of loopback. */
  Batch pullAt(int port, String puller, int most, Duration patience, List<String> acks)
      throws Exception {
    return pull("http://127.0.0.1:" + port, puller, most, patience, acks);
  }

  private Batch pull(String api, String puller, int most, Duration patience, List<String> acks)
      throws Exception {
    HttpResponse<byte[]> answer =
        call(
            api,
            "POST",
            "pull",
            Records.utf8(Pull.class, new Pull(puller, acks, most, 8 << 20, patience)));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          answer.statusCode() + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    return Batch.of(answer.body());
  }

  /** What a batch holds, opened. */
  public List<Original> open(Batch batch) throws GeneralSecurityException {
    var out = new ArrayList<Original>();
    for (int i = 0; i < batch.sealed().size(); i++) {
      Delivery delivery = batch.head().deliveries().get(i);
      out.add(opener.open(batch.sealed().get(i), delivery.bound(id)));
    }
    return out;
  }

  public static List<String> ids(Batch batch) {
    return batch.head().deliveries().stream().map(Delivery::delivery).toList();
  }
}
