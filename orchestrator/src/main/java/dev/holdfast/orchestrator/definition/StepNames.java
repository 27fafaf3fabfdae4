package dev.holdfast.orchestrator.definition;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Names for the steps that have none: the first line of the script, short and unique. */
final class StepNames {
  private static final int LONGEST = 60;

  private StepNames() {}

  static List<String> of(List<Yaml> steps) {
    var taken = new HashSet<String>();
    for (Yaml step : steps) {
      String given = given(step, "name");
      if (given != null) {
        taken.add(given);
      }
    }
    var names = new ArrayList<String>();
    for (Yaml step : steps) {
      String given = given(step, "name");
      names.add(given != null ? given : unique(firstLine(step), taken));
    }
    return names;
  }

  private static String unique(String wanted, java.util.Set<String> taken) {
    String name = wanted;
    for (int n = 2; !taken.add(name); n++) {
      name = wanted + " (" + n + ")";
    }
    return name;
  }

  private static String firstLine(Yaml step) {
    String script = step instanceof Yaml.Scalar(int line, String text) ? text : given(step, "run");
    String first =
        script == null
            ? ""
            : script.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse("");
    String clean = first.replaceAll("\\p{Cntrl}", " ");
    int cut =
        clean.codePointCount(0, clean.length()) <= LONGEST
            ? clean.length()
            : clean.offsetByCodePoints(0, LONGEST);
    String name = cut == clean.length() ? clean : clean.substring(0, cut) + "…";
    return name.isBlank() ? "step" : name;
  }

  private static @org.jspecify.annotations.Nullable String given(Yaml step, String key) {
    return step instanceof Yaml.Mapping(int line, var entries)
            && entries.get(key) instanceof Yaml.Entry(int at, Yaml.Scalar(int l, String text))
        ? text
        : null;
  }
}
