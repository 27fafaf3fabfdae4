package dev.holdfast.bench.page;

import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.ingest.BuildText;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A log of a million lines, in a browser: opened by the first who ever does, for whom the server
 * reads it once, and by others; to its end and back; searched for what stands in its last line, so
 * that all of it is looked through.
 */
final class LongLog {
  private static final int LINES = 1_000_000;
  private static final int QUICK_LINES = 50_000;
  private static final int LOGS = 3;
  private static final int VISITS = 10;
  private static final String NEEDLE = "the last word of all";

  private LongLog() {}

  private record Seen(
      List<Double> first,
      List<Double> open,
      List<Double> end,
      List<Double> search,
      List<Double> grep,
      List<Double> wc) {}

  static void measure(Setting setting) throws Exception {
    int lines = setting.times(LINES, QUICK_LINES);
    setting.say("pages: logs of " + lines + " lines");
    byte[] text = text(lines);
    var seen =
        new Seen(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Path folder = setting.scratch().folder("pages");
    Path file = Files.write(folder.resolve("plain.log"), text);
    try (Server server = Server.start(setting.dist(), folder);
        Feeder agent = Feeder.start(server, "feeder", 1)) {
      Pushed pushed =
          Pushed.to(
              server,
              "long",
              "name: bench\non: push\njobs:\n  print:\n    steps: [{name: print, run: 'true'}]\n");
      String cookie = Visitor.signIn(server);
      for (int i = 0; i < setting.times(LOGS, 1); i++) {
        pushed.again();
        Feeder.Attempt attempt = agent.take().begin().print(text);
        attempt.end();
        look(setting, server, cookie, "/attempts/" + attempt.id(), lines, seen);
        for (int j = 0; j < setting.times(VISITS, 2); j++) {
          seen.grep.add(run(folder, "grep", "-n", "-i", "-F", NEEDLE, file.toString()));
          seen.wc.add(run(folder, "wc", "-l", file.toString()));
        }
      }
    }
    report(setting, lines, seen);
  }

  private static void look(
      Setting setting, Server server, String cookie, String path, int lines, Seen seen)
      throws IOException, InterruptedException {
    try (Page page = Browser.shared().page(server.url())) {
      page.cookie(Visitor.COOKIE, cookie);
      var eyes = new Eyes(page);
      seen.first.add(eyes.open(path));
      for (int i = 0; i < setting.times(VISITS, 2); i++) {
        seen.open.add(eyes.open(path));
        if (!page.text("#log-total").equals(Integer.toString(lines))) {
          throw new IOException("the page says " + page.text("#log-total") + " lines");
        }
        seen.end.add(
            eyes.until(
                "document.querySelector('a[data-end]').click()",
                "(() => { const row = document.getElementById('L"
                    + lines
                    + "')?.getBoundingClientRect(); const log ="
                    + " document.getElementById('log').getBoundingClientRect(); return row &&"
                    + " row.top >= log.top && row.bottom <= log.bottom + 1; })()"));
        page.fill("#q", NEEDLE.toUpperCase(Locale.ROOT));
        seen.search.add(
            eyes.until(
                "document.getElementById('log-search').requestSubmit()",
                "document.querySelectorAll('.hits li').length === 1"));
      }
    }
  }

  private static double run(Path folder, String... command)
      throws IOException, InterruptedException {
    return Programs.must(List.of(command), Programs.environment(folder), folder).millis();
  }

  private static void report(Setting setting, int lines, Seen seen) {
    String log = "log of " + lines + " lines, ";
    double wc = new Samples(seen.wc).median();
    double grep = new Samples(seen.grep).median();
    setting
        .report()
        .add(
            PageCost.figure(log + "opened first", Unit.MILLISECONDS, seen.first).over("wc -l", wc));
    setting.report().add(PageCost.figure(log + "opened again", Unit.MILLISECONDS, seen.open));
    setting.report().add(PageCost.figure(log + "to its end", Unit.MILLISECONDS, seen.end));
    setting
        .report()
        .add(
            PageCost.figure(log + "searched to its end", Unit.MILLISECONDS, seen.search)
                .over("grep -i -F", grep));
  }

  /** Exactly so many lines, the last with the needle. */
  private static byte[] text(int lines) throws IOException {
    byte[] some = BuildText.of(1_000_000);
    byte[] last = (NEEDLE + "\n").getBytes(StandardCharsets.UTF_8);
    var all = new ByteArrayOutputStream(lines * 64);
    int left = lines - 1;
    while (left > 0) {
      int end = 0;
      while (left > 0 && end < some.length) {
        if (some[end++] == '\n') {
          left--;
        }
      }
      all.write(some, 0, end);
    }
    all.write(last);
    return all.toByteArray();
  }
}
