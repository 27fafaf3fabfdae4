package dev.holdfast.bench.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The distribution that is measured. */
public record Dist(Path home) {
  public Dist {
    home = home.toAbsolutePath().normalize();
    for (String part : List.of("bin/holdfast", "runtime/bin/java", "runner/runner.jar")) {
      if (!Files.exists(home.resolve(part))) {
        throw new IllegalArgumentException(
            home
                + " is not a distribution: it has no "
                + part
                + "; run script/build, or set HOLDFAST_DIST to one");
      }
    }
  }

  /** A call of its command. */
  public List<String> command(String... arguments) {
    var all = new ArrayList<String>();
    all.add(home.resolve("bin/holdfast").toString());
    all.addAll(List.of(arguments));
    return all;
  }

  /** The Java that its server and agents run on. */
  public Path java() {
    return home.resolve("runtime/bin/java");
  }

  /** What every sandbox sees. */
  public Path runner() {
    return home.resolve("runner");
  }
}
