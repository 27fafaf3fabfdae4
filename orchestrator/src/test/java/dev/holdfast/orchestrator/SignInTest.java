package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import dev.holdfast.orchestrator.access.SignInClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in with a browser, its sessions, and the ways around them. */
@SuppressWarnings("NullAway.Init") // set before each
class SignInTest {
  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private Stage stage;
  private SignInProvider provider;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(data, clock);
    provider = new SignInProvider(clock);
    register("http://127.0.0.1:" + stage.port(), true);
  }

  @AfterEach
  void close() throws Exception {
    http.close();
    provider.close();
    stage.close();
  }

  private void register(String here, boolean newUsers) {
    SignInClient client = provider.client(here, newUsers);
    stage.signIn.put(client.name(), client);
  }

  private String name() {
    return "oidc:" + URI.create(provider.issuer()).getAuthority();
  }

  /** A browser: what it was told to keep, it sends. */
  private final class Browser {
    final Map<String, String> cookies = new LinkedHashMap<>();

    HttpResponse<String> call(String method, String url, String... headers) throws Exception {
      var request =
          HttpRequest.newBuilder(
                  URI.create(url.startsWith("/") ? "http://127.0.0.1:" + stage.port() + url : url))
              .timeout(Duration.ofSeconds(30))
              .method(
                  method,
                  method.equals("GET") || method.equals("DELETE")
                      ? HttpRequest.BodyPublishers.noBody()
                      : HttpRequest.BodyPublishers.ofString("{\"name\": \"t\"}"));
      if (!cookies.isEmpty()) {
        request.header(
            "Cookie",
            String.join(
                "; ",
                cookies.entrySet().stream().map(c -> c.getKey() + "=" + c.getValue()).toList()));
      }
      if (headers.length > 0) {
        request.headers(headers);
      }
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      for (String set : answer.headers().allValues("Set-Cookie")) {
        String[] pair = set.split(";", 2)[0].split("=", 2);
        if (pair[1].isEmpty()) {
          cookies.remove(pair[0]);
        } else {
          cookies.put(pair[0], pair[1]);
        }
      }
      return answer;
    }

    HttpResponse<String> get(String url) throws Exception {
      return call("GET", url);
    }

    /** Goes to the provider; answers where that sends it back to. */
    String away() throws Exception {
      String there = get("/login/" + name()).headers().firstValue("Location").orElseThrow();
      String back =
          http.send(
                  HttpRequest.newBuilder(URI.create(there)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .headers()
              .firstValue("Location")
              .orElseThrow();
      return back.replaceFirst("^https?://[^/]+", "");
    }

    HttpResponse<String> signIn() throws Exception {
      return get(away());
    }

    String csrf() throws Exception {
      return new Caller.Answer(200, get("/api/v1/session").body()).at("csrf");
    }

    HttpResponse<String> makeToken(String... headers) throws Exception {
      return call("POST", "/api/v1/tokens", headers);
    }
  }

  private String audit() throws Exception {
    return stage.admin().get("/api/v1/audit?limit=100").text();
  }

  @Test
  void whoSignsInIsThatUserAndHasNoRightUntilSomebodyGivesOne() throws Exception {
    var ann = new Browser();
    assertThat(ann.get("/api/v1/whoami").statusCode()).as("before").isEqualTo(401);
    assertThat(ann.signIn().body()).isEqualTo("You are signed in as ann.\n");
    assertThat(ann.get("/api/v1/whoami").body()).contains("\"ann\"");
    assertThat(ann.get("/api/v1/agents").statusCode()).isEqualTo(403);
    assertThat(
            stage
                .admin()
                .post("/api/v1/grants", "{\"to\": \"ann\", \"what\": \"viewer\"}")
                .status())
        .isLessThan(300);
    assertThat(ann.get("/api/v1/agents").statusCode()).isEqualTo(200);
    assertThat(audit()).contains("session.begin").contains("248289761001");

    clock.pass(Duration.ofMinutes(1));
    var again = new Browser();
    provider.called = "ann-of-late";
    assertThat(again.signIn().body()).as("by number").isEqualTo("You are signed in as ann.\n");
  }

  @Test
  void aSessionThatChangesSomethingSendsWhatAnotherSiteDoesNotKnow() throws Exception {
    var ann = new Browser();
    ann.signIn();
    String csrf = ann.csrf();
    assertThat(ann.makeToken().statusCode()).as("as another site would have it").isEqualTo(403);
    assertThat(ann.makeToken("X-Holdfast-Csrf", csrf.replace(csrf.charAt(0), 'z')).statusCode())
        .isEqualTo(403);
    var eve = new Browser();
    provider.subject = "2";
    provider.called = "eve";
    eve.signIn();
    assertThat(ann.makeToken("X-Holdfast-Csrf", eve.csrf()).statusCode())
        .as("another's")
        .isEqualTo(403);
    assertThat(ann.makeToken("X-Holdfast-Csrf", csrf).statusCode()).as("control").isEqualTo(201);
  }

  @Test
  void afterSignOutTheCookieIsWorthNothing() throws Exception {
    var ann = new Browser();
    ann.signIn();
    var stolen = new LinkedHashMap<>(ann.cookies);
    var thief = new Browser();
    thief.cookies.putAll(stolen);
    assertThat(thief.get("/api/v1/whoami").statusCode()).as("control").isEqualTo(200);
    assertThat(ann.call("DELETE", "/api/v1/session").statusCode()).isEqualTo(403);
    assertThat(ann.call("DELETE", "/api/v1/session", "X-Holdfast-Csrf", ann.csrf()).statusCode())
        .isEqualTo(200);
    assertThat(ann.cookies).doesNotContainKey("holdfast-session");
    assertThat(thief.get("/api/v1/whoami").statusCode()).isEqualTo(401);
    assertThat(audit()).contains("session.end");
  }

  @Test
  void aSessionIsOverAfterTwelveHoursAndWithItsUser() throws Exception {
    var ann = new Browser();
    ann.signIn();
    clock.pass(Duration.ofHours(12).minusSeconds(1));
    assertThat(ann.get("/api/v1/whoami").statusCode()).isEqualTo(200);
    clock.pass(Duration.ofSeconds(1));
    assertThat(ann.get("/api/v1/whoami").statusCode()).isEqualTo(401);

    ann.signIn();
    assertThat(ann.get("/api/v1/whoami").statusCode()).as("control").isEqualTo(200);
    stage.admin().post("/api/v1/users/ann/disable", "{}");
    assertThat(ann.get("/api/v1/whoami").statusCode()).isEqualTo(401);
    assertThat(ann.signIn().statusCode()).isEqualTo(403);
  }

  @Test
  void aSecretThatSomebodyPutIntoTheBrowserIsNotKept() throws Exception {
    var eve = new Browser();
    eve.cookies.put("holdfast-session", "hfs_chosen-by-somebody-else-00000000000000000");
    assertThat(eve.get("/api/v1/whoami").statusCode()).isEqualTo(401);
    String before = eve.cookies.get("holdfast-session");
    eve.signIn();
    assertThat(eve.cookies.get("holdfast-session")).isNotEqualTo(before);
  }

  @Test
  void aSignInThatAnotherBrowserBeganEndsNowhere() throws Exception {
    var eve = new Browser();
    provider.subject = "2";
    provider.called = "eve";
    String evesBack = eve.away();
    var ann = new Browser();
    ann.get("/login/" + name());
    assertThat(ann.get(evesBack).statusCode()).isEqualTo(409);
    assertThat(ann.get("/api/v1/whoami").statusCode()).isEqualTo(401);
    assertThat(eve.get(evesBack).statusCode()).as("it is used up").isNotEqualTo(200);
    assertThat(eve.signIn().statusCode()).as("control").isEqualTo(200);
  }

  @Test
  void aTokenIsNoCookieAndACookieNoToken() throws Exception {
    var ann = new Browser();
    ann.signIn();
    String secret = ann.cookies.getOrDefault("holdfast-session", "");
    assertThat(stage.caller(secret).get("/api/v1/whoami").status()).isEqualTo(403);
    var other = new Browser();
    other.cookies.put("holdfast-session", stage.admin().token());
    assertThat(other.get("/api/v1/whoami").statusCode()).isEqualTo(401);
  }

  @Test
  void aSessionOfHttpsIsNotTakenFromACookieThatASisterSiteCanSet() throws Exception {
    stage.signIn.clear();
    register("https://ci.example.org", true);
    var ann = new Browser();
    HttpResponse<String> in = ann.signIn();
    assertThat(in.headers().allValues("Set-Cookie").toString())
        .contains("__Host-holdfast=")
        .contains("; Secure")
        .contains("HttpOnly")
        .contains("SameSite=Lax");
    assertThat(ann.get("/api/v1/whoami").statusCode()).as("control").isEqualTo(200);
    var tossed = new Browser();
    tossed.cookies.put("holdfast-session", ann.cookies.getOrDefault("__Host-holdfast", ""));
    assertThat(tossed.get("/api/v1/whoami").statusCode()).isEqualTo(401);
  }

  @Test
  void whoIsCalledAsSomebodyHereIsAnother() throws Exception {
    provider.called = "admin";
    var eve = new Browser();
    assertThat(eve.signIn().body()).isEqualTo("You are signed in as admin-2.\n");
    assertThat(eve.get("/api/v1/agents").statusCode()).isEqualTo(403);
  }

  @Test
  void whomNobodyKnowsIsRefusedAndOnRecord() throws Exception {
    register("http://127.0.0.1:" + stage.port(), false);
    var eve = new Browser();
    assertThat(eve.signIn().body()).contains("no user who may sign in is linked to ann");
    assertThat(eve.cookies).doesNotContainKey("holdfast-session");
    assertThat(audit()).contains("refused").contains("session.begin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iss",
        "aud",
        "aud-of-two",
        "exp",
        "no-exp",
        "iat",
        "no-iat",
        "nonce",
        "no-nonce",
        "no-sub",
        "none",
        "HS256",
        "key"
      })
  void whatTheProviderDidNotSignForThisSignInIsNotBelieved(String what) throws Exception {
    Consumer<Map<String, Json>> lie =
        switch (what) {
          case "iss" -> claims -> claims.put("iss", new Json.Str("https://other.example"));
          case "aud" -> claims -> claims.put("aud", new Json.Str("another-client"));
          case "aud-of-two" ->
              claims ->
                  claims.put(
                      "aud",
                      new Json.Arr(
                          List.of(new Json.Str("holdfast-client"), new Json.Str("another"))));
          case "exp" ->
              claims -> claims.put("exp", Json.Num.of(clock.instant().getEpochSecond() - 61));
          case "iat" ->
              claims -> claims.put("iat", Json.Num.of(clock.instant().getEpochSecond() + 61));
          case "nonce" -> claims -> claims.put("nonce", new Json.Str("of-another-sign-in"));
          case "no-exp", "no-iat", "no-nonce", "no-sub" ->
              claims -> claims.remove(what.substring("no-".length()));
          default -> claims -> {};
        };
    var ann = new Browser();
    String back = ann.away();
    provider.lie = lie;
    if (what.equals("none") || what.equals("HS256")) {
      provider.algorithm = what;
    }
    provider.withAnotherKey = what.equals("key");
    HttpResponse<String> refused = ann.get(back);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(ann.cookies).doesNotContainKey("holdfast-session");

    provider.lie = _ -> {};
    provider.algorithm = "RS256";
    provider.withAnotherKey = false;
    assertThat(ann.signIn().statusCode()).as("control").isEqualTo(200);
  }
}
