package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.WorkspaceDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A workspace's disk as a volume of the engine, which mounts it once more for the container. The
 * agent's own mount would not do: an engine may live in another mount namespace, and what it would
 * find there is the empty directory underneath.
 */
final class WorkspaceVolume {
  private WorkspaceVolume() {}

  /**
   * Makes one for the workspace in {@code directory}, by a name that the engine chooses; none where
   * that workspace is no disk.
   */
  static Optional<String> make(DockerClient docker, Path directory, Map<String, String> labels)
      throws IOException {
    Optional<Path> device = WorkspaceDisk.device(directory);
    if (device.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        docker
            .createVolumeCmd()
            .withDriver("local")
            .withDriverOpts(
                Map.of("type", "ext4", "device", device.get().toString(), "o", "nosuid,nodev"))
            .withLabels(labels)
            .exec()
            .getName());
  }

  /** Removes it and sees that it is gone; only once no container has it any more. */
  static void remove(DockerClient docker, String name) throws SandboxUnavailable {
    try {
      docker.removeVolumeCmd(name).exec();
    } catch (NotFoundException e) {
      // Gone is what it is to be; the next line sees whether it is.
    }
    try {
      docker.inspectVolumeCmd(name).exec();
    } catch (NotFoundException e) {
      return;
    }
    throw new SandboxUnavailable("the volume " + name + " is still there after it was removed");
  }

  /** Removes those with {@code label}. */
  static void removeAll(DockerClient docker, String label) throws SandboxUnavailable {
    var found = docker.listVolumesCmd().withFilter("label", List.of(label)).exec().getVolumes();
    if (found != null) {
      for (var volume : found) {
        remove(docker, volume.getName());
      }
    }
  }
}
