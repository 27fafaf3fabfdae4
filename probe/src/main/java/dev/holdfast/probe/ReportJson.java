package dev.holdfast.probe;

import dev.holdfast.model.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** A report as data. Fields may be added; none is taken away or changes its meaning. */
public final class ReportJson {
  private ReportJson() {}

  /** All of {@code report}. */
  public static Json.Obj of(Report report) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("held", new Json.Bool(report.held()));
    fields.put("summary", new Json.Str(report.summary()));
    fields.put(
        "without", texts(report.without().stream().map(p -> word(p.name())).sorted().toList()));
    if (!report.without().isEmpty()) {
      fields.put("red-as-it-must-be", new Json.Bool(report.canFail()));
    }
    fields.put("results", new Json.Arr(report.results().stream().map(r -> (Json) of(r)).toList()));
    return new Json.Obj(fields);
  }

  private static Json.Obj of(Result result) {
    Attack attack = result.attack();
    var fields = new LinkedHashMap<String, Json>();
    fields.put("id", new Json.Str(attack.id()));
    fields.put("promise", new Json.Str(attack.promise().name()));
    fields.put("idea", new Json.Str(attack.idea()));
    fields.put("backend", new Json.Str(word(result.backend().name())));
    fields.put(
        "stopped-by",
        texts(
            attack.stoppedBy(result.backend()).stream()
                .map(p -> word(p.name()))
                .sorted()
                .toList()));
    fields.put("result", new Json.Str(result.state().word().toLowerCase(Locale.ROOT)));
    fields.put("says", new Json.Str(result.attempt().map(Verdict::why).orElse(result.notRun())));
    result
        .control()
        .ifPresent(control -> {
          fields.put("control-works", new Json.Bool(result.controlWorks()));
          fields.put("control-says", new Json.Str(control.why()));
        });
    fields.put("millis", Json.Num.of(result.took().toMillis()));
    return new Json.Obj(fields);
  }

  private static Json texts(List<String> words) {
    return new Json.Arr(words.stream().map(w -> (Json) new Json.Str(w)).toList());
  }

  private static String word(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
