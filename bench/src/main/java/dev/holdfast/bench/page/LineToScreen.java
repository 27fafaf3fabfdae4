package dev.holdfast.bench.page;

import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.installation.AgentHost;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import java.io.IOException;
import java.util.List;

/**
 * From a step that prints to the frame of a browser that shows the line: through runner, agent and
 * orchestrator of the distribution. The step writes the time into its line, and the page's own
 * script takes it from its own when the line is seen; all of it is one machine's clock, read in
 * whole milliseconds.
 */
final class LineToScreen {
  private static final int LINES = 300;

  /** Those that were printed before the page listened come late, and are none of this. */
  private static final int NOT_COUNTED = 20;

  private LineToScreen() {}

  static void measure(Setting setting) throws Exception {
    if (setting.backends().isEmpty()) {
      setting.report().skipped("pages, line to screen", "there is no backend for its step");
      return;
    }
    Backend backend = setting.backends().getFirst();
    int lines = setting.times(LINES, 20);
    setting.say("pages: " + lines + " lines from a step to the screen, " + backend.label());
    double floor = floor(lines);
    try (Server server = Server.start(setting.dist(), setting.scratch().folder("pages"));
        AgentHost agent = AgentHost.start(server, "printer", backend, setting.image(), 1);
        Api api = server.connect();
        Page page = Browser.shared().page(server.url())) {
      Pushed pushed = Pushed.to(server, "lines", workflow(lines + NOT_COUNTED));
      var eyes = new Eyes(page);
      page.cookie(Visitor.COOKIE, Visitor.signIn(server));
      String run = api.awaitRun(pushed.again()).text("id");
      eyes.open("/attempts/" + api.awaitAttempt(run).text("id"));
      agent.process().mustLive();
      api.awaitSuccess(run);
      page.await("document.getElementById('log').dataset.over === 'true'");
      List<Double> ages = counted(eyes, lines);
      setting
          .report()
          .add(
              PageCost.figure(
                      "line from a step to the screen, " + backend.label(), Unit.MILLISECONDS, ages)
                  .over("a pipe, bare events", floor));
    }
  }

  private static List<Double> counted(Eyes eyes, int lines) throws IOException {
    List<Double> ages = eyes.ages();
    if (ages.size() < lines / 2 + NOT_COUNTED) {
      throw new IOException(
          "of " + (lines + NOT_COUNTED) + " lines the page saw " + ages.size() + " come");
    }
    return ages.subList(NOT_COUNTED, ages.size());
  }

  /** The same lines by a plain pipe and a bare stream of events to the same browser. */
  private static double floor(int lines) throws IOException, InterruptedException {
    try (var bare = new BarePages();
        Page page = Browser.shared().page(bare.url())) {
      bare.lines(List.of("/bin/sh", "-c", script(lines + NOT_COUNTED)));
      var eyes = new Eyes(page);
      eyes.open(BarePages.LINES);
      eyes.awaitLines(lines + NOT_COUNTED);
      return new Samples(counted(eyes, lines)).median();
    }
  }

  private static String script(int lines) {
    return "i=0; while [ $i -lt "
        + lines
        + " ]; do i=$((i+1)); echo \"line $i at $(date +%s%3N);\"; sleep 0.1; done";
  }

  private static String workflow(int lines) {
    return """
    name: bench
    on: push
    jobs:
      print:
        steps: [{name: print, run: '%s'}]
    """
        .replace("%s", script(lines));
  }
}
