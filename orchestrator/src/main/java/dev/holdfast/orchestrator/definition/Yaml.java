package dev.holdfast.orchestrator.definition;

import java.util.List;
import java.util.SequencedMap;

/** A YAML value, as plain as JSON, that knows its line. Scalars stay as they were written. */
sealed interface Yaml {
  /** Counted from 1. */
  int line();

  /** What an error calls it. */
  String noun();

  /** A mapping, in the order of the file; keys are unique. */
  record Mapping(int line, SequencedMap<String, Entry> entries) implements Yaml {
    @Override
    public String noun() {
      return "a map";
    }
  }

  /** A key's value, and where the key stands. */
  record Entry(int line, Yaml value) {}

  record Sequence(int line, List<Yaml> items) implements Yaml {
    @Override
    public String noun() {
      return "a list";
    }
  }

  record Scalar(int line, String text) implements Yaml {
    @Override
    public String noun() {
      return dev.holdfast.model.json.Quote.of(text);
    }
  }

  /** Nothing: {@code key:}, {@code ~} or {@code null}. */
  record Nothing(int line) implements Yaml {
    @Override
    public String noun() {
      return "empty";
    }
  }
}
