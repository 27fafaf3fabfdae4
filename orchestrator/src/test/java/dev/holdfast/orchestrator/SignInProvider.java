package dev.holdfast.orchestrator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.orchestrator.access.SignInClient;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A provider of OpenID Connect over HTTP, as strict as the standard, that can be told to lie. Signs
 * with the JDK alone.
 */
final class SignInProvider implements AutoCloseable {
  private static final String ID = "holdfast-client";
  private static final String SECRET = "holdfast client/secret+";

  /** The account whose browser comes. */
  volatile String subject = "248289761001";

  volatile String called = "ann";

  /** What is done to the claims before they are signed. */
  volatile Consumer<Map<String, Json>> lie = _ -> {};

  /** As {@code RS256}, {@code none}, or {@code HS256} with the public key as its secret. */
  volatile String algorithm = "RS256";

  /** Whether it signs with a key that it does not publish. */
  volatile boolean withAnotherKey;

  private final HttpServer server;
  private final InstantSource clock;
  private final KeyPair keys = keys();
  private final KeyPair others = keys();
  private final Map<String, Asked> codes = new ConcurrentHashMap<>();

  private record Asked(String redirect, String challenge, String nonce, String subject) {}

  SignInProvider(InstantSource clock) throws IOException {
    this.clock = clock;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/realm/.well-known/openid-configuration", this::discover);
    server.createContext("/authorize", this::authorize);
    server.createContext("/token", this::token);
    server.createContext("/keys", this::keys);
    server.start();
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  String issuer() {
    return url() + "/realm";
  }

  /** What an installation that browsers find at {@code here} is here. */
  SignInClient client(String here, boolean newUsers) {
    return SignInClient.provider(
        URI.create(issuer()), ID, SECRET, URI.create(here), newUsers, clock);
  }

  private void discover(HttpExchange exchange) throws IOException {
    answer(
        exchange,
        200,
        """
        {"issuer": "%s", "authorization_endpoint": "%s/authorize", "token_endpoint": "%s/token",
         "jwks_uri": "%s/keys", "token_endpoint_auth_methods_supported": ["client_secret_basic"]}
        """
            .formatted(issuer(), url(), url(), url()));
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> asked = SignInForge.fields(exchange.getRequestURI().getRawQuery());
    if (!ID.equals(asked.get("client_id"))
        || !"code".equals(asked.get("response_type"))
        || !asked.getOrDefault("scope", "").contains("openid")) {
      answer(exchange, 400, "{}");
      return;
    }
    String code = UUID.randomUUID().toString();
    codes.put(
        code,
        new Asked(
            asked.getOrDefault("redirect_uri", ""),
            asked.getOrDefault("code_challenge", ""),
            asked.getOrDefault("nonce", ""),
            subject));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            asked.get("redirect_uri")
                + "?code="
                + code
                + "&state="
                + URLEncoder.encode(asked.getOrDefault("state", ""), StandardCharsets.UTF_8));
    answer(exchange, 302, "");
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> asked =
        SignInForge.fields(
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    Asked was = codes.remove(asked.getOrDefault("code", ""));
    String both =
        URLEncoder.encode(ID, StandardCharsets.UTF_8)
            + ":"
            + URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
    String basic =
        "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    if (was == null
        || !basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))
        || !was.redirect().equals(asked.get("redirect_uri"))
        || !was.challenge().equals(challenge(asked.getOrDefault("code_verifier", "")))) {
      answer(exchange, 400, "{\"error\": \"invalid_grant\"}");
      return;
    }
    long now = clock.instant().getEpochSecond();
    var claims = new LinkedHashMap<String, Json>();
    claims.put("iss", new Json.Str(issuer()));
    claims.put("sub", new Json.Str(was.subject()));
    claims.put("aud", new Json.Str(ID));
    claims.put("nonce", new Json.Str(was.nonce()));
    claims.put("iat", Json.Num.of(now));
    claims.put("exp", Json.Num.of(now + 300));
    claims.put("preferred_username", new Json.Str(called));
    lie.accept(claims);
    answer(
        exchange,
        200,
        "{\"access_token\": \"x\", \"token_type\": \"Bearer\", \"id_token\": \""
            + signed(JsonText.compact(new Json.Obj(claims)))
            + "\"}");
  }

  private String signed(String claims) {
    String text = base64("{\"alg\":\"" + algorithm + "\",\"kid\":\"k1\"}") + "." + base64(claims);
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    try {
      return text
          + "."
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(
                  switch (algorithm) {
                    case "none" -> new byte[0];
                    case "HS256" -> {
                      var mac = javax.crypto.Mac.getInstance("HmacSHA256");
                      mac.init(
                          new javax.crypto.spec.SecretKeySpec(
                              keys.getPublic().getEncoded(), "HmacSHA256"));
                      yield mac.doFinal(bytes);
                    }
                    default -> {
                      Signature signature = Signature.getInstance("SHA256withRSA");
                      signature.initSign((withAnotherKey ? others : keys).getPrivate());
                      signature.update(bytes);
                      yield signature.sign();
                    }
                  });
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keys(HttpExchange exchange) throws IOException {
    var key = (RSAPublicKey) keys.getPublic();
    answer(
        exchange,
        200,
        "{\"keys\": [{\"kty\": \"RSA\", \"kid\": \"k1\", \"use\": \"sig\", \"n\": \""
            + number(key.getModulus())
            + "\", \"e\": \""
            + number(key.getPublicExponent())
            + "\"}]}");
  }

  private static String number(BigInteger value) {
    byte[] bytes = value.toByteArray();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
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
