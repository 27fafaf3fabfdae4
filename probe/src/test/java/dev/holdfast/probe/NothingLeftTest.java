package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many jobs with egress, a third of which is killed, cancelled or out of memory; and an agent that
 * is killed in the middle of its jobs: the host has nothing more than before.
 */
@Timeout(900)
class NothingLeftTest {
  private static final int IN_A_ROW = Integer.getInteger("holdfast.jobs", 60);
  private static final int AT_ONCE = 8;

  @ParameterizedTest
  @EnumSource(names = {"NAMESPACES", "CONTAINER"})
  void jobsOfEveryEnd_leaveNothing(Backend backend) throws Exception {
    try (var place = Place.open(backend)) {
      LabProcess agent = place.agent();
      var host = new HostInventory(place.lab, place.folder, place.engine, agent.ask("who"));
      // The first makes what stays for good, as the place of locks.
      agent.ask("run\t1\t1");
      var before = host.take();
      String[] row = agent.ask("run\t" + IN_A_ROW + "\t1").split("\t");
      assertThat(Integer.parseInt(row[0])).as("ended badly").isEqualTo(bad(IN_A_ROW));
      assertThat(host.take()).isEqualTo(before);
      String[] crowd = agent.ask("run\t" + AT_ONCE * 3 + "\t" + AT_ONCE).split("\t");
      assertThat(Integer.parseInt(crowd[0])).as("ended badly").isEqualTo(bad(AT_ONCE * 3));
      assertThat(host.take()).isEqualTo(before);
      System.out.printf(
          "figure: %s, %d jobs in a row and %d with %d at once, %s and %s of them ended badly,"
              + " left nothing%n",
          backend, IN_A_ROW, AT_ONCE * 3, AT_ONCE, row[0], crowd[0]);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NAMESPACES", "CONTAINER"})
  void aKilledAgent_leavesNothingOnceItIsStartedAgain(Backend backend) throws Exception {
    try (var place = Place.open(backend)) {
      LabProcess agent = place.agent();
      var host = new HostInventory(place.lab, place.folder, place.engine, agent.ask("who"));
      var before = host.take();
      assertThat(agent.ask("sit\t" + AT_ONCE)).isEqualTo("up\t" + AT_ONCE);
      var during = host.take();
      // The positive control: what is there is seen.
      assertThat(during.get("interfaces")).hasSize(AT_ONCE);
      assertThat(during.get("rule elements")).hasSizeGreaterThanOrEqualTo(AT_ONCE);
      assertThat(during.get("files")).hasSize(AT_ONCE);
      assertThat(during.get("cgroups")).isNotEmpty();
      assertThat(during.get("processes")).hasSizeGreaterThanOrEqualTo(AT_ONCE);
      if (backend == Backend.CONTAINER) {
        assertThat(during.get("containers")).hasSize(AT_ONCE);
      } else {
        assertThat(during.get("mounts")).hasSize(AT_ONCE);
        assertThat(during.get("disks")).hasSize(AT_ONCE);
      }
      agent.kill();
      // It answers once it has begun, and so has looked for what an earlier one left.
      place.agent().ask("who");
      assertThat(host.take()).isEqualTo(before);
      System.out.printf(
          "figure: %s, agent killed in the middle of %d jobs and started again, left nothing%n",
          backend, AT_ONCE);
    }
  }

  private static int bad(int jobs) {
    return (int) java.util.stream.IntStream.range(0, jobs).filter(i -> i % 3 == 2).count();
  }

  /** A lab, and a folder for an agent in it. */
  private static final class Place implements AutoCloseable {
    final Lab lab;
    final Path folder;
    final Optional<String> engine;
    private final Backend backend;
    private final Path runner;

    private Place(Lab lab, Path folder, Optional<String> engine, Backend backend, Path runner) {
      this.lab = lab;
      this.folder = folder;
      this.engine = engine;
      this.backend = backend;
      this.runner = runner;
    }

    static Place open(Backend backend) throws IOException {
      assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
      String dist = System.getenv("HOLDFAST_DIST");
      assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
      Optional<String> engine = Optional.ofNullable(System.getenv("HOLDFAST_TEST_ENGINE"));
      assumeTrue(
          backend != Backend.CONTAINER || engine.isPresent(), "HOLDFAST_TEST_ENGINE is not set");
      Path folder = Files.createTempDirectory("hfn");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      Optional<String> used = backend == Backend.CONTAINER ? engine : Optional.empty();
      return new Place(Lab.open(), folder, used, backend, Path.of(String.valueOf(dist), "runner"));
    }

    LabProcess agent() throws IOException {
      return lab.startInHost(
          WorkingAgent.class,
          List.of(
              backend.name(),
              folder.toString(),
              runner.toString(),
              engine.orElse(""),
              engine.isPresent() ? Site.IMAGE : ""));
    }

    @Override
    public void close() throws IOException {
      lab.close();
      Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
      assertThat(rm.onExit().join().exitValue()).isZero();
    }
  }
}
