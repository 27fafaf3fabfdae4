package dev.holdfast.bench.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory of a process, as the kernel counts it.
 *
 * @param resident megabytes (of a million bytes) that are in memory now
 * @param peak the most that ever were
 */
public record Memory(double resident, double peak) {
  private static final double KIB_IN_MB = 1024 / 1e6;

  /** Of the process {@code pid}. */
  public static Memory of(long pid) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")));
  }

  static Memory parse(List<String> status) throws IOException {
    return new Memory(kib(status, "VmRSS:") * KIB_IN_MB, kib(status, "VmHWM:") * KIB_IN_MB);
  }

  private static long kib(List<String> status, String name) throws IOException {
    for (String line : status) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replace("kB", "").strip());
      }
    }
    throw new IOException("the kernel does not say " + name + " of this process");
  }
}
