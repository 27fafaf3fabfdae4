package dev.holdfast.agent.sandbox;

/**
 * Where a job finds its own places.
 *
 * @param temporary for files that nobody wants for long
 * @param alone whether it sees no processes but its own
 */
public record Inside(String workspace, String home, String temporary, boolean alone) {
  /** In every sandbox that has a wall. */
  public static final Inside STANDARD =
      new Inside(SandboxPaths.WORKSPACE, SandboxPaths.HOME, "/tmp", true);
}
