package dev.holdfast.chromium;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Debian's Chromium, spoken to by its DevTools protocol: one for all tests of a process, with a
 * context of its own, as a new person's browser, for each {@link Page}. It finds 127.0.0.1 and
 * nothing else.
 */
public final class Browser {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static @Nullable Browser shared;

  private final WebSocket socket;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<Json.Obj>> asked = new ConcurrentHashMap<>();
  private final List<BiConsumer<String, Json.Obj>> listeners = new CopyOnWriteArrayList<>();

  private Browser(WebSocket socket) {
    this.socket = socket;
  }

  /** Whether this machine has it. */
  public static boolean present() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Stream.of(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "chromium")));
  }

  /** The browser of this process; it ends with it. */
  public static synchronized Browser shared() throws IOException, InterruptedException {
    Browser there = shared;
    if (there == null) {
      there = start();
      shared = there;
    }
    return there;
  }

  private static Browser start() throws IOException, InterruptedException {
    Path profile = Files.createTempDirectory("holdfast-chromium");
    Process process =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile)
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, profile), "end-chromium"));
    Path said = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> lines = List.of();
    while (lines.size() < 2) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException(
            "chromium does not start: " + Files.readString(profile.resolve("chromium.log")));
      }
      Thread.sleep(20); // bounded poll of another process
      lines = Files.exists(said) ? Files.readAllLines(said) : List.of();
    }
    var texts = new Texts();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), texts)
            .join();
    var browser = new Browser(socket);
    texts.begin(browser);
    return browser;
  }

  private static void end(Process process, Path profile) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(
        handle -> handle.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(e -> handle).join());
    try (var files = Files.walk(profile)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      System.err.println("left behind " + profile + ": " + e.getMessage());
    }
  }

  /** Makes texts of what comes, which may come in parts. */
  private static final class Texts implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<Browser> browser = new CompletableFuture<>();

    void begin(Browser of) {
      browser.complete(of);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      from.request(1);
      if (!last) {
        return null;
      }
      String whole = text.toString();
      text.setLength(0);
      return browser.thenAccept(b -> b.said(whole));
    }
  }

  private void said(String text) {
    if (!(JsonText.parse(text) instanceof Json.Obj message)) {
      throw new AssertionError("chromium said " + text);
    }
    if (message.fields().get("id") instanceof Json.Num(var id)) {
      CompletableFuture<Json.Obj> waiting = asked.remove(Long.parseLong(id));
      if (waiting != null) {
        waiting.complete(message);
      }
    } else if (message.fields().get("sessionId") instanceof Json.Str(var session)) {
      listeners.forEach(listener -> listener.accept(session, message));
    }
  }

  void listen(BiConsumer<String, Json.Obj> listener) {
    listeners.add(listener);
  }

  void ignore(BiConsumer<String, Json.Obj> listener) {
    listeners.remove(listener);
  }

  /** Has {@code method} done; answers what came of it. */
  Json.Obj call(@Nullable String session, String method, Map<String, Json> parameters) {
    return call(PATIENCE, session, method, parameters);
  }

  Json.Obj call(
      Duration patience, @Nullable String session, String method, Map<String, Json> parameters) {
    long id = ids.incrementAndGet();
    var message = new LinkedHashMap<String, Json>();
    message.put("id", Json.Num.of(id));
    message.put("method", new Json.Str(method));
    message.put("params", Json.Obj.of(parameters));
    if (session != null) {
      message.put("sessionId", new Json.Str(session));
    }
    var answer = new CompletableFuture<Json.Obj>();
    asked.put(id, answer);
    synchronized (socket) {
      socket.sendText(JsonText.compact(Json.Obj.of(message)), true).join();
    }
    Json.Obj said = answer.orTimeout(patience.toSeconds(), TimeUnit.SECONDS).join();
    Json error = said.fields().get("error");
    if (error != null) {
      throw new AssertionError(method + ": " + JsonText.compact(error));
    }
    return said.fields().get("result") instanceof Json.Obj result ? result : Json.Obj.of(Map.of());
  }

  /** A new person's browser, which calls paths of {@code base}. */
  public Page page(String base) {
    String context = text(call(null, "Target.createBrowserContext", Map.of()), "browserContextId");
    String target =
        text(
            call(
                null,
                "Target.createTarget",
                Map.of(
                    "url", new Json.Str("about:blank"), "browserContextId", new Json.Str(context))),
            "targetId");
    String session =
        text(
            call(
                null,
                "Target.attachToTarget",
                Map.of("targetId", new Json.Str(target), "flatten", new Json.Bool(true))),
            "sessionId");
    return new Page(this, base, context, session);
  }

  static String text(Json.Obj of, String name) {
    if (of.fields().get(name) instanceof Json.Str(var text)) {
      return text;
    }
    throw new AssertionError("no " + name + " in " + JsonText.compact(of));
  }
}
