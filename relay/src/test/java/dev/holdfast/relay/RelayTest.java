package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.relay.store.Allowance;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a forge's post to an orchestrator, over real sockets. */
@NullMarked
class RelayTest {
  @TempDir Path folder;
  private Relay relay;
  private final HttpClient http = HttpClient.newHttpClient();

  @SuppressWarnings("NullAway.Init")
  RelayTest() {}

  @BeforeEach
  void start() throws Exception {
    relay = Relays.start(folder.resolve("relay.db").toString(), s -> s);
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  private HttpResponse<String> post(String url, byte[] body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(Relays.here(relay, url)))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void whatAForgePostedReachesTheOrchestratorByteForByte() throws Exception {
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    byte[] body = "{\"ref\":\"refs/heads/mäin\"}\n".getBytes(UTF_8);
    HttpResponse<String> answer =
        post(
            url,
            body,
            "X-GitHub-Event",
            "push",
            "X-Hub-Signature-256",
            "sha256=00",
            "X-Gitlab-Token",
            "a secret that a forge shows",
            "Authorization",
            "Bearer of the forge",
            "Cookie",
            "a=b");
    assertThat(answer.statusCode()).isEqualTo(202);
    Batch batch = tenant.pull("p", 10, Duration.ZERO, List.of());
    Original original = tenant.open(batch).getFirst();
    assertThat(original.body()).isEqualTo(body);
    assertThat(original.method()).isEqualTo("POST");
    assertThat(original.headers())
        .containsEntry("x-github-event", "push")
        .containsEntry("x-hub-signature-256", "sha256=00")
        .doesNotContainKeys("x-gitlab-token", "authorization", "cookie");
    assertThat(batch.head().standing().waiting()).isEqualTo(1);
    Batch after = tenant.pull("p", 0, Duration.ZERO, Tenant.ids(batch));
    assertThat(after.head().standing().waiting()).isZero();
  }

  @Test
  void aPullThatWaitsIsWokenAtOnce() throws Exception {
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    CompletableFuture<Batch> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return tenant.pull("p", 10, Duration.ofSeconds(60), List.of());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            task -> Thread.ofVirtual().start(task));
    org.awaitility.Awaitility.await().until(() -> relay.store().arrivals().listening() == 1);
    post(url, new byte[] {1});
    // Far below the minute that it would wait: it was woken.
    assertThat(waiting.get(20, TimeUnit.SECONDS).sealed()).hasSize(1);
  }

  @Test
  void whoWaitsForASourceThatAnotherHoldsHasItOnceTheLeaseIsOver() throws Exception {
    relay.close();
    relay =
        Relays.start(
            folder.resolve("short.db").toString(),
            s ->
                new RelaySettings(
                    s.database(),
                    s.ingress(),
                    s.tenants(),
                    s.operator(),
                    s.address(),
                    s.proxies(),
                    s.limits(),
                    new Allowance(10, 100_000, Duration.ofDays(1), Duration.ofSeconds(2))));
    Tenant tenant = Relays.tenant(relay);
    post(tenant.source("src_1"), new byte[] {1});
    Batch killed = tenant.pull("p", 10, Duration.ZERO, List.of());
    assertThat(killed.sealed()).hasSize(1);
    Batch next = tenant.pull("q", 10, Duration.ofSeconds(30), List.of());
    assertThat(Tenant.ids(next)).isEqualTo(Tenant.ids(killed));
  }

