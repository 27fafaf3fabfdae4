package dev.holdfast.agent.sandbox.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines that are made before a job wants one: used once, replaced, and never left behind. */
@Timeout(400)
class AheadTest {
  private static final long MIB = 1024 * 1024;
  private static final Duration LONG = Duration.ofMinutes(3);

  private final Path data = makeData();
  private final List<MachineStart> starts = Collections.synchronizedList(new ArrayList<>());

  private static Path makeData() {
    try {
      return Files.createTempDirectory(
          "hf", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static MicrovmBackend backend(Path data, Consumer<MachineStart> started) throws Exception {
    return new MicrovmBackend(
        data,
        new MicrovmSettings(
            MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY, new Warm(true, 1, 1024 * MIB)),
        InstantSource.system(),
        TestMachines.tcg(data),
        started);
  }

  static SandboxSpec spec(Path data, String attempt, String script) throws Exception {
    return TestMachines.spec(data, attempt, 192, Optional.of("198.18.0.1"), script);
  }

  @BeforeAll
  static void machines() {
    TestMachines.assume();
  }

  @BeforeEach
  void image() throws Exception {
    TestMachines.imageFor(data);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    try {
      assertThat(onHost()).isEmpty();
    } finally {
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  /** Processes, cgroups, lines, namespaces, users' processes and directories of its machines. */
  private List<String> onHost() throws Exception {
    var found = new ArrayList<>(TestMachines.tcg(data).vmm().leftovers());
    found.addAll(TestMachines.monitors(data));
    String prefix = MicrovmBackend.prefix(data);
    if (Files.isDirectory(Path.of("/run/netns"))) {
      try (var names = Files.newDirectoryStream(Path.of("/run/netns"), prefix + "*")) {
        names.forEach(name -> found.add(name.toString()));
      }
    }
    for (String folder : List.of("waiting", "snapshots")) {
      if (Files.isDirectory(data.resolve(folder))) {
        try (Stream<Path> in = Files.list(data.resolve(folder))) {
          in.filter(f -> !String.valueOf(f.getFileName()).matches("[0-9a-f]{64}"))
              .forEach(f -> found.add(f.toString()));
        }
      }
    }
    return found;
  }

  private String run(MicrovmBackend backend, String attempt, String script) throws Exception {
    try (Sandbox sandbox = backend.create(spec(data, attempt, script))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(170, TimeUnit.SECONDS)).as(sandbox.diagnostics()).isZero();
      return sandbox.diagnostics();
    }
  }

  private static void awaitOneThatWaits(MicrovmBackend backend) {
    await().atMost(LONG).until(() -> backend.waiting() == 1);
  }

  @Test
  void aWaitingMachine_isOneJobsAndIsReplaced_andNoneIsLeftAtTheEnd() throws Exception {
    try (MicrovmBackend backend = backend(data, starts::add)) {
      backend.create(spec(data, "att_first", "true")).close();
      awaitOneThatWaits(backend);
      assertThat(onHost()).as("control: what waits is found").hasSizeGreaterThan(3);
      String one = run(backend, "att_one", "cat /etc/machine-id; touch /workspace/left");
      assertThat(starts.getLast().how()).isEqualTo(MachineStart.How.WAITED);
      awaitOneThatWaits(backend);
      String two = run(backend, "att_two", "cat /etc/machine-id; ls -A /workspace");
      assertThat(starts.getLast().how()).isEqualTo(MachineStart.How.WAITED);
      assertThat(two).matches("[0-9a-f]{32}").isNotEqualTo(one);
      // Its end is at any moment of what is being made just now.
    }
  }

  @Test
  void aWaitingMachineThatDies_isNoJobs() throws Exception {
    try (MicrovmBackend backend = backend(data, starts::add)) {
      backend.create(spec(data, "att_first", "true")).close();
      awaitOneThatWaits(backend);
      killMonitors();
      assertThat(run(backend, "att_one", "echo works")).isEqualTo("works");
      // Another may wait already; the one that died would have failed the job.
      assertThat(starts.getLast().how()).isNotEqualTo(MachineStart.How.BOOTED);
    }
  }

  private void killMonitors() throws Exception {
    var killed = new ArrayList<ProcessHandle>();
    for (String found : onHost()) {
      if (found.startsWith("/proc/")) {
        ProcessHandle.of(Long.parseLong(found.substring(6)))
            .ifPresent(process -> {
              process.destroyForcibly();
              killed.add(process);
            });
      }
    }
    assertThat(killed).isNotEmpty();
    for (ProcessHandle each : killed) {
      each.onExit().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void aSnapshotThatWasChanged_isNotRestored_andIsMadeAgain() throws Exception {
    try (MicrovmBackend backend = backend(data, starts::add)) {
      backend.create(spec(data, "att_first", "true")).close();
      awaitOneThatWaits(backend);
    }
    try (Stream<Path> files = Files.walk(data.resolve("snapshots"))) {
      for (Path state : files.filter(f -> f.toString().endsWith(".state")).toList()) {
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rw-------"));
        Files.write(state, new byte[] {0}, StandardOpenOption.APPEND);
      }
    }
    try (MicrovmBackend backend = backend(data, starts::add)) {
      assertThat(run(backend, "att_one", "echo works")).isEqualTo("works");
      assertThat(starts.getLast().how()).isEqualTo(MachineStart.How.BOOTED);
      awaitOneThatWaits(backend);
      run(backend, "att_two", "true");
      assertThat(starts.getLast().how()).isEqualTo(MachineStart.How.WAITED);
    }
  }

  @Test
  void anAgentThatIsKilled_leavesMachinesThatWaitToNobody() throws Exception {
    String path = System.getProperty("surefire.test.class.path");
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                path == null ? System.getProperty("java.class.path") : path,
                WaitingAgent.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var said = agent.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (line != null && !line.startsWith("waiting")) {
        line = said.readLine();
      }
      assertThat(line).isNotNull();
      assertThat(onHost()).as("control: what waits is found").isNotEmpty();
    } finally {
      agent.destroyForcibly().waitFor();
    }
    try (MicrovmBackend next = backend(data, starts::add)) {
      next.reconcile();
      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(onHost()).isEmpty());
    }
  }
}
