package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs scripts, each in a sandbox of its own that is made and destroyed for it. */
final class Inside {
  /**
   * @param said by the script, as long as it could
   * @param outOfMemory whether the kernel had to end something for it
   */
  record Ran(String said, boolean outOfMemory) {}

  private Inside() {}

  static Ran run(Path data, Wall wall, Limits limits, String script) throws Exception {
    var directories = new JobDirectories(data);
    Path directory = directories.create("call-" + System.nanoTime());
    try (var backend = new NamespacesBackend(data, false, Limiting.ENFORCED, wall);
        Sandbox sandbox =
            backend.create(
                new SandboxSpec(
                    String.valueOf(directory.getFileName()),
                    directory,
                    directory.resolve("channel"),
                    Optional.empty(),
                    limits,
                    Optional.empty(),
                    List.of("/bin/sh", "-c", "{ " + script + "\n} >/workspace/said 2>&1"),
                    Map.of("PATH", "/usr/bin:/bin")))) {
      sandbox.handOver();
      sandbox.start();
      sandbox.exited().get(60, TimeUnit.SECONDS);
      return new Ran(
          Files.readString(directory.resolve("workspace/said")).strip(), sandbox.ranOutOfMemory());
    } finally {
      directories.remove(directory);
    }
  }
}
