package dev.holdfast.bench.page;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who follows a log by the stream of events that the page's script opens, in a session of
 * their own, without the browser. Notes the age of each line when it has come.
 */
final class Visitor implements AutoCloseable {
  private static final Pattern LINE = Pattern.compile("line (\\d+) at (\\d+);");
  static final String COOKIE = "holdfast-session";

  private final Connection connection;
  private final Connection.Body stream;
  private final Thread thread;
  private final List<Double> ages = new ArrayList<>();
  private @Nullable Exception failure;
  private boolean over;

  private Visitor(Connection connection, Connection.Body stream, String name) {
    this.connection = connection;
    this.stream = stream;
    this.thread = Thread.ofVirtual().name(name).start(this::read);
  }

  /** A new session's cookie, as somebody gets it who signs in on the page. */
  static String signIn(Server server) throws IOException, InterruptedException {
    String token = Files.readString(server.folder().resolve("data/admin-token")).strip();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/sign-in"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Origin", server.url())
            .header("Sec-Fetch-Site", "same-origin")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.headers().allValues("set-cookie").stream()
          .map(cookie -> cookie.split(";", 2)[0])
          .filter(cookie -> cookie.startsWith(COOKIE + "="))
          .map(cookie -> cookie.substring(COOKIE.length() + 1))
          .findFirst()
          .orElseThrow(
              () -> new IOException("signing in is answered with status " + answer.statusCode()));
    }
  }

  /** Follows the log of {@code attempt} from its line {@code from} on. */
  static Visitor follow(Server server, String cookie, String attempt, long from)
      throws IOException {
    Connection connection = Connection.open(server.address(), "");
    try {
      Connection.Body stream =
          connection.stream(
              "GET",
              "/live/attempts/" + attempt + "?from=" + from,
              Map.of("Cookie", COOKIE + "=" + cookie, "Accept", "text/event-stream"),
              new byte[0]);
      if (stream.status() != 200) {
        throw new IOException("following a log is answered with status " + stream.status());
      }
      return new Visitor(connection, stream, "visitor");
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void read() {
    var known = new HashSet<String>();
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        for (Matcher m = LINE.matcher(line); m.find(); ) {
          if (known.add(m.group(1))) {
            came((double) (System.currentTimeMillis() - Long.parseLong(m.group(2))));
          }
        }
        if (line.equals("event: over")) {
          break;
        }
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
    ended();
  }

  private synchronized void came(double age) {
    ages.add(age);
  }

  private synchronized void failed(Exception e) {
    failure = e;
  }

  private synchronized void ended() {
    over = true;
    notifyAll();
  }

  /** The age of each line in ms, once the log is over. */
  synchronized List<Double> ages() throws IOException, InterruptedException {
    long end = System.nanoTime() + Eyes.PATIENCE.toNanos();
    while (!over) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IOException("the stream of a follower does not end with its log");
      }
      wait(left);
    }
    if (failure != null) {
      throw new IOException("a follower heard no more: " + failure.getMessage(), failure);
    }
    return List.copyOf(ages);
  }

  @Override
  public void close() throws IOException {
    thread.interrupt();
    connection.close();
  }
}
