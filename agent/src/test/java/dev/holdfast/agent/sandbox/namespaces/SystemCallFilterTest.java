package dev.holdfast.agent.sandbox.namespaces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** System calls that a job makes by number, with the filter and, as the control, without it. */
class SystemCallFilterTest {
  private static final Wall WITHOUT = Wall.without(Set.of(Protection.SYSTEM_CALLS));

  /** Prints the error's number, or 0 where the call was let through. */
  private static final String CALL =
      "perl -e '$! = 0; $r = syscall(%s); print $r == -1 ? $!+0 : 0;'";

  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are amd64's");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "perl is not installed");
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private String inside(Wall wall, String script) throws Exception {
    return Inside.run(data, wall, Limits.standard(), script).said();
  }

  private void assertStopped(String call, int error, int without) throws Exception {
    String script = CALL.formatted(call);
    assertThat(inside(Wall.whole(), script)).as(call).isEqualTo("" + error);
    assertThat(inside(WITHOUT, script)).as(call + " without the filter").isEqualTo("" + without);
  }

  @Test
  void theKernelsKeys_areOutOfReach() throws Exception {
    // keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, create)
    assertStopped("250, 0, -3, 1", 1, 0);
  }

  @Test
  void userfaultfd_isOutOfReach() throws Exception {
    // UFFD_USER_MODE_ONLY, which needs no right
    assertStopped("323, 1", 1, 0);
  }

  @Test
  void ioUring_looksAbsent() throws Exception {
    // With no address for its parameters: EFAULT says that the kernel was reached.
    assertStopped("425, 1, 0", 38, 14);
  }

  @Test
  void handlesOfFiles_areOutOfReach() throws Exception {
    assertStopped("303, -1, 0, 0, 0, 0", 1, 14);
  }

  @Test
  void socketsOfRareFamilies_cannotBeMade() throws Exception {
    // AF_NETLINK's protocol 16, generic, by which much of the kernel is configured
    assertStopped("41, 16, 3, 16", 97, 0);
    // A pair of AF_INET, with no address for it: EFAULT says that the kernel was reached.
    assertStopped("53, 2, 1, 0, 0", 97, 14);
    // AF_ALG and AF_VSOCK, which not every kernel has
    assertThat(inside(Wall.whole(), CALL.formatted("41, 38, 5, 0"))).isEqualTo("97");
    assertThat(inside(Wall.whole(), CALL.formatted("41, 40, 1, 0"))).isEqualTo("97");
  }

  @Test
  void ordinarySockets_canBeMade() throws Exception {
    for (String socket : List.of("41, 1, 1, 0", "41, 2, 1, 0", "41, 10, 2, 0", "41, 16, 3, 0")) {
      assertThat(inside(Wall.whole(), CALL.formatted(socket))).as(socket).isEqualTo("0");
    }
  }

  @Test
  void typingIntoATerminal_isRefusedBeforeAnyTerminalIsAsked() throws Exception {
    // ioctl(0, TIOCSTI): without the filter the answer is the descriptor's own
    assertThat(inside(Wall.whole(), CALL.formatted("16, 0, 0x5412, 0"))).isEqualTo("1");
    assertThat(inside(WITHOUT, CALL.formatted("16, 0, 0x5412, 0"))).isNotEqualTo("1");
  }

  @Test
  void callsOfOtherTables_doNotPass() throws Exception {
    // getpid of the x32 table
    assertThat(inside(Wall.whole(), CALL.formatted("0x40000000 + 39"))).isEqualTo("38");
  }

  @Test
  void aBuildsOwnTools_work() throws Exception {
    assertThat(
            inside(
                Wall.whole(),
                "git init -q /tmp/r && git -C /tmp/r status --short && seq 3 | sort -r | head -1"
                    + " && (sleep 0.1 & wait) && ls /proc/self >/dev/null && echo fine"))
        .isEqualTo("3\nfine");
  }

  @Test
  void kernelFilesThatTellOfTheHost_sayNothing() throws Exception {
    String script = "cat /proc/cmdline /proc/keys /proc/kallsyms 2>/dev/null | wc -c; ls /proc/bus";
    assertThat(inside(Wall.whole(), script)).isEqualTo("0");
    assertThat(inside(Wall.without(Set.of(Protection.MASKED_KERNEL_FILES)), script))
        .isNotEqualTo("0");
  }
}
