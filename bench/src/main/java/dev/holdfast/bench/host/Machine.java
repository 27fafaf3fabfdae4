package dev.holdfast.bench.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Facts that figures depend on. Nothing of them says whose machine it is. */
public final class Machine {
  private Machine() {}

  /**
   * @param scratch where data are written
   */
  public static Map<String, String> facts(Dist dist, Path scratch) throws IOException {
    var facts = new LinkedHashMap<String, String>();
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("memory", memory());
    facts.put("kernel", System.getProperty("os.version") + " " + System.getProperty("os.arch"));
    facts.put("system", value(Path.of("/etc/os-release"), "PRETTY_NAME"));
    facts.put("java", value(dist.home().resolve("runtime/release"), "JAVA_VERSION"));
    facts.put("file system", Files.getFileStore(scratch).type());
    facts.put("start-up caches", caches(dist));
    facts.put("load before", load());
    facts.put("busy with other work", busy());
    return facts;
  }

  /**
   * Says so if other work takes so much of the machine that times are longer than they would be.
   */
  public static String busy() throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    return Double.parseDouble(load()) > cores / 2.0
        ? "yes, before it began: load "
            + load()
            + " on "
            + cores
            + " cores; times are longer for it"
        : "no";
  }

  /** Processes that wanted to run, over the last minute: other work on the machine shows here. */
  public static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  private static String memory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        long kib = Long.parseLong(line.replaceAll("[^0-9]", ""));
        return Math.round(kib * 1024 / 1e9) + " GB";
      }
    }
    return "unknown";
  }

  private static String value(Path file, String name) throws IOException {
    if (!Files.exists(file)) {
      return "unknown";
    }
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(name + "=")) {
        return line.substring(name.length() + 1).replace("\"", "");
      }
    }
    return "unknown";
  }

  private static String caches(Dist dist) {
    List<String> there =
        List.of("runner/runner.aot", "aot/server.aot", "aot/agent.aot", "aot/cli.aot").stream()
            .filter(file -> Files.exists(dist.home().resolve(file)))
            .map(file -> file.substring(file.indexOf('/') + 1, file.indexOf('.')))
            .toList();
    return there.isEmpty() ? "none" : String.join(", ", there);
  }
}
