package dev.holdfast.orchestrator.vault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Not a Vault: what stands in for one in tests, on a real socket. It encrypts for real, with a key
 * for each name, and answers in the shape that HashiCorp publishes, which {@code VaultTest} holds
 * against the samples of its API's documentation.
 */
public final class VaultDouble implements AutoCloseable {
  public static final String TOKEN = "hvs.test-token-of-the-double";

  /** What it was asked, as {@code POST /v1/transit/encrypt/k}. */
  public final List<String> asked = new CopyOnWriteArrayList<>();

  /** What it was sent, in the same order. */
  public final List<String> bodies = new CopyOnWriteArrayList<>();

  /** Fields of secrets, by mount and path. */
  public final Map<String, Map<String, String>> secrets = new ConcurrentHashMap<>();

  /** Answers with this status instead, unless it is 0. */
  public volatile int status;

  /** Waits so long before each answer. */
  public volatile long delay;

  /** Whether it forgets about associated data, as engines did before they had it. */
  public volatile boolean forgetful;

  private final HttpServer server;
  private final Map<String, byte[]> keys = new ConcurrentHashMap<>();

  public VaultDouble() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void handle(HttpExchange call) throws IOException {
    try (call) {
      String path = call.getRequestURI().getPath();
      byte[] body = call.getRequestBody().readAllBytes();
      asked.add(call.getRequestMethod() + " " + path);
      bodies.add(new String(body, StandardCharsets.UTF_8));
      if (delay > 0) {
        try {
          Thread.sleep(delay); // the very thing that is tried: one that is slow
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      if (status != 0) {
        answer(call, status, errors("told to"));
      } else if (!TOKEN.equals(call.getRequestHeaders().getFirst("X-Vault-Token"))) {
        answer(call, 403, errors("permission denied"));
      } else {
        route(call, path.substring("/v1/".length()), body);
      }
    }
  }

  private void route(HttpExchange call, String path, byte[] body) throws IOException {
    String[] parts = path.split("/");
    if (path.startsWith("transit/encrypt/")) {
      var fields = fields(body);
      byte[] sealed =
          crypt(
              Cipher.ENCRYPT_MODE,
              parts[2],
              new byte[12],
              Base64.getDecoder().decode(fields.get("plaintext")),
              bound(fields));
      answer(
          call, 200, data("ciphertext", "vault:v1:" + Base64.getEncoder().encodeToString(sealed)));
    } else if (path.startsWith("transit/decrypt/")) {
      var fields = fields(body);
      String text = fields.getOrDefault("ciphertext", "");
      if (!text.startsWith("vault:v1:")) {
        answer(call, 400, errors("invalid ciphertext: no prefix"));
        return;
      }
      try {
        byte[] open =
            crypt(
                Cipher.DECRYPT_MODE,
                parts[2],
                new byte[12],
                Base64.getDecoder().decode(text.substring("vault:v1:".length())),
                bound(fields));
        answer(call, 200, data("plaintext", Base64.getEncoder().encodeToString(open)));
      } catch (IllegalArgumentException e) {
        answer(call, 400, errors("cipher: message authentication failed"));
      }
    } else if (parts.length > 2 && parts[1].equals("data")) {
      String key = parts[0] + "/" + String.join("/", Arrays.copyOfRange(parts, 2, parts.length));
      Map<String, String> found = secrets.get(key);
      if (found == null) {
        answer(call, 404, "{\"errors\":[]}");
      } else {
        answer(call, 200, secret(found));
      }
    } else {
      answer(call, 404, "{\"errors\":[]}");
    }
  }

  private byte[] bound(Map<String, String> fields) {
    return forgetful
        ? new byte[0]
        : Base64.getDecoder().decode(fields.getOrDefault("associated_data", ""));
  }

  /** One nonce and one key for each of its names will do for a double; never do so elsewhere. */
  private byte[] crypt(int mode, String name, byte[] nonce, byte[] text, byte[] bound) {
    byte[] key =
        keys.computeIfAbsent(
            name, n -> Arrays.copyOf(n.repeat(32).getBytes(StandardCharsets.UTF_8), 32));
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
      cipher.updateAAD(bound);
      return cipher.doFinal(text);
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Map<String, String> fields(byte[] body) {
    var out = new LinkedHashMap<String, String>();
    ((Json.Obj) JsonText.parse(body))
        .fields()
        .forEach((name, value) -> out.put(name, ((Json.Str) value).value()));
    return out;
  }

  private static String data(String field, String value) {
    return "{\"data\":{\"" + field + "\":\"" + value + "\"}}";
  }

  private static String secret(Map<String, String> fields) {
    var data = new LinkedHashMap<String, Json>();
    fields.forEach((name, value) -> data.put(name, new Json.Str(value)));
    return "{\"data\":{\"data\":"
        + JsonText.compact(new Json.Obj(data))
        + ",\"metadata\":{\"created_time\":\"2018-03-22T02:24:06.945319214Z\",\"custom_metadata\":"
        + "null,\"deletion_time\":\"\",\"destroyed\":false,\"version\":2}}}";
  }

  private static String errors(String why) {
    return "{\"errors\":[\"" + why + "\"]}";
  }

  private static void answer(HttpExchange call, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().set("Content-Type", "application/json");
    call.sendResponseHeaders(status, bytes.length);
    call.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
