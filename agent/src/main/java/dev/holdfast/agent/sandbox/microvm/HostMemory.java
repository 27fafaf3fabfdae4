package dev.holdfast.agent.sandbox.microvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much memory this host could still give. */
final class HostMemory {
  private static final Logger LOG = LoggerFactory.getLogger(HostMemory.class);
  private static final Pattern AVAILABLE =
      Pattern.compile("^MemAvailable:\\s+([0-9]{1,15}) kB$", Pattern.MULTILINE);

  private HostMemory() {}

  /** In bytes; none where the kernel does not say. */
  static long available() {
    try {
      Matcher found = AVAILABLE.matcher(Files.readString(Path.of("/proc/meminfo")));
      return found.find() ? Long.parseLong(found.group(1)) * 1024 : 0;
    } catch (IOException e) {
      LOG.warn("/proc/meminfo cannot be read, so no machines are made ahead: {}", e.toString());
      return 0;
    }
  }
}
