package dev.holdfast.probe;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report as one page without scripts, and with nothing from elsewhere. */
public final class ReportHtml {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>holdfast probe</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem;
        color: #1c1e21; background: #fff }
      table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem }
      th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd }
      th { font-weight: 600; white-space: nowrap }
      td:first-child, td.word { white-space: nowrap }
      code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
      .good { color: #14692a } .bad { color: #b3120c; font-weight: 600 } .dim { color: #666 }
      @media (prefers-color-scheme: dark) {
        body { color: #e6e6e6; background: #16181b } th, td { border-color: #3a3d42 }
        .good { color: #6bd189 } .bad { color: #ff7b72 } .dim { color: #9a9da3 } }
      </style>
      </head>
      <body>
      """;

  private ReportHtml() {}

  /**
   * The whole page.
   *
   * @param release of Holdfast
   * @param host by the name that its owner knows it by
   */
  public static String of(Report report, String release, String host, Instant when) {
    var page = new StringBuilder(HEAD);
    page.append("<h1>holdfast probe</h1>\n<p>")
        .append(escaped(release + ", on " + host + ", " + when))
        .append("</p>\n<p class=\"")
        .append(report.held() ? "good" : "bad")
        .append("\">")
        .append(escaped(report.summary()))
        .append("</p>\n");
    if (!report.without().isEmpty()) {
      page.append("<p class=\"bad\">On purpose without: ")
          .append(escaped(report.without().toString()))
          .append("</p>\n");
    }
    for (Promise promise : Promise.values()) {
      List<Result> of =
          report.results().stream().filter(r -> r.attack().promise() == promise).toList();
      if (!of.isEmpty()) {
        page.append("<h2>").append(promise).append(": ").append(escaped(promise.says()));
        page.append(
                "</h2>\n<table>\n<tr><th>Attack</th><th>Backend</th><th>Idea</th><th>Result</th>")
            .append("<th>Control</th><th>Time</th><th>What was seen</th></tr>\n");
        of.forEach(result -> row(page, result));
        page.append("</table>\n");
      }
    }
    page.append(
        "<p class=\"dim\">Each attack ran as a real job. The control is the same attack where the"
            + " named parts of the wall are missing; it must get through.</p>\n</body>\n</html>\n");
    return page.toString();
  }

  private static void row(StringBuilder page, Result result) {
    String by =
        result.attack().stoppedBy(result.backend()).stream()
            .map(p -> p.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .sorted()
            .collect(Collectors.joining(", "));
    String backend = result.backend().name().toLowerCase(Locale.ROOT);
    page.append("<tr><td><code>").append(escaped(result.attack().id())).append("</code></td><td>");
    page.append(escaped(backend)).append("</td><td>").append(escaped(result.attack().idea()));
    page.append("<br><span class=\"dim\">stopped by ").append(escaped(by)).append("</span></td>");
    String tone =
        switch (result.state()) {
          case HELD -> "good";
          case NOT_HELD, INCONCLUSIVE -> "bad";
          case NOT_RUN -> "dim";
        };
    cell(page, tone, result.state().word());
    boolean doubtful = result.control().isPresent() && !result.controlWorks();
    cell(page, doubtful ? "bad" : "good", result.controlWord());
    page.append("<td class=\"word\">")
        .append(result.took().toMillis())
        .append(" ms</td><td><code>");
    page.append(escaped(result.says())).append("</code></td></tr>\n");
  }

  private static void cell(StringBuilder page, String tone, String word) {
    page.append("<td class=\"word ").append(tone).append("\">").append(escaped(word));
    page.append("</td>");
  }

  /** What jobs printed is theirs: no character of it means anything here. */
  static String escaped(String text) {
    var out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> {
              int type = Character.getType(c);
              boolean harmful =
                  type == Character.CONTROL
                      || type == Character.FORMAT
                      || type == Character.SURROGATE;
              out.appendCodePoint(harmful ? '\ufffd' : c);
            }
          }
        });
    return out.toString();
  }
}
