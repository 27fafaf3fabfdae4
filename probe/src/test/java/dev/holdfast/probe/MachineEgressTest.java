package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabAddresses;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What a machine reaches, by a real one, in a lab of network namespaces. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(400)
class MachineEgressTest {
  private Path folder = Path.of("/nowhere");
  private Lab lab;
  private LabProcess agent;

  @BeforeAll
  void open() throws IOException {
    assumeTrue(
        Boolean.getBoolean("holdfast.machines"),
        "SKIPPED: machines are slow without KVM; script/show microvm runs them, with"
            + " -Dholdfast.machines=true");
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    for (String name : List.of("HOLDFAST_DIST", "HOLDFAST_TEST_KERNEL", "HOLDFAST_TEST_ROOTFS")) {
      assumeTrue(System.getenv(name) != null, "SKIPPED: no " + name + "; script/test sets it");
    }
    Path guest = Path.of(System.getenv("HOLDFAST_DIST"), "guest/holdfast-guest");
    assumeTrue(Files.exists(guest), "SKIPPED: the distribution has no guest agent (no gcc)");
    assumeTrue(
        Files.exists(Path.of("/usr/bin/qemu-system-x86_64")), "SKIPPED: no qemu-system-x86_64");
    folder = Files.createTempDirectory("hfm");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    lab = Lab.open();
    agent = lab.startInHost(MachineAgent.class, List.of(folder.toString(), guest.toString()));
  }

  @AfterAll
  void close() throws IOException {
    if (agent != null) {
      agent.close();
    }
    if (lab != null) {
      lab.close();
    }
    if (!folder.toString().equals("/nowhere")) {
      Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
      assertThat(rm.onExit().join().exitValue()).isZero();
    }
  }

  private static String reach(List<String> addresses) {
    return "for a in "
        + String.join(" ", addresses)
        + "; do echo \"$a $(timeout 4 cat </dev/tcp/$a/"
        + Lab.PORT
        + " || echo nothing)\"; done 2>/dev/null";
  }

  @Test
  void aMachine_reachesWhatIsPublicAndNothingInside() throws Exception {
    var addresses = new ArrayList<>(List.of(LabAddresses.PUBLIC.getFirst()));
    for (String range : List.of("private", "shared", "metadata", "link-local")) {
      addresses.add(java.util.Objects.requireNonNull(LabAddresses.BLOCKED.get(range)).getFirst());
    }
    addresses.add(LabAddresses.HOST4);
    String six = LabAddresses.PUBLIC.get(2);
    addresses.add(six);
    List<String> said =
        List.of(
            agent
                .ask(
                    "any "
                        + reach(addresses)
                        + "; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | tr '\\n' ' ';"
                        + " cat /proc/net/if_inet6 | wc -l")
                .split("\t"));
    var expected = new ArrayList<>(List.of(LabAddresses.PUBLIC.getFirst() + " world"));
    addresses.subList(1, addresses.size()).forEach(a -> expected.add(a + " nothing"));
    assertThat(said).startsWith(expected.toArray(String[]::new));
    assertThat(said.get(expected.size())).as("interfaces, and addresses of IPv6").endsWith(" 0");
    assertThat(said.getLast()).matches("as 198[.]1[89][.][0-9.]+");
  }

  @Test
  void positiveControl_whatAnOperatorOpensAMachineReaches() throws Exception {
    assertThat(List.of(agent.ask("opened " + reach(List.of(MachineAgent.OPENED))).split("\t")))
        .startsWith(MachineAgent.OPENED + " world");
  }
}
