package dev.holdfast.orchestrator.definition;

/**
 * A part of a workflow, by its three names.
 *
 * @param path by index, as {@code jobs[0].needs}
 * @param named by name, as {@code jobs[test].needs}
 * @param spoken as the YAML has it, {@code jobs.test.needs}
 */
record At(String path, String named, String spoken) {
  static final At ROOT = new At("", "", "");

  At field(String name) {
    return new At(join(path, name), join(named, name), join(spoken, name));
  }

  At item(int index) {
    String at = "[" + index + "]";
    return new At(path + at, named + at, spoken + at);
  }

  /** An item that goes by its name, which may be hostile. */
  At item(int index, String name, String spokenName) {
    return new At(path + "[" + index + "]", named + "[" + name + "]", spokenName);
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
