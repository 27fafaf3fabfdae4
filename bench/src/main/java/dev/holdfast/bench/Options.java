package dev.holdfast.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was asked for.
 *
 * @param only empty for all
 */
record Options(Set<String> only, boolean quick, Optional<Path> json) {

  /**
   * @throws IllegalArgumentException with one line for people
   */
  static Options of(String[] args, List<String> known) {
    var only = new TreeSet<String>();
    boolean quick = false;
    Optional<Path> json = Optional.empty();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick" -> quick = true;
        case "--json" -> json = Optional.of(Path.of(value(args, ++i)));
        case "--only" -> only.addAll(List.of(value(args, ++i).split(",")));
        default ->
            throw new IllegalArgumentException(
                "unknown argument '"
                    + args[i]
                    + "'; it takes --only NAME,..., --quick and --json FILE");
      }
    }
    for (String name : only) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is no measurement '" + name + "'; there are " + String.join(", ", known));
      }
    }
    return new Options(only, quick, json);
  }

  private static String value(String[] args, int index) {
    if (index >= args.length) {
      throw new IllegalArgumentException(args[index - 1] + " wants a value");
    }
    return args[index];
  }

  boolean takes(String name) {
    return only.isEmpty() || only.contains(name);
  }
}
