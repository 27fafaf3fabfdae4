package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.microvm.TestMachines;
import dev.holdfast.model.run.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole jobs, by the real runner in real machines. Few, since each starts a Java by translation.
 */
@Timeout(300)
class MicrovmJobTest {
  private static final long MIB = 1024 * 1024;

  private Path data = Path.of("/nowhere");
  private final Heard heard = new Heard();

  @BeforeEach
  void prepare() throws Exception {
    TestMachines.assume();
    data = TestWorkshop.data();
    TestMachines.imageFor(data, TestWorkshop.built().directory());
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (Files.isDirectory(data)) {
      assertThat(data.resolve("job")).isEmptyDirectory();
      assertThat(TestMachines.tcg(data).vmm().leftovers()).isEmpty();
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  private JobExecution job(SandboxBackend backend, String... scripts) throws Exception {
    var workshop =
        new Workshop(
            backend,
            AgentPolicy.standard(),
            JobNetworks.none(),
            Jobs.oneFile(),
            new JobDirectories(data),
            TestWorkshop.built(),
            new ClassCache(data, 100L << 20, Clock.systemUTC()),
            new Limits(1024 * MIB, 2000, 2048, 64 * MIB, 1024 * MIB),
            Bounds.standard(),
            Workshop.Patience.standard(),
            Clock.systemUTC(),
            Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("timer").unstarted(task)));
    return new JobExecution(Jobs.lease(Optional.empty(), scripts), workshop, heard);
  }

  @Test
  void aJob_runsOverItsCheckoutUnderAKernelOfItsOwn() throws Exception {
    try (SandboxBackend backend = TestMachines.backend(data)) {
      job(backend, "cat README; echo; uname -r; id -u; echo a >made", "cat made; exit 7").run();
    }
    String[] said = heard.log().split("\n", -1);
    assertThat(said[0]).isEqualTo("of " + "a".repeat(40));
    String own = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    assertThat(said[1]).endsWith("-amd64").isNotEqualTo(own);
    assertThat(said[2]).isEqualTo("1000");
    assertThat(said[3]).isEqualTo("a");
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exitCode()).isEqualTo(7));
  }

  @Test
  void cancel_endsItAsCancelled() throws Exception {
    try (SandboxBackend backend = TestMachines.backend(data)) {
      JobExecution execution = job(backend, "echo up; sleep 600");
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(120)).until(() -> heard.log().equals("up\n"));
      execution.cancel();
      thread.join(Duration.ofSeconds(90));
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void aMachineThatIsKilledInAStep_failsTheJobWithTheReason() throws Exception {
    try (SandboxBackend backend = TestMachines.backend(data)) {
      JobExecution execution = job(backend, "echo up; sleep 600");
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(120)).until(() -> heard.log().equals("up\n"));
      killMonitors();
      thread.join(Duration.ofSeconds(60));
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            f ->
                assertThat(f.reason())
                    .startsWith("the job's machine is gone; its monitor was ended by signal 9")
                    .contains("in step 1"));
  }

  private static Thread runs(JobExecution execution) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            execution.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void killMonitors() throws Exception {
    String mark = data.toRealPath().toString();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        Path command = process.resolve("cmdline");
        if (Files.isReadable(command)
            && readable(command).startsWith("bwrap")
            && readable(command).contains(mark)) {
          ProcessHandle.of(Long.parseLong(String.valueOf(process.getFileName())))
              .ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    }
  }

  private static String readable(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      // It ended while we looked.
      return "";
    }
  }
}
