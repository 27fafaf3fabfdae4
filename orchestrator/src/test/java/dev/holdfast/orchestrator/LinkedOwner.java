package dev.holdfast.orchestrator;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.orchestrator.access.SignInClient;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/** Somebody whose pushes are trusted: a user who may change workflows, linked to their account. */
final class LinkedOwner implements AutoCloseable {
  private static final Pattern CODE = Pattern.compile("--code ([0-9A-Z]+)");

  private final SignInForge forge = new SignInForge();
  private final SignInClient client;

  LinkedOwner(Stage stage) throws Exception {
    client = forge.client(stage.port());
    stage.signIn.put(client.name(), client);
  }

  Repository.Host host() {
    return ((SignInClient.OfForge) client).host();
  }

  Contributor contributor(String account, String name) {
    return new Contributor(client.name(), account, name);
  }

  /** Makes a user who may change workflows and owns this account at the forge. */
  void link(Stage stage, String account) throws Exception {
    Caller admin = stage.admin();
    admin.post("/api/v1/users", "{\"name\": \"owner\"}");
    admin.post("/api/v1/grants", "{\"to\": \"owner\", \"what\": \"admin\"}");
    Caller user =
        stage.caller(
            admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"owner\"}").at("token"));
    forge.signedIn = "{\"id\": " + account + ", \"login\": \"owner\"}";
    String url =
        user.post("/api/v1/identities/links", "{\"forge\": \"" + client.name() + "\"}").at("url");
    try (HttpClient browser =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .cookieHandler(new java.net.CookieManager())
            .build()) {
      var shown =
          browser.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.ofString());
      var found = CODE.matcher(shown.body());
      if (!found.find()) {
        throw new AssertionError(shown.body());
      }
      var confirmed =
          user.post("/api/v1/identities/confirm", "{\"code\": \"" + found.group(1) + "\"}");
      if (confirmed.status() != 200) {
        throw new AssertionError(confirmed);
      }
    }
  }

  @Override
  public void close() {
    forge.close();
  }
}
