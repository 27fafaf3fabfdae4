package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in at the pages, and the ways around it. */
@SuppressWarnings("NullAway.Init") // set before each
class SignInPageTest {
  @TempDir Path data;
  private PageScene scene;
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

  @BeforeEach
  void open() throws Exception {
    scene =
        new PageScene(
            data, PageScene.workflow("build", PageScene.job("compile", java.util.List.of(), "c")));
    scene.stage.repository("harbour");
  }

  @AfterEach
  void close() throws Exception {
    http.close();
    scene.close();
  }

  private String base() {
    return "http://127.0.0.1:" + scene.stage.port();
  }

  private static String form(Map<String, String> fields) {
    return String.join(
        "&",
        fields.entrySet().stream()
            .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
            .toList());
  }

  private HttpResponse<String> post(
      String path, Map<String, String> fields, String cookie, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form(fields)));
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String cookie) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(base() + path)).header("Accept", "text/html").GET();
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The cookie of a new session. */
  private String session(String token) throws Exception {
    var answer = post("/sign-in", Map.of("token", token), "", "Origin", base());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  private String csrf(String cookie) throws Exception {
    var found =
        java.util.regex.Pattern.compile("name=\"csrf\" value=\"([0-9a-f]+)\"")
            .matcher(get("/runs", cookie).body());
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @Test
  void whoIsNotSignedInIsSentToSignInAndThenToWhereTheyWantedToGo() throws Exception {
    try (Page page = scene.browser()) {
      page.open("/runs?state=failed");
      assertThat(page.path()).isEqualTo("/sign-in?to=%2Fruns%3Fstate%3Dfailed");
      assertThat(page.axe()).isEmpty();
      page.screenshots("sign-in");
      page.fill("#token", "hft_not-a-token");
      page.follow("form[action='/sign-in'] button");
      assertThat(page.text("[role=alert]")).contains("no user's token in force");
      assertThat(page.axe()).isEmpty();
      page.screenshots("sign-in-refused");
      page.forgive(); // the browser says that it was answered with 403
      page.fill("#token", scene.admin.token());
      page.follow("form[action='/sign-in'] button");
      assertThat(page.path()).isEqualTo("/runs?state=failed");
      assertThat(page.problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%0d%0aSet-Cookie: a=b\r\nX: y",
        "javascript:alert(1)",
        "/sign-in",
        "/runs\\..\\..",
        ""
      })
  void signingInLeadsToNoOtherPlace(String to) throws Exception {
    var answer =
        post("/sign-in", Map.of("token", scene.admin.token(), "to", to), "", "Origin", base());
    assertThat(answer.headers().firstValue("Location")).contains("/");
    var control =
        post(
            "/sign-in",
            Map.of("token", scene.admin.token(), "to", "/runs?branch=a%20b"),
            "",
            "Origin",
            base());
    assertThat(control.headers().firstValue("Location")).contains("/runs?branch=a%20b");
  }

  @Test
  void anotherSiteSignsNobodyIn() throws Exception {
    var fields = Map.of("token", scene.admin.token());
    assertThat(post("/sign-in", fields, "", "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(post("/sign-in", fields, "", "Origin", "null").statusCode()).isEqualTo(403);
    assertThat(
            post("/sign-in", fields, "", "Origin", base(), "Sec-Fetch-Site", "cross-site")
                .statusCode())
        .isEqualTo(403);
    assertThat(post("/sign-in", fields, "").statusCode()).as("nothing said").isEqualTo(403);
    assertThat(post("/sign-in", fields, "", "Origin", base()).statusCode())
        .as("control")
        .isEqualTo(303);
  }

  @Test
  void aFormThatIsNotOfTheSessionsOwnPagesDoesNothing() throws Exception {
    String run = scene.stage.run("harbour", "build");
    String cookie = session(scene.admin.token());
    String other = session(scene.admin.token());
    String path = "/runs/" + run + "/cancel";
    assertThat(post(path, Map.of(), cookie).statusCode()).isEqualTo(403);
    assertThat(post(path, Map.of("csrf", "0".repeat(64)), cookie).statusCode()).isEqualTo(403);
    assertThat(post(path, Map.of("csrf", "0".repeat(128)), cookie).statusCode()).isEqualTo(403);
    assertThat(post(path, Map.of("csrf", "x".repeat(128)), cookie).statusCode()).isEqualTo(403);
    assertThat(post(path, Map.of("csrf", csrf(other)), cookie).statusCode())
        .as("another session's")
        .isEqualTo(403);
    assertThat(post(path, Map.of("csrf", csrf(cookie)), "").statusCode())
        .as("without the session")
        .isEqualTo(401);
    assertThat(
            post(
                    path,
                    Map.of("csrf", csrf(cookie)),
                    "",
                    "Authorization",
                    "Bearer " + scene.admin.token())
                .statusCode())
        .as("a token is no session")
        .isEqualTo(401);
    assertThat(scene.admin.get("/api/v1/runs/" + run).at("state")).isEqualTo("queued");
    assertThat(post(path, Map.of("csrf", csrf(cookie)), cookie).statusCode())
        .as("control")
        .isEqualTo(303);
    assertThat(scene.admin.get("/api/v1/runs/" + run).at("state")).isEqualTo("cancelled");
  }

  @Test
  void aPageIsCompressedForItsUserAndForNobodyElseAndShowsNothingTwice() throws Exception {
    String cookie = session(scene.admin.token());
    HttpResponse<String> plain = get("/runs", cookie);
    assertThat(csrf(cookie)).as("veiled anew in each page").isNotEqualTo(csrf(cookie));
    for (String site : List.of("same-origin", "none", "same-site", "cross-site")) {
      var answer =
          http.send(
              HttpRequest.newBuilder(URI.create(base() + "/runs"))
                  .header("Accept", "text/html")
                  .header("Accept-Encoding", "gzip")
                  .header("Sec-Fetch-Site", site)
                  .header("Cookie", cookie)
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).as(site).isEqualTo(200);
      boolean ours = List.of("same-origin", "none").contains(site);
      assertThat(answer.headers().firstValue("Content-Encoding").isPresent())
          .as(site)
          .isEqualTo(ours);
      if (ours) {
        var text =
            new String(
                new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(),
                StandardCharsets.UTF_8);
        assertThat(text).hasSameSizeAs(plain.body()).contains("<main");
        assertThat(answer.body()).hasSizeLessThan(plain.body().length() / 2);
      }
    }
  }

  @Test
  void aStolenCookieIsWorthNothingAfterSignOut() throws Exception {
    try (Page page = scene.signedIn();
        Page thief = scene.browser()) {
      page.cookies().forEach(thief::cookie);
      thief.open("/runs");
      assertThat(thief.path()).as("control").isEqualTo("/runs");
      page.follow(".leave button");
      assertThat(page.path()).isEqualTo("/sign-in");
      assertThat(page.cookies()).doesNotContainKey("holdfast-session");
      thief.open("/runs");
      assertThat(thief.path()).startsWith("/sign-in");
      page.open("/runs");
      assertThat(page.path()).startsWith("/sign-in");
    }
  }

  @Test
  void aCookieThatSomebodyPutThereIsNotKept() throws Exception {
    try (Page page = scene.browser()) {
      String planted = "hfs_chosen-by-somebody-else-00000000000000000";
      page.cookie("holdfast-session", planted);
      page.open("/runs");
      assertThat(page.path()).startsWith("/sign-in");
      page.signIn(scene.admin.token());
      assertThat(page.cookies().get("holdfast-session")).isNotEqualTo(planted);
      String first = page.cookies().getOrDefault("holdfast-session", "");
      page.signIn(scene.admin.token());
      assertThat(page.cookies().get("holdfast-session"))
          .as("another sign-in, another session")
          .isNotEqualTo(first);
    }
  }

  @Test
  void aSessionIsGoodForWhatItsTokenIsAndEndsWithIt() throws Exception {
    String run = scene.stage.run("harbour", "build");
    var made =
        scene.admin.post("/api/v1/tokens", "{\"name\": \"only-looks\", \"scope\": [\"view\"]}");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String cookie = session(made.at("token"));
    assertThat(get("/runs/" + run, cookie).statusCode()).isEqualTo(200);
    assertThat(post("/runs/" + run + "/cancel", Map.of("csrf", csrf(cookie)), cookie).statusCode())
        .as("its user may, the token may not")
        .isEqualTo(403);
    var revoked = scene.admin.call("DELETE", "/api/v1/tokens/" + made.at("id"), new byte[0]);
    assertThat(revoked.status()).isEqualTo(200);
    assertThat(get("/runs/" + run, cookie).statusCode()).isEqualTo(303);
    // Also after a start, when sessions are read from the database.
    scene.stage.restart();
    assertThat(get("/runs/" + run, cookie).statusCode()).isEqualTo(303);
    String control = session(scene.admin.token());
    scene.stage.restart();
    assertThat(get("/runs/" + run, control).statusCode()).as("control").isEqualTo(200);
  }

  @Test
  void nothingOfAPageIsKeptOrFramedOrSniffed() throws Exception {
    var headers = get("/runs", session(scene.admin.token())).headers();
    assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .contains("base-uri 'none'", "form-action 'self'")
        .doesNotContain("unsafe");
    assertThat(headers.firstValue("Cache-Control")).contains("no-store");
    assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(headers.firstValue("Referrer-Policy")).contains("same-origin");
    var css =
        java.util.regex.Pattern.compile("/asset/app\\.[0-9a-f]{16}\\.css")
            .matcher(get("/sign-in", "").body());
    assertThat(css.find()).isTrue();
    var asset = get(css.group(), "");
    assertThat(asset.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
    assertThat(get("/asset/app.0000000000000000.css", "").statusCode()).isEqualTo(404);
  }

  @Test
  void aLookIsKeptWithoutScripts() throws Exception {
    try (Page page = scene.signedIn()) {
      page.withoutScripts();
      page.follow(".themes [value=dark]");
      assertThat(page.eval("document.documentElement.dataset.theme")).isEqualTo("dark");
      page.open("/runs");
      assertThat(page.eval("getComputedStyle(document.body).backgroundColor"))
          .isEqualTo("rgb(15, 21, 20)");
    }
  }
}
