package dev.holdfast.probe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A host in a lab's net, at all of its addresses, that shows by its certificate that it is
 * api.example.net. It answers with what it was sent, as a careless host may. Asked for by a line,
 * it says what reached it since it was asked before.
 */
public final class UsedHost {
  static final int PORT = 8443;
  static final String PASSWORD = "nothing-secret";

  private UsedHost() {}

  /** KEYSTORE. */
  public static void main(String[] given) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(Path.of(given[0]))) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);

    List<String> reached = new CopyOnWriteArrayList<>();
    HttpsServer server = HttpsServer.create(new InetSocketAddress(PORT), 50);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, reached));
    server.start();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      answers.println(String.join("\t", reached));
      reached.clear();
    }
    server.stop(0);
  }

  private static void answer(HttpExchange exchange, List<String> reached) throws IOException {
    try (exchange) {
      String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      reached.add(
          exchange.getRequestMethod()
              + " "
              + exchange.getLocalAddress().getAddress().getHostAddress()
              + " "
              + exchange.getRequestURI()
              + " "
              + authorization);
      if (exchange.getRequestURI().getPath().endsWith("/away")) {
        exchange
            .getResponseHeaders()
            .add("Location", "https://other.example.net:" + PORT + "/v1/stolen");
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      byte[] body =
          ("reflected " + authorization + " and " + authorization.toLowerCase(Locale.ROOT) + "\n")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("X-Reflected", authorization);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
