package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabAddresses;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service beside a job with egress is behind the job's filter. */
@Timeout(300)
class ServiceEgressTest {
  private Path folder = Path.of("/nowhere");

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("hfs");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @AfterEach
  void removeFolder() throws IOException {
    Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
    assertThat(rm.onExit().join().exitValue()).isZero();
  }

  /** How a job ended, and what it and its service reached. */
  private List<String> reached(String missing) throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    String dist = System.getenv("HOLDFAST_DIST");
    assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    String engine = System.getenv("HOLDFAST_TEST_ENGINE");
    assumeTrue(engine != null, "HOLDFAST_TEST_ENGINE is not set");
    try (Lab lab = Lab.open();
        LabProcess agent =
            lab.startInHost(
                ServiceAgent.class,
                List.of(
                    folder.toString(),
                    Path.of(String.valueOf(dist), "runner").toString(),
                    String.valueOf(engine),
                    Site.IMAGE,
                    missing))) {
      return List.of(agent.ask("").split("\t"));
    }
  }

  private static List<String> both(String publicly, String privately, String host) {
    return List.of("job", "service").stream()
        .flatMap(who ->
            List.of(
                who + " " + ServiceAgent.PUBLIC + " " + publicly,
                who + " " + ServiceAgent.PRIVATE + " " + privately,
                who + " " + LabAddresses.HOST4 + " " + host)
                .stream())
        .toList();
  }

  @Test
  void itReachesWhatItsJobReachesAndNothingElse() throws Exception {
    List<String> said = reached("");
    assertThat(said.getFirst()).isEqualTo("Succeeded[]");
    assertThat(said.subList(1, said.size())).isEqualTo(both("world", "nothing", "nothing"));
  }

  @Test
  void positiveControl_withoutTheFilterBothReachAll() throws Exception {
    List<String> said = reached(Protection.EGRESS_FILTER.name());
    assertThat(said.getFirst()).isEqualTo("Succeeded[]");
    assertThat(said.subList(1, said.size())).isEqualTo(both("world", "world", "host"));
  }
}
