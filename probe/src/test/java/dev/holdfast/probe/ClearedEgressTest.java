package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * A job reaches no more than its clearance lets it, whatever its agent's policy opens: as a
 * stranger's does that runs at once. By real jobs, in a lab of network namespaces.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class ClearedEgressTest {
  private Path folder = Path.of("/nowhere");
  private Lab lab;
  private LabProcess agent;

  @BeforeAll
  void open() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    String dist = System.getenv("HOLDFAST_DIST");
    assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    folder = Files.createTempDirectory("hfc");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    lab = Lab.open();
    agent =
        lab.startInHost(
            ClearedAgent.class,
            List.of(folder.toString(), Path.of(String.valueOf(dist), "runner").toString()));
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

  private List<String> run(String how) throws IOException {
    return List.of(agent.ask(how).split("\t"));
  }

  private static List<String> reached(String listed, String other) {
    return List.of(
        "Succeeded[]", ClearedAgent.LISTED + " " + listed, ClearedAgent.OTHER + " " + other);
  }

  @Test
  void whatRunsAtOnceReachesWhatIsListedAndNothingElse() throws Exception {
    assertThat(run("restricted")).isEqualTo(reached("world", "nothing"));
  }

  @Test
  void positiveControl_withoutLimitsTheSameJobReachesBoth() throws Exception {
    assertThat(run("unlimited")).isEqualTo(reached("world", "world"));
  }

  @Test
  void whatIsCutOffReachesNothing() throws Exception {
    assertThat(run("cut off")).isEqualTo(reached("nothing", "nothing"));
  }

  @Test
  void aWeakerAgentThanTheClearedTierRefusesIt() throws Exception {
    assertThat(run("container")).singleElement().asString().contains("wants the tier container");
  }

  @Test
  void whoLoosensTheLimitsOrTheFloorInTheDatabaseStartsNothing() throws Exception {
    assertThat(run("loosened limits")).singleElement().asString().contains("not signed");
    assertThat(run("loosened floor")).singleElement().asString().contains("not signed");
  }
}