  @Test
  void whoIsRevokedWhileWaitingGetsNothingMore() throws Exception {
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    CompletableFuture<Batch> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return tenant.pull("p", 10, Duration.ofSeconds(3), List.of());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            task -> Thread.ofVirtual().start(task));
    org.awaitility.Awaitility.await().until(() -> relay.store().arrivals().listening() == 1);
    relay.store().tenants().revoke(tenant.id());
    assertThat(post(url, new byte[] {1}).statusCode()).isEqualTo(404);
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).hasMessageContaining("401");
    assertThat(tenant.call("GET", "sources", new byte[0]).statusCode()).isEqualTo(401);
  }

  @Test
  void whatDoesNotFitIsRefusedSoThatTheForgeSeesIt() throws Exception {
    relay.close();
    relay =
        Relays.start(
            folder.resolve("small.db").toString(),
            s ->
                new RelaySettings(
                    s.database(),
                    s.ingress(),
                    s.tenants(),
                    s.operator(),
                    s.address(),
                    s.proxies(),
                    s.limits(),
                    new Allowance(2, 100_000, Duration.ofDays(1), Duration.ofSeconds(30))));
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    assertThat(post(url, new byte[] {1}).statusCode()).isEqualTo(202);
    assertThat(post(url, new byte[] {2}).statusCode()).isEqualTo(202);
    HttpResponse<String> full = post(url, new byte[] {3});
    assertThat(full.statusCode()).isEqualTo(507);
    assertThat(full.headers().firstValue("Retry-After")).isPresent();
    Batch batch = tenant.pull("p", 10, Duration.ZERO, List.of());
    assertThat(tenant.open(batch)).extracting(o -> o.body()[0]).containsExactly((byte) 1, (byte) 2);
    org.awaitility.Awaitility.await()
        .until(
            () -> tenant.pull("p", 0, Duration.ZERO, List.of()).head().standing().refused() == 1);
    assertThat(operator("/metrics").body())
        .contains("holdfast_relay_posts_total{outcome=\"full\"} 1")
        .contains("holdfast_relay_refused_deliveries 1");
    assertThat(operator("/").body()).contains("acme");
  }

  private HttpResponse<String> operator(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.ports().operator() + path))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theOperatorsDoorShowsAndChangesNothing() throws Exception {
    assertThat(operator("/healthz").statusCode()).isEqualTo(200);
    assertThat(operator("/readyz").statusCode()).isEqualTo(200);
    var post =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.ports().operator() + "/"))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    assertThat(http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  @Test
  void aCallWithoutACredentialOrWithNonsenseIsRefused() throws Exception {
    Tenant tenant = Relays.tenant(relay);
    assertThat(tenant.call("POST", "pull", "{}".getBytes(UTF_8)).statusCode()).isEqualTo(400);
    assertThat(tenant.call("POST", "run", "{}".getBytes(UTF_8)).statusCode()).isEqualTo(404);
    assertThat(tenant.call("PUT", "sources/..%2f", "{}".getBytes(UTF_8)).statusCode())
        .isEqualTo(400);
    assertThat(
            tenant
                .call(
                    "PUT",
                    "sources/src_1",
                    Records.utf8(
                        RelayApi.PutSource.class,
                        new RelayApi.PutSource(
                            Tenant.secret(""), List.of("999.0.2.0/24"), Duration.ZERO)))
                .statusCode())
        .as("a range that is none would keep the forge out")
        .isEqualTo(400);
    var none =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relay.ports().tenants() + "/relay/v1/sources"))
            .header("Authorization", "Bearer " + Tenant.secret("hfrc_"))
            .build();
    assertThat(http.send(none, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(401);
  }

  @Test
  void sourcesAreListedAndRemovedAndTheSameAgainDoesNoHarm() throws Exception {
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    post(url, new byte[] {1});
    RelayApi.Sources sources =
        Records.read(RelayApi.Sources.class, tenant.call("GET", "sources", new byte[0]).body());
    assertThat(sources.sources()).extracting(RelayApi.Source::waiting).containsExactly(1L);
    for (int i = 0; i < 2; i++) {
      assertThat(tenant.call("DELETE", "sources/src_1", new byte[0]).statusCode()).isEqualTo(200);
      assertThat(post(url, new byte[] {1}).statusCode()).isEqualTo(404);
    }
    assertThat(tenant.pull("p", 0, Duration.ZERO, List.of()).head().standing().waiting()).isZero();
  }
}
