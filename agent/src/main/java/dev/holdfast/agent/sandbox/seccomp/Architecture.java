package dev.holdfast.agent.sandbox.seccomp;

import java.util.Optional;

/** The processors whose system calls the filter knows. */
enum Architecture {
  // AUDIT_ARCH_* of linux/audit.h, and the numbers of the calls with arguments that matter.
  AMD64(0xC000003E, 56, 435, 41, 53, 16, 135),
  ARM64(0xC00000B7, 220, 435, 198, 199, 29, 92);

  final int audit;
  final int clone;
  final int clone3;
  final int socket;
  final int socketpair;
  final int ioctl;
  final int personality;

  Architecture(
      int audit, int clone, int clone3, int socket, int socketpair, int ioctl, int personality) {
    this.audit = audit;
    this.clone = clone;
    this.clone3 = clone3;
    this.socket = socket;
    this.socketpair = socketpair;
    this.ioctl = ioctl;
    this.personality = personality;
  }

  /** The one that {@code os.arch} names. */
  static Optional<Architecture> of(String name) {
    return switch (name) {
      case "amd64", "x86_64" -> Optional.of(AMD64);
      case "aarch64", "arm64" -> Optional.of(ARM64);
      default -> Optional.empty();
    };
  }
}
