package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.SandboxUnavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs short programs of the host, to their good end. */
final class HostCommand {
  private static final int PATIENCE_SECONDS = 20;
  private static final int MOST_OUTPUT = 64 * 1024;

  private HostCommand() {}

  /** What it printed. */
  static String must(String what, String... command) throws SandboxUnavailable {
    return mustWith(what, "", command);
  }

  /** The same, with {@code input} as its standard input. */
  static String mustWith(String what, String input, String... command) throws SandboxUnavailable {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
      Process process = builder.start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      byte[] said = process.getInputStream().readNBytes(MOST_OUTPUT);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new SandboxUnavailable(
            "cannot " + what + ": " + command[0] + " is not done after 20 s");
      }
      String text = new String(said, StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new SandboxUnavailable(
            "cannot " + what + ": " + command[0] + " says: " + text.replaceAll("\\s+", " "));
      }
      return text;
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot " + what + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while this host was to " + what, e);
    }
  }
}
