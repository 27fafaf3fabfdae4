package dev.holdfast.bench.figure;

import dev.holdfast.model.json.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one run of the benchmarks came to. One thread fills it. */
public final class Report {
  /** Of the JSON form; grows when a field changes its meaning. */
  static final int VERSION = 1;

  private final Instant began;
  private final boolean quick;
  private final Map<String, String> machine;
  private final List<Figure> figures = new ArrayList<>();
  private final List<Missing> missing = new ArrayList<>();

  /**
   * Something that was to be measured and was not.
   *
   * @param failed false where this machine cannot have it, which is no fault
   */
  public record Missing(String what, String why, boolean failed) {}

  /**
   * @param machine facts about it, by name; nothing that says whose it is
   */
  public Report(Instant began, boolean quick, Map<String, String> machine) {
    this.began = began;
    this.quick = quick;
    this.machine = new LinkedHashMap<>(machine);
  }

  public void add(Figure figure) {
    figures.add(figure);
  }

  /** This machine cannot have it. */
  public void skipped(String what, String why) {
    missing.add(new Missing(what, why, false));
  }

  /** A failure as one line. */
  public static String line(Throwable failure) {
    String said = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return said.replaceAll("\\s*\\n\\s*", " | ");
  }

  public void failed(String what, String why) {
    missing.add(new Missing(what, why, true));
  }

  /** A fact that is known only when all is over. */
  public void fact(String name, String value) {
    machine.put(name, value);
  }

  public List<Figure> figures() {
    return List.copyOf(figures);
  }

  /**
   * Whether all was measured that could be, and every target met. A quick run concludes nothing
   * from its figures, so that there no target counts.
   */
  public boolean good() {
    return !figures.isEmpty()
        && (quick || figures.stream().allMatch(Figure::met))
        && missing.stream().noneMatch(Missing::failed);
  }

  /** For people. */
  public String text() {
    var text = new StringBuilder();
    machine.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    if (quick) {
      text.append("quick: far too few samples to conclude anything from\n");
    }
    text.append('\n');
    if (!figures.isEmpty()) {
      text.append(Table.of(figures));
    }
    for (Missing one : missing) {
      text.append(one.failed() ? "\nFAILED  " : "\nnot measured: ")
          .append(one.what())
          .append(": ")
          .append(one.why())
          .append('\n');
    }
    return text.toString();
  }

  /** One line for each figure with a target, in the form that script/show collects. */
  public String targets() {
    var text = new StringBuilder();
    for (Figure figure : figures) {
      if (figure.target().isPresent()) {
        text.append("figure: ")
            .append(figure.measurement())
            .append(", ")
            .append(figure.name())
            .append(" = ")
            .append(Numbers.text(figure.median()))
            .append(' ')
            .append(figure.unit().symbol())
            .append(figure.unit().moreIsBetter() ? " (target >= " : " (target <= ")
            .append(Numbers.text(figure.target().getAsDouble()))
            .append(figure.met() ? ", met)\n" : ", NOT MET)\n");
      }
    }
    return text.toString();
  }

  /** For programs. */
  public Json json() {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("version", Json.Num.of(VERSION));
    fields.put("began", new Json.Str(began.toString()));
    fields.put("quick", new Json.Bool(quick));
    fields.put("good", new Json.Bool(good()));
    var facts = new LinkedHashMap<String, Json>();
    machine.forEach((name, value) -> facts.put(name, new Json.Str(value)));
    fields.put("machine", new Json.Obj(facts));
    fields.put("figures", new Json.Arr(figures.stream().map(Report::json).toList()));
    fields.put("missing", new Json.Arr(missing.stream().map(Report::json).toList()));
    return new Json.Obj(fields);
  }

  private static Json json(Figure figure) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("measurement", new Json.Str(figure.measurement()));
    fields.put("name", new Json.Str(figure.name()));
    fields.put("unit", new Json.Str(figure.unit().symbol()));
    fields.put("median", number(figure.median()));
    fields.put("p95", number(figure.p95()));
    fields.put("min", number(figure.samples().min()));
    fields.put("max", number(figure.samples().max()));
    figure
        .floor()
        .ifPresent(floor -> {
          var of = new LinkedHashMap<String, Json>();
          of.put("what", new Json.Str(floor.what()));
          of.put("value", number(floor.value()));
          fields.put("floor", new Json.Obj(of));
        });
    figure.ratio().ifPresent(ratio -> fields.put("ratio", number(ratio)));
    figure
        .target()
        .ifPresent(bound -> {
          var of = new LinkedHashMap<String, Json>();
          of.put("is", new Json.Str(figure.unit().moreIsBetter() ? "at-least" : "at-most"));
          of.put("bound", number(bound));
          of.put("met", new Json.Bool(figure.met()));
          fields.put("target", new Json.Obj(of));
        });
    fields.put(
        "samples", new Json.Arr(figure.samples().values().stream().map(Report::number).toList()));
    return new Json.Obj(fields);
  }

  private static Json json(Missing one) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("what", new Json.Str(one.what()));
    fields.put("why", new Json.Str(one.why()));
    fields.put("failed", new Json.Bool(one.failed()));
    return new Json.Obj(fields);
  }

  private static Json number(double value) {
    return new Json.Num(
        BigDecimal.valueOf(value)
            .setScale(3, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString());
  }
}
