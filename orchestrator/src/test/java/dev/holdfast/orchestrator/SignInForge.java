package dev.holdfast.orchestrator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.orchestrator.access.SignInClient;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A forge's sign-in over HTTP, as strict as the standard: codes are good once, for the address and
 * the verifier that they were asked with. The browser's account is whom {@link #signedIn} names.
 */
final class SignInForge implements AutoCloseable {
  private static final String ID = "holdfast-client";
  private static final String SECRET = "holdfast-client-secret";

  /** The account whose browser comes, as the forge's API shows it. */
  volatile String signedIn = "{\"id\": 583231, \"login\": \"ann\"}";

  volatile boolean checksVerifier = true;
  private final HttpServer server;
  private final Map<String, Asked> codes = new ConcurrentHashMap<>();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  private record Asked(String redirect, String challenge, String account) {}

  SignInForge() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/login/oauth/authorize", this::authorize);
    server.createContext("/login/oauth/access_token", this::token);
    server.createContext("/user", this::user);
    server.start();
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** What Holdfast at {@code port} is here. */
  SignInClient client(int port) {
    return new SignInClient.OfForge(
        new Repository.Host(Repository.Kind.GITHUB, url()),
        url(),
        ID,
        SECRET,
        URI.create("http://127.0.0.1:" + port));
  }

  static Map<String, String> fields(String query) {
    return Arrays.stream(query.split("&"))
        .map(field -> field.split("=", 2))
        .collect(
            Collectors.toMap(
                field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
  }

  /** Whoever is signed in agrees, and is sent back with a code. */
  private void authorize(HttpExchange exchange) throws IOException {
    var asked = fields(exchange.getRequestURI().getRawQuery());
    if (!ID.equals(asked.getOrDefault("client_id", ""))
        || !"S256".equals(asked.getOrDefault("code_challenge_method", ""))) {
      answer(exchange, 400, "{}");
      return;
    }
    String code = UUID.randomUUID().toString();
    codes.put(
        code,
        new Asked(
            asked.getOrDefault("redirect_uri", ""),
            asked.getOrDefault("code_challenge", ""),
            signedIn));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            asked.getOrDefault("redirect_uri", "")
                + "?code="
                + code
                + "&state="
                + URLEncoder.encode(asked.getOrDefault("state", ""), StandardCharsets.UTF_8));
    answer(exchange, 302, "");
  }

  private void token(HttpExchange exchange) throws IOException {
    var asked =
        fields(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    Asked was = codes.remove(asked.getOrDefault("code", ""));
    if (was == null
        || !ID.equals(asked.get("client_id"))
        || !SECRET.equals(asked.get("client_secret"))
        || !was.redirect().equals(asked.get("redirect_uri"))
        || (checksVerifier
            && !was.challenge().equals(challenge(asked.getOrDefault("code_verifier", ""))))) {
      // GitHub says so with 200.
      answer(exchange, 200, "{\"error\": \"bad_verification_code\"}");
      return;
    }
    String token = UUID.randomUUID().toString();
    tokens.put(token, was.account());
    answer(exchange, 200, "{\"access_token\": \"" + token + "\", \"token_type\": \"bearer\"}");
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void user(HttpExchange exchange) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String account = header == null ? null : tokens.get(header.substring("Bearer ".length()));
    answer(exchange, account == null ? 401 : 200, account == null ? "{}" : account);
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
