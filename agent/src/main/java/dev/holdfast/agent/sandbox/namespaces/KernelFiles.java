package dev.holdfast.agent.sandbox.namespaces;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What of {@code /proc} tells of the host, or acts on it, whoever reads or writes it. */
final class KernelFiles {
  private static final List<String> FILES =
      List.of(
          "cmdline",
          "kallsyms",
          "kcore",
          "keys",
          "key-users",
          "kmsg",
          "kpagecgroup",
          "kpagecount",
          "kpageflags",
          "latency_stats",
          "modules",
          "sched_debug",
          "sysrq-trigger",
          "timer_list",
          "timer_stats",
          "vmallocinfo");
  private static final List<String> DIRECTORIES =
      List.of("acpi", "asound", "bus", "driver", "dynamic_debug", "fs", "irq", "scsi", "tty");

  private KernelFiles() {}

  /** Arguments for bubblewrap, after {@code --proc}, that put nothing in their place. */
  static List<String> masks() {
    var all = new ArrayList<String>();
    for (String name : FILES) {
      Path file = Path.of("/proc", name);
      if (Files.exists(file)) {
        all.addAll(List.of("--ro-bind", "/dev/null", file.toString()));
      }
    }
    for (String name : DIRECTORIES) {
      Path directory = Path.of("/proc", name);
      if (Files.isDirectory(directory)) {
        all.addAll(List.of("--perms", "0555", "--tmpfs", directory.toString()));
        all.addAll(List.of("--remount-ro", directory.toString()));
      }
    }
    // Modes keep the job's user from most of it; this keeps everybody from all.
    all.addAll(List.of("--ro-bind", "/proc/sys", "/proc/sys"));
    return all;
  }
}
