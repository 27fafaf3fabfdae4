package dev.holdfast.cli.terminal;

/** How {@code holdfast} ends. Scripts build on these: a number never changes its meaning. */
public enum ExitCode {
  OK(0, "done"),
  FAILED(1, "the run or a job failed or was cancelled, or a check found a difference"),
  USAGE(2, "the command line or a definition is wrong; nothing was done"),
  UNREACHABLE(3, "the server cannot be reached, or does not allow it"),
  NOT_FOUND(4, "what was named does not exist"),
  INTERNAL(5, "something broke: this host, a disk, or Holdfast itself"),
  INTERRUPTED(130, "stopped by Ctrl-C");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** What the process ends with. */
  public int code() {
    return code;
  }

  /** One line for people. */
  public String meaning() {
    return meaning;
  }
}
