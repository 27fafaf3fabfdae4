package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.model.Info;
import dev.holdfast.agent.sandbox.Readiness;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What an engine must say of itself before it is given a job. */
final class EngineChecks {
  private EngineChecks() {}

  /** Why it is not to be used; empty if it may. */
  static Optional<Readiness.Unusable> weakness(
      String address, Info info, Optional<String> runtime) {
    List<String> options =
        info.getSecurityOptions() == null ? List.of() : info.getSecurityOptions();
    for (String option : options) {
      if (option.contains("name=rootless") || option.contains("name=userns")) {
        return unusable(
            "the engine at "
                + address
                + " maps the users of containers to others of the host ("
                + option
                + "), and jobs could not use their workspace",
            "use an engine without it for now, or the backend namespaces");
      }
    }
    // A socket may lead into a virtual machine, where the host's devices and processes are others.
    String kernel = info.getKernelVersion();
    String ours = System.getProperty("os.version", "");
    if (kernel != null && !kernel.equals(ours)) {
      return unusable(
          "the engine at " + address + " runs on another kernel (" + kernel + ", not " + ours + ")",
          "use an engine of this host itself, not one in a virtual machine");
    }
    String seccomp =
        options.stream().filter(option -> option.contains("name=seccomp")).findFirst().orElse("");
    if (seccomp.isEmpty()) {
      return unusable(
          "the engine at " + address + " does not filter system calls: it names no seccomp",
          "use an engine and a kernel with seccomp, or the backend namespaces");
    }
    if (seccomp.contains("profile=unconfined")) {
      return unusable(
          "the engine at " + address + " filters no system calls (" + seccomp + ")",
          "remove seccomp-profile from the engine's daemon.json, and restart it");
    }
    Map<String, ?> runtimes = info.getRuntimes() == null ? Map.of() : info.getRuntimes();
    if (runtime.isPresent() && !runtimes.containsKey(runtime.get())) {
      return unusable(
          "the engine at "
              + address
              + " has no runtime "
              + runtime.get()
              + "; it has "
              + String.join(", ", new TreeSet<>(runtimes.keySet())),
          "install it and add it to runtimes in the engine's daemon.json, or choose another by"
              + " --runtime");
    }
    return Optional.empty();
  }

  private static Optional<Readiness.Unusable> unusable(String why, String mend) {
    return Optional.of(new Readiness.Unusable(why, mend));
  }
}
