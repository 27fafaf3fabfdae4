package dev.holdfast.agent.inventory;

/**
 * One thing of an attempt that should be gone.
 *
 * @param name as an operator would look for it
 */
public record Remnant(Kind kind, String name) {
  /** What it is. */
  public enum Kind {
    PROCESS("process"),
    MOUNT("mount"),
    LOOP_DEVICE("loop device"),
    CGROUP("cgroup"),
    INTERFACE("network interface"),
    FILTER("element of the egress filter"),
    ENGINE("of the container engine:"),
    DIRECTORY("directory"),
    /** Something could not be looked at, which is no proof that nothing is there. */
    UNKNOWN("unknown, since");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  @Override
  public String toString() {
    return kind.word + " " + name;
  }
}
