package dev.holdfast.model.wire.channel;

/** What a frame carries. The code is part of the protocol and never changes its meaning. */
public enum FrameKind {
  /** Either way: a {@link ToRunner} or {@link FromRunner} as JSON. */
  CONTROL(1, 4 * 1024 * 1024),
  /** From the runner: bytes of the current step's output, as they came. */
  LOG(2, 128 * 1024),
  /** Either way: compiled classes of the workflow as a zip; before the job, or after compiling. */
  CLASSES(3, 4 * 1024 * 1024),
  /** To the runner: {@link SecretValues} for the step that the next message lets start. */
  SECRETS(4, 2 * 1024 * 1024);

  private final int code;
  private final int most;

  FrameKind(int code, int most) {
    this.code = code;
    this.most = most;
  }

  int code() {
    return code;
  }

  /** The most bytes that its payload may have. */
  public int most() {
    return most;
  }

  static FrameKind of(int code) throws BrokenChannel {
    return switch (code) {
      case 1 -> CONTROL;
      case 2 -> LOG;
      case 3 -> CLASSES;
      case 4 -> SECRETS;
      default -> throw new BrokenChannel("a frame has the unknown kind " + code);
    };
  }
}
