package dev.holdfast.agent.sandbox;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a sandbox is to be. There is no component for host mounts, devices, privileges or networks:
 * what cannot be said cannot be asked for.
 *
 * @param attempt id, a safe file name
 * @param directory of the attempt on the host, with {@link #workspace()} and {@link #channel()} in
 *     it
 * @param distribution the {@code runner/} directory of a Holdfast distribution, on the host
 * @param image what the job asks to be made from
 */
public record SandboxSpec(
    String attempt, Path directory, Path distribution, Optional<String> image, Limits limits) {

  /** Becomes {@link SandboxPaths#WORKSPACE}. */
  public Path workspace() {
    return directory.resolve("workspace");
  }

  /** Becomes {@link SandboxPaths#CHANNEL}, which the sandbox can only read. */
  public Path channel() {
    return directory.resolve("channel");
  }
}
