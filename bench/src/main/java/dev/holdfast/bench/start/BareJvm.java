package dev.holdfast.bench.start;

import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.host.Programs;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** The distribution's own Java with nothing but {@link Hello} on it. */
final class BareJvm {
  private BareJvm() {}

  /** Starts one, which greets and ends. */
  static Programs.Finished hello(Dist dist, Path folder) throws IOException, InterruptedException {
    return Programs.must(command(dist), Programs.environment(folder), folder);
  }

  /** What one takes that has greeted and waits. */
  static Memory memory(Dist dist, Path folder) throws IOException, InterruptedException {
    var command = new java.util.ArrayList<>(command(dist));
    command.add("wait");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
    try {
      if (process.getInputStream().read() < 0) {
        throw new IOException("the bare JVM ended instead of greeting");
      }
      return Memory.of(process.pid());
    } finally {
      process.getOutputStream().close();
      process.waitFor();
    }
  }

  private static List<String> command(Dist dist) {
    return List.of(
        dist.java().toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        place().toString(),
        Hello.class.getName());
  }

  private static Path place() {
    try {
      return Path.of(Hello.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of this program's classes is no path", e);
    }
  }
}
