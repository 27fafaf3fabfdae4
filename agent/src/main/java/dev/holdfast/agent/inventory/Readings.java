package dev.holdfast.agent.inventory;

import java.util.List;
import java.util.Set;

/**
 * What a host says of itself.
 *
 * @param mounts their points, as the kernel writes them
 * @param loops the files behind loop devices
 * @param cgroups those that are there with the attempt's name
 * @param filter what nft lists of the agent's table; empty where nobody asked
 * @param labelled what the container engine has under the attempt's label
 * @param failures what could not be read, and why
 */
public record Readings(
    List<Running> processes,
    List<String> mounts,
    List<String> loops,
    List<String> cgroups,
    Set<String> interfaces,
    String filter,
    List<String> labelled,
    boolean directory,
    List<String> failures) {

  /**
   * A process that is no zombie.
   *
   * @param users real, effective, saved and of files
   * @param cgroups in each hierarchy, as the kernel lists them
   * @param start in the kernel's ticks since it booted
   */
  public record Running(long pid, String name, Set<Integer> users, String cgroups, long start) {}
}
