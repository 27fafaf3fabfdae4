package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.inventory.HostReader;
import dev.holdfast.agent.inventory.Inventory;
import dev.holdfast.agent.inventory.Remnant;
import dev.holdfast.agent.inventory.Remnant.Kind;
import dev.holdfast.agent.inventory.Subject;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.model.wire.channel.FromRunner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sandboxes that say they are gone, and leave one thing each: the agent finds it by itself, and the
 * place stays taken until somebody removes it.
 */
@Timeout(120)
class InventoryOfJobTest {
  /** Above those that the agent gives out. */
  private static final int USER = 219_997;

  private static final String LINK = "hfjtest" + ProcessHandle.current().pid() % 100_000;

  private final Lease lease = Jobs.commands("true");
  private final ScriptedBackend backend;
  private Path data = Path.of("/nowhere");
  private Thing planted = () -> {};

  /** Something that a test does on the host. */
  private interface Thing {
    void run() throws Exception;
  }

  InventoryOfJobTest() {
    backend =
        ScriptedBackend.talking(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          planted.run();
          wire.say(new FromRunner.StepFinished(0, new StepResult.Succeeded()));
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        });
  }

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "only root can plant these");
    data = TestWorkshop.data().toRealPath();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private static String sh(String script) throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", script).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private Path directory() {
    return data.resolve("job").resolve(lease.attempt());
  }

  /** Runs a job that leaves what {@code plant} makes, until {@code remove} has removed it. */
  private void leaves(Thing plant, Thing remove, Kind... kinds) throws Exception {
    planted = plant;
    var heard = new Heard();
    Workshop usual =
        TestWorkshop.of(
            data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test"));
    var execution = new JobExecution(lease, linked(usual), heard);
    Thread waiting = Thread.ofVirtual().unstarted(() -> awaitGone(execution));
    try {
      execution.run();
      assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
      assertThat(execution.leftSomething()).isTrue();
      assertThat(execution.remains().stream().map(Remnant::kind).collect(Collectors.toSet()))
          .isEqualTo(Set.of(kinds));
      int before = backend.looks.get();
      waiting.start();
      await().until(() -> backend.looks.get() >= before + 3);
      assertThat(waiting.isAlive()).as("the place is still taken").isTrue();
    } finally {
      remove.run();
    }
    waiting.join();
    assertThat(execution.leftSomething()).isFalse();
    assertThat(execution.remains()).isEmpty();
    assertThat(directory()).doesNotExist();
  }

  private static void awaitGone(JobExecution execution) {
    try {
      execution.awaitGone();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** With a network that says it is closed. */
  private static Workshop linked(Workshop usual) {
    JobNetworks networks =
        new JobNetworks() {
          @Override
          public Optional<String> nameserver(Lease lease) {
            return Optional.empty();
          }

          @Override
          public Network open(Lease lease, Sandbox sandbox) {
            return new Network() {
              @Override
              public List<Contact> close() {
                return List.of();
              }

              @Override
              public Optional<String> link() {
                return Optional.of(LINK);
              }
            };
          }
        };
    return new Workshop(
        usual.backend(),
        usual.policy(),
        networks,
        usual.checkout(),
        usual.directories(),
        usual.distribution(),
        usual.classes(),
        usual.limits(),
        usual.bounds(),
        usual.patience(),
        usual.clock(),
        usual.timer());
  }

  @Test
  void positiveControl_whatLeavesNothingIsNotWaitedFor() throws Exception {
    var workshop =
        TestWorkshop.of(
            data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test"));
    var execution = new JobExecution(lease, linked(workshop), new Heard());
    execution.run();
    assertThat(execution.remains()).isEmpty();
    assertThat(execution.leftSomething()).isFalse();
    assertThat(backend.looks).hasValue(1);
  }

  @Test
  void aProcessOfItsUser() throws Exception {
    backend.user.set(USER);
    var left = new Process[1];
    leaves(
        () -> {
          left[0] =
              new ProcessBuilder("setpriv", "--reuid", "" + USER, "--clear-groups", "sleep", "600")
                  .start();
          String status = "/proc/" + left[0].pid() + "/status";
          await().until(() -> Files.readString(Path.of(status)).contains("Uid:\t" + USER));
        },
        () -> left[0].destroyForcibly().waitFor(),
        Kind.PROCESS);
  }

  @Test
  void aProcessInItsCgroup() throws Exception {
    var group = new Cgroup[1];
    leaves(
        () -> {
          group[0] = Cgroups.of(data).create(lease.attempt(), Limits.standard());
          for (Path door : group[0].doors()) {
            sh("(echo 0 >" + door + "; exec sleep 600 >/dev/null 2>&1 </dev/null) &");
          }
          for (Path door : group[0].doors()) {
            await().until(() -> !Files.readString(door).isBlank());
          }
        },
        () -> group[0].destroy(),
        Kind.PROCESS,
        Kind.CGROUP);
    Cgroups.of(data).close();
  }

  @Test
  void aCgroup() throws Exception {
    var group = new Cgroup[1];
    leaves(
        () -> group[0] = Cgroups.of(data).create(lease.attempt(), Limits.standard()),
        () -> group[0].destroy(),
        Kind.CGROUP);
    Cgroups.of(data).close();
  }

  @Test
  void aMount() throws Exception {
    Path point = directory().resolve("left");
    leaves(
        () -> sh("mkdir " + point + " && mount -t tmpfs none " + point),
        () -> sh("umount " + point),
        Kind.MOUNT,
        Kind.DIRECTORY);
  }

  @Test
  void aLoopDevice() throws Exception {
    var device = new String[1];
    Path file = directory().resolve("left.img");
    leaves(
        () -> device[0] = sh("truncate -s 1M " + file + " && losetup --show -f " + file),
        () -> sh("losetup -d " + device[0]),
        Kind.LOOP_DEVICE);
  }

  @Test
  void anInterface() throws Exception {
    leaves(
        () -> sh("ip link add " + LINK + " type veth peer name " + LINK + "p"),
        () -> sh("ip link del " + LINK),
        Kind.INTERFACE);
  }

  @Test
  void anElementOfTheFilter() throws Exception {
    boolean free =
        new ProcessBuilder("nft", "list", "table", "inet", "holdfast").start().waitFor() != 0;
    assumeTrue(free, "an agent of this host has its filter here");
    leaves(
        () ->
            sh(
                "nft 'add table inet holdfast; add set inet holdfast left { type ifname; };"
                    + " add element inet holdfast left { \""
                    + LINK
                    + "\" }'"),
        () -> sh("nft delete table inet holdfast"),
        Kind.FILTER);
  }

  @Test
  void whatTheEngineHasUnderItsLabel() throws Exception {
    leaves(() -> backend.labelled.add("volume hf-left"), backend.labelled::clear, Kind.ENGINE);
  }

  @Test
  void aLookTakesAFewMilliseconds() throws Exception {
    var subject =
        new Subject(
            lease.attempt(),
            directory(),
            OptionalInt.of(USER),
            OptionalLong.of(HostReader.ticks()),
            Optional.empty());
    int times = 200;
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      assertThat(Inventory.of(subject, HostReader.read(subject, data, backend))).isEmpty();
    }
    System.out.printf(
        "figure: an inventory takes %.2f ms%n", (System.nanoTime() - start) / 1e6 / times);
  }
}
