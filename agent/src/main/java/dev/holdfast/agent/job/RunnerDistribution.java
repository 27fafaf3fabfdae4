package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.ChannelListener;
import dev.holdfast.agent.sandbox.SandboxPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The runner as files: {@code java/}, {@code runner.jar}, {@code runner.aot} and {@code VERSION}.
 *
 * @param version names its content; what it compiled is kept under it
 */
public record RunnerDistribution(Path directory, String version) {

  /** The one in {@code directory}. */
  public static RunnerDistribution of(Path directory) throws IOException {
    Path real = directory.toRealPath();
    for (String part : List.of("java/bin/java", "runner.jar", "VERSION")) {
      if (!Files.exists(real.resolve(part))) {
        throw new IOException(
            real + " is not the runner of a Holdfast distribution: it has no " + part);
      }
    }
    return new RunnerDistribution(real, Files.readString(real.resolve("VERSION")).strip());
  }

  /** What starts it inside a sandbox; the start-up cache serves exactly these flags. */
  public static List<String> command() {
    return List.of(
        SandboxPaths.DISTRIBUTION + "/java/bin/java",
        "-XX:AOTCache=" + SandboxPaths.DISTRIBUTION + "/runner.aot",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx128m",
        "-XX:+DisableAttachMechanism",
        "-Xlog:disable",
        "-cp",
        SandboxPaths.DISTRIBUTION + "/runner.jar",
        "dev.holdfast.runner.Main",
        "run",
        SandboxPaths.CHANNEL + "/" + ChannelListener.SOCKET);
  }

  /** All of the runner's own environment. Steps get {@link JobEnvironment}'s. */
  public static Map<String, String> environment() {
    return Map.of("PATH", JobEnvironment.PATH, "HOME", SandboxPaths.HOME, "LANG", "C.UTF-8");
  }
}
