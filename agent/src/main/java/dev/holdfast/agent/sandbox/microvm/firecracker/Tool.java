package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of the host to its end, in an empty environment and with nothing to read. */
final class Tool {
  private static final int LONGEST_SECONDS = 120;
  private static final int MOST_SAID = 4096;

  private Tool() {}

  /**
   * What it printed.
   *
   * @throws VmmFailed if it does not end well
   */
  static String run(String... command) throws VmmFailed, InterruptedException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
    try {
      Process process = builder.start();
      try {
        var killer = Thread.ofVirtual().start(() -> endLater(process));
        byte[] said = process.getInputStream().readNBytes(MOST_SAID);
        process.getInputStream().skip(Long.MAX_VALUE);
        int exit = process.waitFor();
        killer.interrupt();
        String text = new String(said, StandardCharsets.UTF_8).strip();
        if (exit != 0) {
          throw new VmmFailed(
              List.of(command) + " ended with " + exit + ": " + Quote.of(text, MOST_SAID / 8));
        }
        return text;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new VmmFailed("cannot run " + command[0] + ": " + e.getMessage(), e);
    }
  }

  private static void endLater(Process process) {
    try {
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // It ended in time.
      Thread.currentThread().interrupt();
    }
  }
}
