package dev.holdfast.forgedouble;

import com.sun.net.httpserver.HttpExchange;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The forge's sign-in for other sites. Whoever's browser comes says by the cookie {@code account}
 * who is signed in, and always agrees. Codes are good once, for the address and the verifier that
 * they were asked with.
 */
final class SignIn {
  static final String CLIENT = "holdfast-at-the-double";
  static final String SECRET = "secret-of-holdfast-at-the-double";

  private final Book book;
  private final Map<String, Asked> codes = new ConcurrentHashMap<>();

  private record Asked(String redirect, String challenge, Account account) {}

  SignIn(Book book) {
    this.book = book;
  }

  void handle(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/login/oauth/authorize", "/oauth/authorize" -> authorize(exchange);
      case "/login/oauth/access_token", "/oauth/token" -> token(exchange);
      default -> answer(exchange, 404, Shape.obj("message", "Not Found"));
    }
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
    Optional<Account> account =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Cookie"))
            .filter(cookie -> cookie.matches("account=[0-9]+"))
            .flatMap(cookie -> book.account(Long.parseLong(cookie.substring(8))));
    if (account.isEmpty() || !CLIENT.equals(asked.get("client_id"))) {
      answer(exchange, 403, Shape.obj("message", "Forbidden"));
      return;
    }
    String code = UUID.randomUUID().toString();
    String redirect = asked.getOrDefault("redirect_uri", "");
    codes.put(code, new Asked(redirect, asked.getOrDefault("code_challenge", ""), account.get()));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            redirect
                + "?code="
                + code
                + "&state="
                + URLEncoder.encode(asked.getOrDefault("state", ""), StandardCharsets.UTF_8));
    exchange.sendResponseHeaders(302, -1);
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> asked =
        fields(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    Asked was = codes.remove(asked.getOrDefault("code", ""));
    boolean good =
        was != null
            && CLIENT.equals(asked.get("client_id"))
            && SECRET.equals(asked.get("client_secret"))
            && was.redirect().equals(asked.get("redirect_uri"))
            && was.challenge().equals(challenge(asked.getOrDefault("code_verifier", "")));
    // A refusal comes with 200, as GitHub's does.
    answer(
        exchange,
        200,
        good && was != null
            ? Shape.obj("access_token", was.account().token(), "token_type", "bearer")
            : Shape.obj("error", "bad_verification_code"));
  }

  private static Map<String, String> fields(String query) {
    return Arrays.stream(query.split("&"))
        .map(field -> field.split("=", 2))
        .collect(
            Collectors.toMap(
                field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
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

  private static void answer(HttpExchange exchange, int status, Json body) throws IOException {
    byte[] bytes = JsonText.utf8(body);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
