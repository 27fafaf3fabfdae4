package dev.holdfast.bench.page;

import dev.holdfast.chromium.Page;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is seen in a browser, and when, noted by a script in the page itself: no time of the harness
 * or of its way to the browser is part of it. Something counts as seen in the first task after the
 * frame that has it.
 */
final class Eyes {
  /** The longest that anything may take. */
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Text of a line whose age is measured: its number, and when it was printed. */
  static final String LINE = "line %d at %d;";

  private static final String SCRIPT =
      """
      (() => {
        const framed = (then) => requestAnimationFrame(() => {
          const turn = new MessageChannel();
          turn.port1.onmessage = then;
          turn.port2.postMessage(0);
        });
        window.benchFramed = () => new Promise(framed);
        window.benchAges = [];
        const known = new Set();
        const look = (node) => {
          if (node.nodeType !== Node.ELEMENT_NODE) return;
          for (const row of node.matches(".row") ? [node] : node.querySelectorAll(".row")) {
            const line = /line (\\d+) at (\\d+);/.exec(row.textContent);
            if (!line || known.has(line[1])) continue;
            known.add(line[1]);
            framed(() => benchAges.push(Date.now() - Number(line[2])));
          }
        };
        addEventListener("DOMContentLoaded", () => {
          framed(() => { window.benchDrawn = performance.now(); });
          new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(look)))
            .observe(document, { childList: true, subtree: true });
        });
      })()
      """;

  private final Page page;

  /**
   * @param page a new one
   */
  Eyes(Page page) {
    this.page = page;
    page.beforeEachPage(SCRIPT);
  }

  /** Opens a page; milliseconds from then until the frame after all of it was there. */
  double open(String path) {
    page.open(path);
    page.await("window.benchDrawn");
    return number("window.benchDrawn");
  }

  /** Milliseconds from the start of opening until anything of the page was painted. */
  double firstPaint() throws IOException {
    page.await("performance.getEntriesByName('first-contentful-paint').length");
    return number("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  }

  /** Bytes of the page and all it is made of; what the browser had counts only uncompressed. */
  double bytes(Weight weight) {
    String sum =
        switch (weight) {
          case WIRE -> "e.transferSize ? e.encodedBodySize : 0";
          case PLAIN -> "e.decodedBodySize";
        };
    return number(
        "[...performance.getEntriesByType('navigation'),"
            + " ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + ("
            + sum
            + "), 0)");
  }

  /** How bytes are counted. */
  enum Weight {
    /** As they came over the wire. */
    WIRE,
    /** Uncompressed. */
    PLAIN
  }

  /** Milliseconds from {@code statements} until the frame in which {@code condition} holds. */
  double until(String statements, String condition) {
    return Double.parseDouble(
        page.eval(
            PATIENCE,
            "(async () => { const began = performance.now(); "
                + statements
                + "; while (!("
                + condition
                + ")) await new Promise(requestAnimationFrame); await benchFramed(); return"
                + " performance.now() - began; })()"));
  }

  private double number(String expression) {
    return Double.parseDouble(page.eval(expression));
  }

  /** Waits until {@code count} lines were seen since the page was opened. */
  void awaitLines(int count) {
    page.eval(
        PATIENCE,
        "(async () => { while (benchAges.length < "
            + count
            + ") await new Promise(requestAnimationFrame); })()");
  }

  /** Milliseconds from when each line was printed until it was seen, in the order of that. */
  List<Double> ages() {
    var all = new ArrayList<Double>();
    for (String age : page.eval("benchAges.join(' ')").split(" ")) {
      if (!age.isEmpty()) {
        all.add(Double.parseDouble(age));
      }
    }
    return all;
  }
}
