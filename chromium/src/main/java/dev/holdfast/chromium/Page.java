package dev.holdfast.chromium;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** One tab of a person's browser. Paths are those of the server it was made for. */
public final class Page implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int PHONE = 390;
  private static final int DESKTOP = 1360;
  private static final int TALLEST = 4000;

  /** Where a reviewer finds what pages look like. */
  private static final Path SCREENSHOTS = Path.of("target/screenshots");

  private final Browser browser;
  private final String base;
  private final String context;
  private final String session;
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private volatile int width = DESKTOP;
  private final BiConsumer<String, Json.Obj> listener;

  Page(Browser browser, String base, String context, String session) {
    this.browser = browser;
    this.base = base;
    this.context = context;
    this.session = session;
    this.listener = this::heard;
    browser.listen(listener);
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
    desktop();
  }

  private Json.Obj call(String method, Map<String, Json> parameters) {
    return browser.call(session, method, parameters);
  }

  private void heard(String of, Json.Obj message) {
    if (!of.equals(session)) {
      return;
    }
    String method = Browser.text(message, "method");
    if (method.equals("Runtime.exceptionThrown")) {
      problems.add("exception: " + JsonText.compact(message));
    } else if (method.equals("Log.entryAdded")) {
      String text = JsonText.compact(message);
      if (text.contains("\"level\":\"error\"") || text.contains("\"source\":\"security\"")) {
        problems.add(text);
      }
    } else if (method.equals("Runtime.consoleAPICalled")
        && JsonText.compact(message).contains("\"type\":\"error\"")) {
      problems.add("console: " + JsonText.compact(message));
    }
  }

  /** What scripts, the console and the content security policy complained of so far. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Forgets them. */
  public void forgive() {
    problems.clear();
  }

  // ---- where it is

  /** Opens {@code path} and waits until it is loaded. */
  public Page open(String path) {
    run("window.holdfastOld = true");
    call("Page.navigate", Map.of("url", new Json.Str(base + path)));
    loaded();
    return this;
  }

  /** Waits until the page that was there is another one, and loaded. */
  public void loaded() {
    await("!window.holdfastOld && document.readyState === 'complete'");
  }

  /** Path and query of where it is. */
  public String path() {
    return eval("location.pathname + location.search");
  }

  // ---- what is there

  /** The value of an expression, as text. */
  public String eval(String expression) {
    return eval(PATIENCE, expression);
  }

  /** The same for what may take longer. */
  public String eval(Duration patience, String expression) {
    Json.Obj said =
        browser.call(
            patience,
            session,
            "Runtime.evaluate",
            Map.of(
                "expression",
                new Json.Str(expression),
                "returnByValue",
                new Json.Bool(true),
                "awaitPromise",
                new Json.Bool(true)));
    if (said.fields().containsKey("exceptionDetails")) {
      throw new AssertionError(expression + ": " + JsonText.compact(said));
    }
    Json value =
        said.fields().get("result") instanceof Json.Obj result
            ? result.fields().getOrDefault("value", Json.NULL)
            : Json.NULL;
    return value instanceof Json.Str(var text) ? text : JsonText.compact(value);
  }

  public void run(String statements) {
    eval("(() => {" + statements + "})()");
  }

  /** Has {@code script} run in every page that is opened from now on, before all of its own. */
  public void beforeEachPage(String script) {
    call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", new Json.Str(script)));
  }

  /** Waits until {@code condition} holds. */
  public void await(String condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String last = "";
    while (System.nanoTime() < end) {
      try {
        last = eval("Boolean(" + condition + ")");
      } catch (AssertionError e) {
        last = String.valueOf(e.getMessage()); // a page that is just going has nothing to ask
      }
      if (last.equals("true")) {
        return;
      }
      try {
        Thread.sleep(20); // bounded poll of another process
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
    throw new AssertionError(condition + " does not come true at " + path() + ": " + last);
  }

  private static String quoted(String text) {
    return JsonText.compact(new Json.Str(text));
  }

  /** The text that is seen of the first element that {@code selector} finds. */
  public String text(String selector) {
    return eval("document.querySelector(" + quoted(selector) + ").innerText");
  }

  /** How many there are. */
  public int count(String selector) {
    return Integer.parseInt(eval("document.querySelectorAll(" + quoted(selector) + ").length"));
  }

  /**
   * Whether nothing is wider than the window was made: one of a phone grows with what does not fit.
   */
  public boolean fits() {
    return Integer.parseInt(eval("document.documentElement.scrollWidth")) <= width;
  }

  // ---- what a person does

  /** Clicks in the middle of what {@code selector} finds. */
  public void click(String selector) {
    String place =
        eval(
            "(() => { const e = document.querySelector("
                + quoted(selector)
                + "); e.scrollIntoView({block: 'center', behavior: 'instant'}); const r ="
                + " e.getBoundingClientRect(); return (r.x + r.width / 2) + ' ' + (r.y + r.height /"
                + " 2); })()");
    String[] at = place.split(" ", 2);
    for (String type : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          Map.of(
              "type",
              new Json.Str(type),
              "x",
              new Json.Num(at[0]),
              "y",
              new Json.Num(at[1]),
              "button",
              new Json.Str("left"),
              "clickCount",
              Json.Num.of(1)));
    }
  }

  /** As {@link #click}, where that leads to another page. */
  public void follow(String selector) {
    run("window.holdfastOld = true");
    click(selector);
    loaded();
  }

  /** Writes into a field, in place of what is there. */
  public void fill(String selector, String text) {
    run(
        "const e = document.querySelector("
            + quoted(selector)
            + "); e.focus(); if (e.select) e.select();");
    call("Input.insertText", Map.of("text", new Json.Str(text)));
  }

  /** Types at whatever has the focus. */
  public void type(String text) {
    call("Input.insertText", Map.of("text", new Json.Str(text)));
  }

  /** Presses a key: Tab, Enter, Space, Escape, ArrowDown, … */
  public void press(String key) {
    press(key, 0);
  }

  /**
   * @param modifiers 8 is Shift
   */
  public void press(String key, int modifiers) {
    int code =
        switch (key) {
          case "Tab" -> 9;
          case "Enter" -> 13;
          case "Escape" -> 27;
          case "Space" -> 32;
          case "PageUp" -> 33;
          case "PageDown" -> 34;
          case "End" -> 35;
          case "Home" -> 36;
          case "ArrowUp" -> 38;
          case "ArrowDown" -> 40;
          default -> throw new AssertionError("no such key: " + key);
        };
    for (String type : List.of("keyDown", "keyUp")) {
      var event = new LinkedHashMap<String, Json>();
      event.put("type", new Json.Str(type));
      event.put("key", new Json.Str(key.equals("Space") ? " " : key));
      event.put("code", new Json.Str(key));
      event.put("windowsVirtualKeyCode", Json.Num.of(code));
      event.put("modifiers", Json.Num.of(modifiers));
      String text = key.equals("Enter") ? "\r" : key.equals("Space") ? " " : "";
      if (type.equals("keyDown") && !text.isEmpty()) {
        event.put("text", new Json.Str(text));
      }
      call("Input.dispatchKeyEvent", event);
    }
  }

  /** Presses Tab until what {@code selector} finds has the focus; at most {@code most} times. */
  public void tabTo(String selector, int most) {
    for (int i = 0; i < most; i++) {
      press("Tab");
      if (eval("Boolean(document.activeElement?.matches(" + quoted(selector) + "))")
          .equals("true")) {
        return;
      }
    }
    throw new AssertionError("Tab does not come to " + selector + " at " + path());
  }

  /** Signs in with a token, as people do. */
  public Page signIn(String token) {
    open("/sign-in");
    fill("#token", token);
    follow("form[action='/sign-in'] button");
    return this;
  }

  /** Has the browser keep a cookie. */
  public void cookie(String name, String value) {
    call(
        "Network.setCookie",
        Map.of(
            "name",
            new Json.Str(name),
            "value",
            new Json.Str(value),
            "url",
            new Json.Str(base),
            "httpOnly",
            new Json.Bool(true)));
  }

  /** The cookies of the server, as they would be sent. */
  public Map<String, String> cookies() {
    var out = new LinkedHashMap<String, String>();
    Json.Obj said =
        call("Network.getCookies", Map.of("urls", new Json.Arr(List.of(new Json.Str(base)))));
    if (said.fields().get("cookies") instanceof Json.Arr(var items)) {
      for (Json item : items) {
        if (item instanceof Json.Obj cookie) {
          out.put(Browser.text(cookie, "name"), Browser.text(cookie, "value"));
        }
      }
    }
    return out;
  }

  /** From the next page on nothing of a page's script runs. */
  public void withoutScripts() {
    call("Emulation.setScriptExecutionDisabled", Map.of("value", new Json.Bool(true)));
  }

  // ---- how it looks

  public void desktop() {
    window(DESKTOP, 900, false);
  }

  public void phone() {
    window(PHONE, 844, true);
  }

  private void window(int width, int height, boolean mobile) {
    this.width = width;
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            Json.Num.of(width),
            "height",
            Json.Num.of(height),
            "deviceScaleFactor",
            Json.Num.of(1),
            "mobile",
            new Json.Bool(mobile)));
  }

  /** As the system would have it: {@code light} or {@code dark}. */
  public void scheme(String scheme) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            new Json.Arr(
                List.of(
                    feature("prefers-color-scheme", scheme),
                    feature("prefers-reduced-motion", "reduce")))));
  }

  private static Json feature(String name, String value) {
    return Json.Obj.of(Map.of("name", new Json.Str(name), "value", new Json.Str(value)));
  }

  /** Does something with each look: light and dark, on a phone and on a desktop. */
  public void eachLook(java.util.function.Consumer<String> what) {
    for (String scheme : List.of("light", "dark")) {
      for (String window : List.of("phone", "desktop")) {
        scheme(scheme);
        if (window.equals("phone")) {
          phone();
        } else {
          desktop();
        }
        eval("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))");
        what.accept(scheme + "-" + window);
      }
    }
    scheme("light");
  }

  /** Writes {@code target/screenshots/NAME-{light,dark}-{phone,desktop}.png}. */
  public void screenshots(String name) {
    eachLook(look -> screenshot(name + "-" + look));
  }

  /** Writes one, of the whole page. */
  public void screenshot(String name) {
    String size =
        eval("innerWidth + ' ' + Math.max(innerHeight, document.documentElement.scrollHeight)");
    String[] parts = size.split(" ", 2);
    Json.Obj said =
        call(
            "Page.captureScreenshot",
            Map.of(
                "format",
                new Json.Str("png"),
                "captureBeyondViewport",
                new Json.Bool(true),
                "clip",
                Json.Obj.of(
                    Map.of(
                        "x",
                        Json.Num.of(0),
                        "y",
                        Json.Num.of(0),
                        "width",
                        new Json.Num(parts[0]),
                        "height",
                        Json.Num.of(Math.min(TALLEST, Integer.parseInt(parts[1]))),
                        "scale",
                        Json.Num.of(1)))));
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(
          SCREENSHOTS.resolve(name + ".png"),
          Base64.getDecoder().decode(Browser.text(said, "data")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What axe finds wrong, in each look; a line each. */
  public List<String> axe() {
    var found = new ArrayList<String>();
    eachLook(look -> {
      for (String line : axeOnce()) {
        found.add(look + ": " + line);
      }
    });
    return found;
  }

  /**
   * Finds the rows of a log that axe need not look at: what it finds in one that is made of the
   * same elements and classes it has found by then. It takes seconds for a hundred rows, and a log
   * shows thousands. The first ones of each part are all looked at.
   */
  private static final String ALIKE =
      """
      function alikeRows() {
        const known = new Set();
        const made = (e) => e.tagName + "." + e.className;
        return [...document.querySelectorAll(".rows")].flatMap((rows) => [...rows.children].filter(
          (row, i) => {
            const kind = [row, ...row.querySelectorAll("*")].map(made).join(" ");
            const seen = known.has(kind);
            known.add(kind);
            return seen && i >= 40;
          }));
      }
      """;

  private List<String> axeOnce() {
    eval(Axe.SOURCE + "; 1");
    String said =
        eval(
            LONG,
            ALIKE
                + "axe.run({include: [['html']], exclude: alikeRows()}, {resultTypes: ['violations'], iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
                + " 'best-practice']}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id +"
                + " ' ' + n.html.slice(0, 200) + ' ' + (n.any[0]?.message ?? n.all[0]?.message ??"
                + " n.none[0]?.message ?? ''))).join('\\n'))");
    return said.lines().filter(line -> !line.isBlank()).toList();
  }

  private static final class Axe {
    static final String SOURCE = read();

    private static String read() {
      try (InputStream in = Page.class.getResourceAsStream("/axe.min.js")) {
        if (in == null) {
          throw new AssertionError("axe.min.js is not on the class path");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    browser.ignore(listener);
    browser.call(
        null, "Target.disposeBrowserContext", Map.of("browserContextId", new Json.Str(context)));
  }
}
