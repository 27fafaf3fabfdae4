package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

/**
 * What goes wrong with a stand-in.
 *
 * @param call at which it does, such as {@code PUT /vsock}; empty where it is not about a call
 */
public record Fault(Kind kind, String call) {
  /** Ways to go wrong. */
  public enum Kind {
    NONE,
    /** The call is answered with 400. */
    REFUSE,
    /** The monitor ends in the middle of the call. */
    DIE,
    /** The monitor ends a moment after it answered the call. */
    DIE_AFTER,
    /** The call is never answered. */
    HANG,
    /** The call is answered with bytes that are no HTTP. */
    GARBAGE,
    /** The call is answered with a length that would fill the agent's memory. */
    HUGE,
    /** The call is answered with a head that does not end. */
    ENDLESS_HEAD,
    /** There is no API socket, ever. */
    NO_SOCKET,
    /** A directory is where the API socket should be. */
    NO_REAL_SOCKET,
    /** There is one, late. */
    LATE_SOCKET,
    /** Calls of the guest are hung up on. */
    GUEST_HANGS_UP,
    /** … in the middle of OK. */
    GUEST_CUT_OFF,
    /** … are answered with something else. */
    GUEST_RUBBISH,
    /** … are answered with a line that does not end. */
    GUEST_ENDLESS,
    /** … are taken and never answered. */
    GUEST_SILENT,
    /** There is no vsock socket, ever. */
    NO_GUEST,
    /** A symbolic link to another socket is where the vsock socket should be. */
    GUEST_LINK,
    /** The guest writes to its serial line without end, from before its API answers. */
    SERIAL_FLOOD,
    /** The monitor started a program that left its session and ignores signals. */
    STRAY_CHILD,
    /** What a snapshot's memory should be is a symbolic link to a file of root's. */
    SNAPSHOT_LINK
  }

  public static Fault none() {
    return new Fault(Kind.NONE, "");
  }

  public static Fault of(Kind kind) {
    return new Fault(kind, "");
  }

  public static Fault at(Kind kind, String call) {
    return new Fault(kind, call);
  }

  static Fault parse(String text) {
    int colon = text.indexOf(':');
    return new Fault(Kind.valueOf(text.substring(0, colon)), text.substring(colon + 1));
  }

  boolean hits(Kind which, String request) {
    return kind == which && request.equals(call);
  }

  @Override
  public String toString() {
    return kind + ":" + call;
  }
}
