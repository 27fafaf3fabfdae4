package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.access.SignInClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Linking an account by the forge's sign-in, and the ways around it. */
class LinkTest {
  private static final Pattern CODE = Pattern.compile("--code ([0-9A-Z]+)");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private Stage stage;
  private SignInForge forge;
  private String name;
  private Caller ann;
  private Caller eve;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(data, clock);
    forge = new SignInForge();
    SignInClient client = forge.client(stage.port());
    name = client.name();
    stage.signIn.put(name, client);
    ann = user("ann");
    eve = user("eve");
  }

  @AfterEach
  void close() throws Exception {
    http.close();
    forge.close();
    stage.close();
  }

  private Caller user(String user) throws Exception {
    assertThat(stage.admin().post("/api/v1/users", "{\"name\": \"" + user + "\"}").status())
        .isEqualTo(201);
    return stage.caller(
        stage
            .admin()
            .post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + user + "\"}")
            .at("token"));
  }

  /** A browser with its one cookie. */
  private final class Browser {
    private Optional<String> cookie = Optional.empty();

    HttpResponse<String> go(String url) throws Exception {
      var request = HttpRequest.newBuilder(URI.create(url));
      if (url.contains(":" + stage.port() + "/")) {
        cookie.ifPresent(c -> request.header("Cookie", c));
      }
      var response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      response
          .headers()
          .firstValue("Set-Cookie")
          .ifPresent(set -> cookie = Optional.of(set.split(";", 2)[0]));
      return response;
    }

    /** Goes where it is sent. */
    String sentTo(String url) throws Exception {
      var response = go(url);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(302);
      return response.headers().firstValue("Location").orElseThrow();
    }

    /** To the end, from the link on; what it is shown. */
    HttpResponse<String> all(String link) throws Exception {
      return go(sentTo(sentTo(link)));
    }
  }

  private String begin(Caller caller) throws Exception {
    var begun = caller.post("/api/v1/identities/links", "{\"forge\": \"" + name + "\"}");
    assertThat(begun.status()).as(begun.text()).isEqualTo(201);
    return begun.at("url");
  }

  private static String code(HttpResponse<String> shown) {
    assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
    var code = CODE.matcher(shown.body());
    assertThat(code.find()).isTrue();
    return code.group(1);
  }

  private Caller.Answer confirm(Caller caller, String code) throws Exception {
    return caller.post("/api/v1/identities/confirm", "{\"code\": \"" + code + "\"}");
  }

  private void nothingLinked() throws Exception {
    assertThat(stage.admin().get("/api/v1/users").text()).doesNotContain("identities");
  }

  private static void refused(HttpResponse<String> shown) {
    assertThat(shown.statusCode()).isEqualTo(409);
    assertThat(shown.body()).contains("not the end of a sign-in that this browser began");
  }

  @Test
  void whoSignsInAtTheForgeAndHasTheTokenIsLinked() throws Exception {
    var shown = new Browser().all(begin(ann));
    assertThat(shown.body()).contains("signed in as ann", "The user ann asked for it");
    nothingLinked();
    var linked = confirm(ann, code(shown));
    assertThat(linked.status()).as(linked.text()).isEqualTo(200);
    assertThat(linked.at("account")).isEqualTo("583231");
    assertThat(linked.at("forge")).isEqualTo(name);
    assertThat(ann.get("/api/v1/whoami").at("user.identities.0.account")).isEqualTo("583231");
    assertThat(shown.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(shown.headers().firstValue("Cache-Control")).contains("no-store");
  }

  /** Eve has somebody else's browser, signed in at the forge, open her link. */
  @Test
  void aLinkThatIsSentToSomebodyElseLinksNothing() throws Exception {
    var shown = new Browser().all(begin(eve));
    String seenByAnnAlone = code(shown);
    for (String guess : new String[] {"", "2222222222", "AAAAAAAAAA", "ZZZZZZZZZZ", "23456789AB"}) {
      assertThat(confirm(eve, guess).status()).isEqualTo(403);
    }
    // Five guesses and it is over, even with the right one.
    assertThat(confirm(eve, seenByAnnAlone).status()).isEqualTo(403);
    // And to Ann it is worth nothing.
    assertThat(confirm(ann, seenByAnnAlone).status()).isEqualTo(403);
    nothingLinked();
  }

  @Test
  void aCodeIsWorthNothingToAnotherTokenOfTheSameUser() throws Exception {
    Caller other = stage.caller(ann.post("/api/v1/tokens", "{\"name\": \"other\"}").at("token"));
    String code = code(new Browser().all(begin(ann)));
    assertThat(confirm(other, code).status()).isEqualTo(403);
    assertThat(confirm(ann, code).status()).isEqualTo(200);
    assertThat(confirm(ann, code).status()).as("twice").isEqualTo(403);
  }

  @Test
  void aLinkOpensOnce() throws Exception {
    String link = begin(ann);
    new Browser().sentTo(link);
    var again = new Browser().go(link);
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.body()).contains("this link was used or is over");
  }

  @Test
  void aStateIsGoodOnceAndAlsoAfterAFailureNotAgain() throws Exception {
    var browser = new Browser();
    String back = browser.sentTo(browser.sentTo(begin(ann)));
    code(browser.go(back));
    refused(browser.go(back));

    var second = new Browser();
    String broken = second.sentTo(second.sentTo(begin(ann)));
    assertThat(second.go(broken.replaceAll("code=[^&]+", "code=none")).statusCode()).isEqualTo(403);
    refused(second.go(broken));
    nothingLinked();
  }

  /** Eve's sign-in, ended in Ann's browser: Ann's user would be given Eve's account. */
  @Test
  void aSignInOfAnotherBrowserIsNotThisOnes() throws Exception {
    var anns = new Browser();
    String annsBack = anns.sentTo(anns.sentTo(begin(ann)));
    forge.signedIn = "{\"id\": 666, \"login\": \"eve\"}";
    var eves = new Browser();
    String evesBack = eves.sentTo(eves.sentTo(begin(eve)));
    refused(anns.go(evesBack));
    refused(new Browser().go(annsBack));

    // Ann's state with the code of Eve's sign-in: the forge knows by the verifier whose it is.
    anns = new Browser();
    annsBack = anns.sentTo(anns.sentTo(begin(ann)));
    eves = new Browser();
    evesBack = eves.sentTo(eves.sentTo(begin(eve)));
    String evesCode = SignInForge.fields(URI.create(evesBack).getRawQuery()).get("code");
    var mixed = anns.go(annsBack.replaceAll("code=[^&]+", "code=" + evesCode));
    assertThat(mixed.statusCode()).isEqualTo(403);
    assertThat(mixed.body()).contains("did not accept the sign-in: bad_verification_code");
    nothingLinked();

    // The control: a forge that checks no verifier takes it, so it is the verifier that held.
    forge.checksVerifier = false;
    anns = new Browser();
    annsBack = anns.sentTo(anns.sentTo(begin(ann)));
    eves = new Browser();
    evesBack = eves.sentTo(eves.sentTo(begin(eve)));
    evesCode = SignInForge.fields(URI.create(evesBack).getRawQuery()).get("code");
    assertThat(anns.go(annsBack.replaceAll("code=[^&]+", "code=" + evesCode)).body())
        .contains("signed in as eve");
  }

  @Test
  void anotherForgesCallbackIsNotThisOnes() throws Exception {
    try (var other = new SignInForge()) {
      SignInClient client = other.client(stage.port());
      stage.signIn.put(client.name(), client);
      var browser = new Browser();
      String back = browser.sentTo(browser.sentTo(begin(ann)));
      refused(browser.go(back.replace(name, client.name())));
      refused(browser.go(back));
      String link = begin(ann);
      assertThat(new Browser().go(link.replace(name, client.name())).statusCode()).isEqualTo(409);
      nothingLinked();
    }
  }

  @Test
  void anAccountOfSomebodyElseStaysTheirs() throws Exception {
    assertThat(confirm(ann, code(new Browser().all(begin(ann)))).status()).isEqualTo(200);
    var taken = confirm(eve, code(new Browser().all(begin(eve))));
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.text()).contains("is another user's");
    // The same name with another id is another account.
    forge.signedIn = "{\"id\": 583232, \"login\": \"ann\"}";
    assertThat(confirm(eve, code(new Browser().all(begin(eve)))).status()).isEqualTo(200);
    assertThat(ann.get("/api/v1/whoami").at("user.identities.0.account")).isEqualTo("583231");
  }

  @Test
  void whatTheForgeSaysMustNameAnId() throws Exception {
    for (String account :
        new String[] {
          "{\"login\": \"ann\"}",
          "{\"id\": 0, \"login\": \"ann\"}",
          "{\"id\": \"583231\", \"login\": \"ann\"}",
          "{\"id\": 5.5, \"login\": \"ann\"}",
          "{\"id\": null}",
          "[]",
          "<html>"
        }) {
      forge.signedIn = account;
      assertThat(new Browser().all(begin(ann)).statusCode()).as(account).isEqualTo(403);
    }
    forge.signedIn = "{\"id\": 7, \"login\": \"<script>\\u001b[2J\"}";
    assertThat(new Browser().all(begin(ann)).body())
        .contains("<script>?[2J")
        .doesNotContain("\u001b");
    nothingLinked();
  }

  @Test
  void itEndsAfterAWhileAtEveryStep() throws Exception {
    String link = begin(ann);
    clock.pass(Duration.ofMinutes(10));
    assertThat(new Browser().go(link).statusCode()).isEqualTo(409);

    var browser = new Browser();
    String back = browser.sentTo(browser.sentTo(begin(ann)));
    clock.pass(Duration.ofMinutes(10));
    refused(browser.go(back));

    String code = code(new Browser().all(begin(ann)));
    clock.pass(Duration.ofMinutes(10));
    assertThat(confirm(ann, code).status()).isEqualTo(403);
    nothingLinked();
  }

  /** A leaked token for reading would bring all of its user's rights to an account of Eve's. */
  @Test
  void aTokenOfNarrowScopeLinksNothing() throws Exception {
    assertThat(
            stage
                .admin()
                .post("/api/v1/grants", "{\"to\": \"ann\", \"what\": \"viewer\"}")
                .status())
        .isEqualTo(201);
    Caller leaked =
        stage.caller(
            ann.post("/api/v1/tokens", "{\"name\": \"t\", \"scope\": [\"view\"]}").at("token"));
    var refused = leaked.post("/api/v1/identities/links", "{\"forge\": \"" + name + "\"}");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text()).contains("as good as its user");
    assertThat(leaked.get("/api/v1/whoami").status()).isEqualTo(200);
  }

  @Test
  void aForgeThatIsNotSetUpIsSaidToBe() throws Exception {
    var none = ann.post("/api/v1/identities/links", "{\"forge\": \"github:other.example\"}");
    assertThat(none.status()).isEqualTo(404);
    assertThat(none.text()).contains("nothing says how to sign in at github:other.example");
    String link = begin(ann);
    forge.close();
    var browser = new Browser();
    String away = browser.sentTo(link);
    String state = SignInForge.fields(URI.create(away).getRawQuery()).get("state");
    var silent =
        browser.go(
            "http://127.0.0.1:"
                + stage.port()
                + "/login/"
                + name
                + "/callback?code=x&state="
                + state);
    assertThat(silent.statusCode()).isEqualTo(503);
    assertThat(silent.body()).contains("could not be asked who signed in");
  }
}
