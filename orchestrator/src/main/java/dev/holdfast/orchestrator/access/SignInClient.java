package dev.holdfast.orchestrator.access;

import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** What Holdfast is registered as somewhere, so that people can sign in there. Thread-safe. */
public sealed interface SignInClient {
  /** What it is known by here, and what accounts of it are said to come from. */
  String name();

  /** The client id. */
  String id();

  /**
   * Where browsers find this installation, as {@code https://ci.example.org}; no slash at the end.
   */
  URI here();

  /** Whether somebody whom it signs in and whom nobody knows becomes a user, without any right. */
  boolean newUsers();

  /**
   * Where to send a browser.
   *
   * @throws AccessRefused if that has to be asked for and cannot be
   */
  URI authorize(HttpClient http, String state, String verifier);

  /**
   * Whose the code is that came back with a browser; {@code verifier} is that of {@link
   * #authorize}.
   *
   * @throws AccessRefused if it is nobody's, or cannot be asked for
   */
  ForgeAccount account(HttpClient http, String code, String verifier);

  /**
   * The clients that {@code file} names, by {@link #name}.
   *
   * @throws IOException if it cannot be used, with the mend
   */
  static SignInClients read(Path file) throws IOException {
    return SignInFile.read(file);
  }

  /**
   * A provider of OpenID Connect.
   *
   * @param issuer as it calls itself
   * @param secret the client secret
   */
  static SignInClient provider(
      URI issuer, String id, String secret, URI here, boolean newUsers, InstantSource clock) {
    return new OfProvider(new Provider(issuer, id, secret, clock), id, here, newUsers);
  }

  /** The one address that people are sent back to; it is registered there. */
  default URI callback() {
    return URI.create(here() + "/login/" + name() + "/callback");
  }

  /** {@code endpoint} with what every kind is asked. */
  private static URI asked(
      String endpoint,
      SignInClient client,
      String state,
      String verifier,
      Map<String, String> more) {
    var query = new LinkedHashMap<String, String>();
    query.put("client_id", client.id());
    query.put("redirect_uri", client.callback().toString());
    query.put("response_type", "code");
    query.put("state", state);
    query.put("code_challenge", Linking.challenge(verifier));
    query.put("code_challenge_method", "S256");
    query.putAll(more);
    var url = new StringBuilder(endpoint);
    char before = endpoint.indexOf('?') < 0 ? '?' : '&';
    for (var field : query.entrySet()) {
      url.append(before)
          .append(field.getKey())
          .append('=')
          .append(URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8));
      before = '&';
    }
    return URI.create(url.toString());
  }

  /**
   * A forge's own sign-in.
   *
   * @param host the forge; its calls start at {@code host.api()}
   * @param web where its sign-in is, as {@code https://github.com}; no slash at the end
   * @param secret the client secret
   */
  record OfForge(Repository.Host host, URI web, String id, String secret, URI here)
      implements SignInClient {
    @Override
    public String name() {
      return host.name();
    }

    @Override
    public boolean newUsers() {
      return false;
    }

    @Override
    public URI authorize(HttpClient http, String state, String verifier) {
      String path =
          switch (host.kind()) {
            case GITHUB, GITEA -> "/login/oauth/authorize";
            case GITLAB -> "/oauth/authorize";
          };
      // The least with which the forge tells who somebody is; GitHub needs none.
      Map<String, String> scope =
          switch (host.kind()) {
            case GITHUB -> Map.of();
            case GITEA -> Map.of("scope", "read:user");
            case GITLAB -> Map.of("scope", "read_user");
          };
      return asked(web + path, this, state, verifier, scope);
    }

    /** Where the code is exchanged. */
    String exchange() {
      return web
          + switch (host.kind()) {
            case GITHUB, GITEA -> "/login/oauth/access_token";
            case GITLAB -> "/oauth/token";
          };
    }

    @Override
    public ForgeAccount account(HttpClient http, String code, String verifier) {
      return ForgeAccount.ask(http, this, code, verifier);
    }

    @Override
    public String toString() {
      return "SignInClient[" + name() + ", " + id + "]";
    }
  }

  /** A provider of OpenID Connect. */
  record OfProvider(Provider provider, String id, URI here, boolean newUsers)
      implements SignInClient {
    @Override
    public String name() {
      return provider.name();
    }

    @Override
    public URI authorize(HttpClient http, String state, String verifier) {
      return asked(
          provider.discovered(http).authorize().toString(),
          this,
          state,
          verifier,
          Map.of("scope", "openid profile", "nonce", Provider.nonce(verifier)));
    }

    @Override
    public ForgeAccount account(HttpClient http, String code, String verifier) {
      return provider.account(http, callback(), code, verifier);
    }

    @Override
    public String toString() {
      return "SignInClient[" + name() + ", " + id + "]";
    }
  }
}
