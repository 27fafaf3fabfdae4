package dev.holdfast.orchestrator.run;

import dev.holdfast.model.json.Records;
import java.util.List;

/** The reasons of a decision, as they are kept with a run. */
record Why(List<String> lines) {
  static String text(List<String> lines) {
    return Records.write(Why.class, new Why(lines));
  }

  static List<String> read(String text) {
    return Records.read(Why.class, text).lines();
  }
}
