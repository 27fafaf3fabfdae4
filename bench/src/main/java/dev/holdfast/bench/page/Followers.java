package dev.holdfast.bench.page;

import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Two hundred who follow one log: one real Chromium, and 199 that hold the stream of events that
 * its script holds, each in a session of its own; a browser's drawing for 200 people would be this
 * machine's work and none of the server's. The lines come by the calls of an agent, ten a second,
 * and say when that was. Before, the Chromium follows the same alone.
 */
final class Followers {
  private static final int FOLLOWERS = 200;
  private static final int LINES = 300;
  private static final long PAUSE_MILLIS = 100;

  private Followers() {}

  private record Heard(
      List<Double> browser,
      List<Double> others,
      double before,
      double after,
      double peak,
      double millisPerSecond) {}

  static void measure(Setting setting) throws Exception {
    int followers = setting.times(FOLLOWERS, 20);
    int lines = setting.times(LINES, 20);
    setting.say("pages: " + followers + " follow one log, " + lines + " lines");
    try (Server server = Server.start(setting.dist(), setting.scratch().folder("pages"));
        Feeder agent = Feeder.start(server, "feeder", 1)) {
      Pushed pushed =
          Pushed.to(
              server,
              "followed",
              "name: bench\non: push\njobs:\n  print:\n    steps: [{name: print, run: 'true'}]\n");
      var sessions = new ArrayList<String>();
      for (int i = 0; i < followers; i++) {
        sessions.add(Visitor.signIn(server));
      }
      pushed.again();
      Heard alone = follow(server, agent, sessions.subList(0, 1), lines);
      pushed.again();
      Heard all = follow(server, agent, sessions, lines);
      report(setting, followers, alone, all);
    }
  }

  private static void report(Setting setting, int followers, Heard alone, Heard all) {
    String of = followers + " follow a log: ";
    double floor = new Samples(alone.browser).median();
    setting
        .report()
        .add(
            PageCost.figure(of + "line to the browser's screen", Unit.MILLISECONDS, all.browser)
                .over("one browser alone", floor));
    setting
        .report()
        .add(PageCost.figure(of + "line to each other one", Unit.MILLISECONDS, all.others));
    add(setting, of + "server's memory before", Unit.MEGABYTES, all.before);
    add(setting, of + "server's memory at the end", Unit.MEGABYTES, all.after);
    add(setting, of + "server's memory, most ever", Unit.MEGABYTES, all.peak);
    setting
        .report()
        .add(
            PageCost.figure(
                    of + "server's processor time a second",
                    Unit.MILLISECONDS,
                    List.of(all.millisPerSecond))
                .over("one browser alone", alone.millisPerSecond));
  }

  private static void add(Setting setting, String what, Unit unit, double value) {
    setting.report().add(PageCost.figure(what, unit, List.of(value)));
  }

  /** All of these sessions follow one log, the first in a real browser. */
  private static Heard follow(Server server, Feeder agent, List<String> sessions, int lines)
      throws IOException, InterruptedException {
    Feeder.Attempt attempt = agent.take().begin();
    double before = Memory.of(server.process().pid()).resident();
    var visitors = new ArrayList<Visitor>();
    try (Page page = Browser.shared().page(server.url())) {
      page.cookie(Visitor.COOKIE, sessions.getFirst());
      var eyes = new Eyes(page);
      eyes.open("/attempts/" + attempt.id());
      for (String session : sessions.subList(1, sessions.size())) {
        visitors.add(Visitor.follow(server, session, attempt.id(), 1));
      }
      Duration cpu = server.process().cpu();
      long began = System.nanoTime();
      for (int i = 1; i <= lines; i++) {
        String line = String.format(Locale.ROOT, Eyes.LINE, i, System.currentTimeMillis());
        attempt.print((line + "\n").getBytes(StandardCharsets.UTF_8));
        Thread.sleep(PAUSE_MILLIS); // the rate of the feed, which is what is asked for
      }
      eyes.awaitLines(lines);
      double spent =
          server.process().cpu().minus(cpu).toNanos() / ((System.nanoTime() - began) / 1e9) / 1e6;
      Memory memory = Memory.of(server.process().pid());
      attempt.end();
      var others = new ArrayList<Double>();
      for (Visitor visitor : visitors) {
        List<Double> ages = visitor.ages();
        if (ages.size() != lines) {
          throw new IOException("of " + lines + " lines a follower heard " + ages.size());
        }
        others.addAll(ages);
      }
      return new Heard(eyes.ages(), others, before, memory.resident(), memory.peak(), spent);
    } finally {
      for (Visitor visitor : visitors) {
        visitor.close();
      }
    }
  }
}
