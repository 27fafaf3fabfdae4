package dev.holdfast.agent.sandbox.seccomp;

import java.util.List;

/** What the calls that depend on arguments may be asked for, whoever enforces it. */
public final class Permitted {
  /** The flags of {@code clone} that make namespaces: NEWNS, CGROUP, UTS, IPC, USER, PID, NET. */
  public static final int NEW_NAMESPACES = 0x7E020000;

  /** The families of sockets: UNIX, INET and INET6. */
  public static final List<Integer> FAMILIES = List.of(1, 2, 10);

  /** The family of pairs of sockets: UNIX. The only other that the kernel has is TIPC. */
  public static final int PAIRS = 1;

  /** Of the family NETLINK, only the protocol ROUTE: a list of one's own interfaces and routes. */
  public static final int NETLINK = 16;

  public static final int NETLINK_ROUTE = 0;

  /**
   * Requests of {@code ioctl} that are refused: typing into a terminal, pasting on a console, and
   * changing a line's discipline.
   */
  public static final List<Integer> REFUSED_REQUESTS = List.of(0x5412, 0x541C, 0x5423);

  /** Linux, its 32-bit form, and what says which of them it is. */
  public static final List<Integer> PERSONALITIES = List.of(0, 8, 0x20000, 0x20008, 0xffffffff);

  private Permitted() {}
}
