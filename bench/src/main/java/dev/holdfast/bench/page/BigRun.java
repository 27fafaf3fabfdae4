package dev.holdfast.bench.page;

import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.http.Answer;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The page of a run with 200 jobs, half of them done, some running, the others waiting: what it
 * weighs, and how long until somebody sees it.
 */
final class BigRun {
  private static final int STAGES = 10;
  private static final int WIDTH = 20;
  private static final int DONE = 5;
  private static final int VISITS = 20;
  private static final String JOBS = "run page, " + STAGES * WIDTH + " jobs, ";

  private BigRun() {}

  private static final class Seen {
    private final List<Double> wire = new ArrayList<>();
    private final List<Double> plain = new ArrayList<>();
    private final List<Double> paint = new ArrayList<>();
    private final List<Double> drawn = new ArrayList<>();

    private void visit(Eyes eyes, String path) throws IOException {
      drawn.add(eyes.open(path));
      paint.add(eyes.firstPaint());
      wire.add(eyes.bytes(Eyes.Weight.WIRE) / 1e3);
      plain.add(eyes.bytes(Eyes.Weight.PLAIN) / 1e3);
    }
  }

  static void measure(Setting setting) throws Exception {
    int visits = setting.times(VISITS, 2);
    setting.say(
        "pages: a run with " + STAGES * WIDTH + " jobs, " + visits + " visits of each kind");
    try (Server server = Server.start(setting.dist(), setting.scratch().folder("pages"));
        Feeder agent = Feeder.start(server, "feeder", STAGES * WIDTH)) {
      Pushed.to(server, "big", workflow()).again();
      Feeder.Attempt last = null;
      for (int i = 0; i < setting.times(DONE, 1) * WIDTH; i++) {
        last = agent.take().begin().print("done\n".getBytes(StandardCharsets.UTF_8));
        last.end();
      }
      for (int i = 0; i < WIDTH / 2; i++) {
        last = agent.take().begin();
      }
      String path = "/runs/" + java.util.Objects.requireNonNull(last).run();
      String cookie = Visitor.signIn(server);
      var first = new Seen();
      var again = new Seen();
      var floor = new Seen();
      try (BarePages bare = copy(server, cookie, path)) {
        for (int i = 0; i < visits; i++) {
          try (Page page = Browser.shared().page(server.url())) {
            page.cookie(Visitor.COOKIE, cookie);
            var eyes = new Eyes(page);
            first.visit(eyes, path);
            check(page);
            again.visit(eyes, path);
          }
          try (Page page = Browser.shared().page(bare.url())) {
            floor.visit(new Eyes(page), path);
          }
        }
      }
      report(setting, first, again, floor);
    }
  }

  private static void check(Page page) throws IOException {
    String jobs = page.eval("document.body.innerText.match(/stage-9/g)?.length ?? 0");
    if (jobs.equals("0")) {
      throw new IOException("the page of the run does not show its last jobs");
    }
  }

  private static void report(Setting setting, Seen first, Seen again, Seen floor) {
    for (Seen seen : List.of(first, again)) {
      String what = JOBS + (seen == first ? "first visit: " : "again: ");
      setting.report().add(PageCost.figure(what + "over the wire", Unit.KILOBYTES, seen.wire));
      setting.report().add(PageCost.figure(what + "uncompressed", Unit.KILOBYTES, seen.plain));
      setting
          .report()
          .add(
              PageCost.figure(what + "first paint", Unit.MILLISECONDS, seen.paint)
                  .over("the same bytes, bare server", new Samples(floor.paint).median()));
      setting
          .report()
          .add(
              PageCost.figure(what + "all of it drawn", Unit.MILLISECONDS, seen.drawn)
                  .over("the same bytes, bare server", new Samples(floor.drawn).median()));
    }
  }

  /** The same bytes, page and parts, on a server that has nothing else to do. */
  private static BarePages copy(Server server, String cookie, String path) throws IOException {
    var bare = new BarePages();
    try (Connection connection = Connection.open(server.address(), "")) {
      Map<String, String> headers = Map.of("Cookie", Visitor.COOKIE + "=" + cookie);
      Answer page = connection.call("GET", path, headers, new byte[0]).orThrow(path);
      bare.put(path, "text/html; charset=utf-8", page.body());
      String html = new String(page.body(), StandardCharsets.UTF_8);
      for (String part :
          Pattern.compile("\"(/asset/[^\"]+)\"")
              .matcher(html)
              .results()
              .map(found -> found.group(1))
              .distinct()
              .toList()) {
        bare.put(part, type(part), connection.get(part).orThrow(part).body());
      }
      return bare;
    } catch (IOException | RuntimeException e) {
      bare.close();
      throw e;
    }
  }

  private static String type(String asset) {
    return asset.endsWith(".css")
        ? "text/css"
        : asset.endsWith(".js") ? "text/javascript" : "image/svg+xml";
  }

  private static String workflow() {
    String values =
        IntStream.range(0, WIDTH).mapToObj(i -> "v" + i).collect(Collectors.joining(", "));
    var text = new StringBuilder("name: bench\non: push\njobs:\n");
    for (int i = 0; i < STAGES; i++) {
      text.append("  stage-").append(i).append(":\n");
      if (i > 0) {
        text.append("    needs: stage-").append(i - 1).append('\n');
      }
      text.append("    matrix: {part: [").append(values).append("]}\n");
      text.append("    steps: [{name: build the part, run: 'true'}]\n");
    }
    return text.toString();
  }
}
