package dev.holdfast.cli.probe;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Times;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.probe.Attack;
import dev.holdfast.probe.Promise;
import dev.holdfast.probe.Report;
import dev.holdfast.probe.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Catalogue and report as tables, one for each promise, that a reviewer can file. */
public final class ProbeTables {
  private final Style style;

  public ProbeTables(Style style) {
    this.style = style;
  }

  /** All of {@code report}; below each table, what was seen of what is red. */
  public List<String> of(Report report) {
    var lines = new ArrayList<String>();
    for (Promise promise : Promise.values()) {
      List<Result> of =
          report.results().stream()
              .filter(r -> r.attack().promise() == promise)
              .filter(r -> r.state() != Result.State.NOT_RUN)
              .toList();
      if (!of.isEmpty()) {
        lines.add(style.bold(promise + "  " + promise.says()));
        lines.addAll(table(of));
        lines.add("");
      }
    }
    List<Result> notRun =
        report.results().stream().filter(r -> r.state() == Result.State.NOT_RUN).toList();
    if (!notRun.isEmpty()) {
      lines.add(style.bold("Not run: neither shown nor failed"));
      var table = new Table(style, "ATTACK", "BACKEND", "WHY");
      for (Result result : notRun) {
        table.cell(result.attack().id()).cell(word(result.backend())).cell(result.says()).end();
      }
      lines.addAll(table.lines());
      lines.add("");
    }
    return lines;
  }

  private List<String> table(List<Result> results) {
    var table = new Table(style, "ATTACK", "BACKEND", "RESULT", "CONTROL", "TIME", "IDEA");
    for (Result result : results) {
      table
          .cell(result.attack().id())
          .cell(word(result.backend()))
          .state(result.state().word())
          .state(result.controlWord())
          .cell(Times.length(result.took()))
          .cell(result.attack().idea())
          .end();
    }
    var lines = new ArrayList<>(table.lines());
    for (Result result : results) {
      if (!result.good()) {
        lines.add(
            "→ "
                + result.attack().id()
                + ", "
                + word(result.backend())
                + ": "
                + Plain.of(result.says(), 400));
      }
    }
    return lines;
  }

  /** The attacks themselves, and what stops them. */
  public List<String> catalogue(List<Attack> attacks) {
    var table = new Table(style, "ATTACK", "PROMISE", "IDEA");
    for (Attack attack : attacks) {
      table.cell(attack.id()).cell(attack.promise().name()).cell(attack.idea()).end();
      attack.stoppedBy().entrySet().stream()
          .sorted(java.util.Map.Entry.comparingByKey())
          .forEach(e ->
              table
                  .cell("")
                  .cell("")
                  .cell("in " + word(e.getKey()) + " stopped by " + words(e.getValue()))
                  .end());
    }
    return table.lines();
  }

  /** One line as the result comes. */
  public static String progress(Result result) {
    return String.format(
        Locale.ROOT,
        "%-10s  %-34s  %s%s",
        word(result.backend()),
        result.attack().id(),
        result.state().word(),
        result.control().isPresent() && !result.controlWorks()
            ? ", but its control does not work"
            : "");
  }

  /** As it is written on the command line. */
  public static String word(Backend backend) {
    return backend.name().toLowerCase(Locale.ROOT);
  }

  private static String words(Collection<Protection> protections) {
    return protections.stream().map(ProbeTables::word).sorted().collect(Collectors.joining(", "));
  }

  /** As it is written on the command line. */
  public static String word(Protection protection) {
    return protection.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
