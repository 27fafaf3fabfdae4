package dev.holdfast.agent.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
 * @param nameserver the only one that the sandbox knows; none where it has no network
 * @param command that {@link Sandbox#start} starts, by its path inside
 * @param environment all of that command's, nothing is added
 * @param repository Holdfast's id of it: images that it could pull are its own
 * @param pinned the very image that an earlier attempt ran in
 * @param root whether the job is root in its sandbox
 * @param services containers beside it, in its network
 */
public record SandboxSpec(
    String attempt,
    Path directory,
    Path distribution,
    Optional<String> image,
    Limits limits,
    Optional<String> nameserver,
    List<String> command,
    Map<String, String> environment,
    String repository,
    Optional<String> pinned,
    boolean root,
    List<ServiceSpec> services) {

  /** Of no repository, not as root, and without services. */
  public SandboxSpec(
      String attempt,
      Path directory,
      Path distribution,
      Optional<String> image,
      Limits limits,
      Optional<String> nameserver,
      List<String> command,
      Map<String, String> environment) {
    this(
        attempt,
        directory,
        distribution,
        image,
        limits,
        nameserver,
        command,
        environment,
        "none",
        Optional.empty(),
        false,
        List.of());
  }

  /** Becomes {@link SandboxPaths#WORKSPACE}. */
  public Path workspace() {
    return directory.resolve("workspace");
  }

  /** Becomes {@link SandboxPaths#CHANNEL}, which the sandbox can only read. */
  public Path channel() {
    return directory.resolve("channel");
  }
}
