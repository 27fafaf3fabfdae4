package dev.holdfast.bench;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What was asked for.
 *
 * @param only names of measurements; empty for all
 * @param json where to write the report as JSON
 */
record Options(Set<String> only, boolean quick, Optional<Path> json, boolean help) {
  static final String HELP =
      """
      usage: bench [--only NAME,...] [--quick] [--json FILE]

      Measures the distribution that HOLDFAST_DIST names (else dist/), and the floors beside it.
      It starts and ends its own servers and agents, on loopback, on data in a folder of its own.

        --only NAME,...  of: %s
        --quick          few samples: shows that it works, not how fast it is; no target counts
        --json FILE      also write the report there

      DOCKER_HOST          the container engine; else Docker's usual socket
      HOLDFAST_BENCH_IMAGE what containers are made from; else holdfast/demo-debian:1
      HOLDFAST_TEST_KERNEL and HOLDFAST_TEST_ROOTFS: what machines are made from; script/bench sets them
      HOLDFAST_BENCH_DIR   where its folder is made, on a disk; else /var/tmp

      Exit status: 0 all measured and every target met, 1 not so, 2 wrong usage.
      """;

  /**
   * @param known names of all measurements
   * @throws IllegalArgumentException with a line for the user
   */
  static Options parse(List<String> known, String... args) {
    var only = new LinkedHashSet<String>();
    boolean quick = false;
    boolean help = false;
    Optional<Path> json = Optional.empty();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick" -> quick = true;
        case "-h", "--help" -> help = true;
        case "--only" -> only.addAll(List.of(value(args, ++i).split(",")));
        case "--json" -> json = Optional.of(Path.of(value(args, ++i)));
        default ->
            throw new IllegalArgumentException(
                "unknown argument " + args[i] + "; --help says what there is");
      }
    }
    for (String name : only) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "no measurement is called " + name + "; there are " + String.join(", ", known));
      }
    }
    return new Options(only, quick, json, help);
  }

  private static String value(String[] args, int place) {
    if (place >= args.length) {
      throw new IllegalArgumentException(args[place - 1] + " needs a value");
    }
    return args[place];
  }

  boolean wants(String measurement) {
    return only.isEmpty() || only.contains(measurement);
  }
}
