package dev.holdfast.agent.sandbox.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Machines in a row, a third of them killed at random moments of their life. {@code
 * -Dholdfast.machines.count=50} says how many, {@code -Dholdfast.machines.seed=N} which moments.
 */
@Timeout(3000)
class ManyMachinesTest {
  private static final long MIB = 1024 * 1024;
  private static final int COUNT = Integer.getInteger("holdfast.machines.count", 6);
  private static final long SEED = Long.getLong("holdfast.machines.seed", 7L);

  private Path data = Path.of("/nowhere");

  @BeforeEach
  void prepare() throws Exception {
    TestMachines.assume();
    data =
        Files.createTempDirectory(
            "hf",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    TestMachines.imageFor(data);
  }

  @AfterEach
  void remove() throws Exception {
    if (!data.toString().equals("/nowhere")) {
      new ProcessBuilder("rm", "-rf", "--one-file-system", data.toString()).start().waitFor();
    }
  }

  static SandboxSpec spec(Path data, String attempt, String script)
      throws IOException, InterruptedException {
    return TestMachines.spec(data, attempt, 192, Optional.of("198.18.0.1"), script);
  }

  /** What becomes of a machine: of nine, six live, two lose their monitor, and one its agent. */
  private enum Fate {
    LIVES,
    MONITOR_KILLED,
    AGENT_KILLED;

    static Fate of(int number) {
      return switch (number % 9) {
        case 1, 7 -> MONITOR_KILLED;
        case 4 -> AGENT_KILLED;
        default -> LIVES;
      };
    }
  }

  /** How it stands with the agent and its host. */
  private record Level(long disk, long memory, long files, long threads) {
    static Level now(MachineTraces traces) throws IOException {
      System.gc();
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        Runtime runtime = Runtime.getRuntime();
        return new Level(
            traces.disk(),
            runtime.totalMemory() - runtime.freeMemory(),
            open.count(),
            Thread.getAllStackTraces().size());
      }
    }
  }

