package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How fast this host's time stamp counter counts. */
final class HostClock {
  private static final Pattern MHZ = Pattern.compile("cpu MHz\\s*: ([0-9]{2,5})\\.([0-9]{3})");

  private HostClock() {}

  static long khz() throws VmmFailed {
    try {
      Matcher found = MHZ.matcher(Files.readString(Path.of("/proc/cpuinfo")));
      if (found.find()) {
        return Long.parseLong(found.group(1)) * 1000 + Long.parseLong(found.group(2));
      }
      throw new VmmFailed("/proc/cpuinfo does not say the processor's clock; KVM needs it not");
    } catch (IOException e) {
      throw new VmmFailed("/proc/cpuinfo cannot be read: " + e, e);
    }
  }
}
