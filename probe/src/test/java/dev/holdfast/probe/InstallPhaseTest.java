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
 * A poisoned dependency that runs while a job installs reaches registries and nothing else,
 * although the job may; nor does it by what it leaves running. By real jobs, in a lab of network
 * namespaces.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class InstallPhaseTest {
  private Path folder = Path.of("/nowhere");
  private Lab lab;
  private LabProcess agent;

  @BeforeAll
  void open() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    String dist = System.getenv("HOLDFAST_DIST");
    assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    folder = Files.createTempDirectory("hfi");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    lab = Lab.open();
    agent =
        lab.startInHost(
            InstallingAgent.class,
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

  @Test
  void whatInstalls_reachesTheRegistryAndNothingElse_theStepAfterItBoth() throws Exception {
    assertThat(run("installs"))
        .containsExactly(
            "Succeeded[]",
            "install " + InstallingAgent.REGISTRY + " world",
            "install " + InstallingAgent.OTHER + " nothing",
            "build " + InstallingAgent.REGISTRY + " world",
            "build " + InstallingAgent.OTHER + " world");
  }

  @Test
  void positiveControl_theSameStepThatDoesNotInstall_reachesBoth() throws Exception {
    assertThat(run("does not install"))
        .containsExactly(
            "Succeeded[]",
            "install " + InstallingAgent.REGISTRY + " world",
            "install " + InstallingAgent.OTHER + " world",
            "build " + InstallingAgent.REGISTRY + " world",
            "build " + InstallingAgent.OTHER + " world");
  }

  @Test
  void aStepThatIsPassedOver_opensNothing() throws Exception {
    assertThat(run("the second is passed over"))
        .containsExactly(
            "Succeeded[]",
            "install " + InstallingAgent.REGISTRY + " world",
            "install " + InstallingAgent.OTHER + " nothing");
  }

  @Test
  void whatAnInstallingStepLeavesRunning_isGoneBeforeTheNetworkOpens() throws Exception {
    // It tries for as long as it lives, and writes down once it got through.
    assertThat(run("leaves a process")).containsExactly("Succeeded[]", "nobody got through");
  }

  @Test
  void positiveControl_whatAnOrdinaryStepLeavesRunning_getsThrough() throws Exception {
    assertThat(run("leaves a process, and does not install"))
        .containsExactly("Succeeded[]", "world");
  }
}
