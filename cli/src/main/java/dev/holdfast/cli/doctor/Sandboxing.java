package dev.holdfast.cli.doctor;

import dev.holdfast.cli.terminal.Times;
import java.util.List;
import java.util.Optional;

/** Whether a sandbox of namespaces can be made. */
final class Sandboxing {
  private Sandboxing() {}

  static Finding examine(Host host) throws InterruptedException {
    String subject = "namespaces";
    Optional<Tried> tried =
        Tried.run(
            List.of(
                "bwrap",
                "--unshare-all",
                "--die-with-parent",
                "--ro-bind",
                "/",
                "/",
                "--proc",
                "/proc",
                "--dev",
                "/dev",
                "--tmpfs",
                "/tmp",
                "--cap-drop",
                "ALL",
                "true"));
    if (tried.isEmpty()) {
      return Finding.missing(
          subject, "no program bwrap (bubblewrap)", "apt-get install bubblewrap");
    }
    if (tried.get().worked()) {
      return Finding.ok(
          subject, "bubblewrap makes a sandbox in " + Times.length(tried.get().took()));
    }
    return Finding.missing(
        subject, "bubblewrap cannot make a sandbox: " + tried.get().said(), mend(host));
  }

  private static String mend(Host host) {
    if (host.number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
      return "let bwrap make user namespaces: an AppArmor profile for it, or sysctl"
          + " kernel.apparmor_restrict_unprivileged_userns=0";
    }
    if (host.number("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
      return "sysctl kernel.unprivileged_userns_clone=1";
    }
    if (host.number("/proc/sys/user/max_user_namespaces") == 0) {
      return "sysctl user.max_user_namespaces=10000";
    }
    return "a container around this process may forbid it; see docs/agent.md";
  }
}