  @Test
  void inARow_aThirdKilledAtRandomMoments_leaveNothingOnTheHost() throws Exception {
    var traces = new MachineTraces(data);
    var random = new Random(SEED);
    // What is made once and stays: directories, classes, threads of the virtual machine.
    long life = lives("att_first");
    expectNothing(traces, "the first");
    Level before = Level.now(traces);
    long free = available();
    var killed = new ArrayList<String>();
    for (int i = 1; i <= COUNT; i++) {
      long moment = random.nextLong(life);
      String attempt = "att_" + i;
      Fate fate = Fate.of(i);
      switch (fate) {
        case LIVES -> lives(attempt);
        case MONITOR_KILLED -> killed.add("monitor " + monitorKilled(attempt, moment) + " ms");
        case AGENT_KILLED -> killed.add("agent " + agentKilled(attempt, moment, traces) + " ms");
      }
      expectNothing(traces, "machine " + i + ", which " + fate);
    }
    Level after = Level.now(traces);
    System.out.println(
        "figure: machines in a row = "
            + COUNT
            + ", of them killed "
            + killed.size()
            + " "
            + killed);
    System.out.println(
        "figure: disk, heap, open files, threads before " + before + " and after " + after);
    System.out.println(
        "figure: memory available on the host before and after = "
            + free / MIB
            + " and "
            + available() / MIB
            + " MiB");
    assertThat(killed).as("a third, rounded").hasSizeBetween(COUNT / 3, (COUNT + 2) / 3);
    assertThat(after.disk()).isEqualTo(before.disk());
    assertThat(after.files()).isLessThanOrEqualTo(before.files() + 2);
    assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 4);
    assertThat(after.memory()).isLessThan(before.memory() + 32 * MIB);
  }

  private void expectNothing(MachineTraces traces, String after) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(traces.take()).as("after " + after).isEmpty());
  }

  /** From its start to its end, in milliseconds. */
  private long lives(String attempt) throws Exception {
    long begin = System.nanoTime();
    try (var backend = TestMachines.backend(data)) {
      SandboxSpec spec = spec(data, attempt, "echo lived");
      try (Sandbox sandbox = backend.create(spec)) {
        sandbox.handOver();
        sandbox.start();
        assertThat(sandbox.exited().get(150, TimeUnit.SECONDS)).isZero();
        assertThat(sandbox.diagnostics()).isEqualTo("lived");
      }
      new JobDirectories(data).remove(spec.directory());
    }
    return (System.nanoTime() - begin) / 1_000_000;
  }

  /** The moment at which it was killed. */
  private long monitorKilled(String attempt, long moment) throws Exception {
    try (var backend = TestMachines.backend(data)) {
      SandboxSpec spec = spec(data, attempt, "sleep 600");
      try (Sandbox sandbox = backend.create(spec)) {
        long begin = System.nanoTime();
        var started = new CompletableFuture<String>();
        Thread starter =
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    sandbox.handOver();
                    sandbox.start();
                    started.complete("it runs");
                  } catch (SandboxUnavailable e) {
                    started.complete(String.valueOf(e.getMessage()));
                  } catch (InterruptedException | RuntimeException e) {
                    started.completeExceptionally(e);
                  }
                });
        // The moment itself is what is tried; nothing waits for a state.
        TimeUnit.MILLISECONDS.sleep(moment);
        await()
            .pollInterval(Duration.ofMillis(5))
            .atMost(Duration.ofSeconds(20))
            .until(() -> killed(sandbox));
        long at = (System.nanoTime() - begin) / 1_000_000;
        starter.join(Duration.ofSeconds(30));
        String said = started.get(1, TimeUnit.SECONDS);
        if (said.equals("it runs")) {
          assertThat(sandbox.exited().get(20, TimeUnit.SECONDS)).isEqualTo(137);
          said = sandbox.collapse().orElseThrow();
        }
        assertThat(said).contains("signal 9");
        return at;
      } finally {
        new JobDirectories(data).remove(spec.directory());
      }
    }
  }

  private static boolean killed(Sandbox sandbox) {
    try {
      return ProcessHandle.of(sandbox.process()).orElseThrow().destroyForcibly();
    } catch (SandboxUnavailable e) {
      // It has none yet.
      return false;
    }
  }

  /** The same for its agent; the next one of the same data makes an end of what that left. */
  private long agentKilled(String attempt, long moment, MachineTraces traces) throws Exception {
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                KilledMachineAgent.class.getName(),
                data.toString(),
                attempt)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var said = agent.inputReader()) {
      assertThat(said.readLine()).isEqualTo("begins");
      long begin = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep(moment);
      assertThat(traces.take()).as("control: there is something of it").isNotEmpty();
      agent.destroyForcibly();
      long at = (System.nanoTime() - begin) / 1_000_000;
      assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
      try (var next = TestMachines.backend(data)) {
        next.reconcile();
        new JobDirectories(data).removeAll();
      }
      return at;
    } finally {
      agent.destroyForcibly();
    }
  }

  private static long available() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void positiveControl_whatIsLeftIsFound() throws Exception {
    var traces = new MachineTraces(data);
    assertThat(traces.take()).isEmpty();
    String name = traces.prefix() + "left";
    Path cgroup = firstHierarchy().resolve("holdfast-test").resolve(name);
    Path line = Path.of("/run/holdfast/vm", name.substring(4, 12), "left");
    Process process = new ProcessBuilder("sh", "-c", "sleep 60; :", name).start();
    try {
      run("ip", "netns", "add", name);
      run("ip", "tuntap", "add", "dev", MachineNetwork.TAP + "left", "mode", "tap");
      Files.createDirectories(cgroup);
      Files.createDirectories(line);
      Files.createDirectories(data.resolve("job/att_left"));
      assertThat(traces.take())
          .containsOnlyKeys(
              "processes", "namespaces", "taps", "cgroups", "mounts", "lines", "files");
    } finally {
      process.destroyForcibly();
      run("ip", "netns", "delete", name);
      run("ip", "link", "delete", MachineNetwork.TAP + "left");
      Files.deleteIfExists(cgroup);
      Files.deleteIfExists(cgroup.getParent());
      Files.deleteIfExists(line);
      Files.deleteIfExists(line.getParent());
    }
    Files.delete(data.resolve("job/att_left"));
    process.waitFor();
    assertThat(traces.take()).isEmpty();
  }

  private static Path firstHierarchy() {
    Path v1 = Path.of("/sys/fs/cgroup/pids");
    return Files.isDirectory(v1) ? v1 : Path.of("/sys/fs/cgroup");
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + said).isZero();
  }
}
