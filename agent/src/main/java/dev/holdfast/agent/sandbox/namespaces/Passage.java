package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The way of a sandbox's own user to the directories that are bound into its sandbox.
 *
 * <p>That user is nobody on the host, and may not pass where root's directories are closed, as
 * under {@code /root}. There the agent, being root, first binds them below {@link #PLACE} in a
 * mount namespace that only the sandbox's processes are in: no mode of any directory is changed,
 * and nobody else sees anything.
 */
record Passage(Path workspace, Path channel, Path distribution, Path etc, List<String> command) {
  private static final Path PLACE = Path.of("/run/holdfast/passage");

  /** The place, four directories, and the command to become. */
  private static final String SCRIPT =
      """
      place=$1; shift
      mount -t tmpfs -o mode=711,size=64k holdfast "$place" || exit 125
      for name in workspace channel distribution etc; do
        mkdir "$place/$name" && mount --bind "$1" "$place/$name" || exit 125
        shift
      done
      exec "$@"
      """;

  /** Straight, where everybody may pass; else through a namespace. */
  static Passage to(SandboxSpec spec, Path etc, boolean agentIsRoot) throws IOException {
    if (!agentIsRoot || (open(spec.directory()) && open(spec.distribution()) && open(etc))) {
      return new Passage(spec.workspace(), spec.channel(), spec.distribution(), etc, List.of());
    }
    Path unshare = tool("unshare");
    tool("mount");
    Files.createDirectories(PLACE);
    for (Path up : List.of(PLACE.getParent(), PLACE)) {
      Files.setPosixFilePermissions(up, PosixFilePermissions.fromString("rwx--x--x"));
    }
    var command =
        new ArrayList<>(List.of(unshare.toString(), "--mount", "--propagation", "slave", "--"));
    command.addAll(List.of("/bin/sh", "-c", SCRIPT, "passage", PLACE.toString()));
    for (Path path : List.of(spec.workspace(), spec.channel(), spec.distribution(), etc)) {
      command.add(path.toString());
    }
    return new Passage(
        PLACE.resolve("workspace"),
        PLACE.resolve("channel"),
        PLACE.resolve("distribution"),
        PLACE.resolve("etc"),
        command);
  }

  private static Path tool(String name) throws IOException {
    return Tools.find(name)
        .orElseThrow(
            () -> new IOException(name + " is not installed; apt-get install mount util-linux"));
  }

  /** Whether every user may pass all that is above {@code path}. */
  private static boolean open(Path path) throws IOException {
    for (Path up = path.toRealPath().getParent(); up != null; up = up.getParent()) {
      if (!Files.getPosixFilePermissions(up).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }
}
