package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.job.Heard;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole jobs with services beside them, on a real engine. */
@Timeout(240)
class ServicesTest {
  private static final int PORT = 54_329;

  /** Does what it is asked, a line at a time: as hostile as a service can be. */
  private static final String SERVER =
      "use IO::Socket::INET; $| = 1; $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort"
          + " => "
          + PORT
          + ", Listen => 5, ReuseAddr => 1) or die \"no socket: $!\"; print \"listening\\n\";"
          + " while ($c = $s->accept) { $l = <$c>; if ($l =~ /^quit/) { print \"told to quit\\n\";"
          + " exit 3 } print $c `exec 2>&1; $l`; close $c }";

  /** In the job: {@code ask HOST COMMAND}. */
  private static final String ASK =
      "ask() { bash -c 'exec 3<>/dev/tcp/$0/"
          + PORT
          + " && echo \"$1\" >&3 && cat <&3' \"$1\" \"$2\"; }\n";

  private Path data = Path.of("/nowhere");
  private String agent = "";
  private final Heard heard = new Heard();

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
    agent = "test-" + data.getFileName();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (System.getenv("HOLDFAST_TEST_ENGINE") != null) {
      assertThat(TestEngine.containers(agent)).isEmpty();
    }
    assertThat(data.resolve("job")).isEmptyDirectory();
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private static Service service(String name, Service.Ready ready, String... command) {
    return new Service(name, TestEngine.IMAGE, Map.of(), List.of(command), ready);
  }

  private static Service database() {
    return service("db", atPort("60s"), "perl", "-e", SERVER);
  }

  private static Service.Ready atPort(String within) {
    return new Service.Ready.Port(PORT, Optional.of(new TimeLimit(within)));
  }

  private static Service.Ready when(String script, String within) {
    return new Service.Ready.Command(script, Optional.of(new TimeLimit(within)));
  }

  private static Lease job(String script, Service... services) {
    return Jobs.beside(Jobs.lease(Optional.of(TestEngine.IMAGE), ASK + script), services);
  }

  private void run(Wall wall, Lease lease) throws Exception {
    try (var backend = TestEngine.backend(agent, wall)) {
      execution(backend, lease).run();
    }
  }

  private JobExecution execution(ContainerBackend backend, Lease lease) throws Exception {
    return new JobExecution(
        lease, TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built()), heard);
  }

  private void run(Lease lease) throws Exception {
    run(Wall.whole(), lease);
  }

  @Test
  void aJobReachesItsServices_byNameAndAtLocalhost_andTheyEachOther() throws Exception {
    Service second =
        service("cache", when("bash -c 'exec 3<>/dev/tcp/db/" + PORT + "'", "60s"), "sleep", "600");
    run(job("ask db 'echo one'; ask localhost 'echo two'; getent hosts cache", database(), second));
    assertThat(heard.outcome()).as(heard.log()).isEqualTo(new Outcome.Succeeded());
    // Only the job's own output: what a service prints is not in it.
    assertThat(heard.log().lines()).hasSize(3).startsWith("one", "two");
    assertThat(heard.log()).contains("127.0.0.1").doesNotContain("listening");
    var started = (AttemptEvent.Started) heard.events().getFirst();
    assertThat(started.services().keySet()).containsExactly("db", "cache");
    assertThat(started.services().get("db")).isEqualTo(started.image().orElseThrow());
    assertThat(((AttemptEvent.Finished) heard.events().getLast()).logLength())
        .isEqualTo(heard.logLength());
  }

  @Test
  void aServiceHasTheJobsWall_andNothingOfTheJob() throws Exception {
    run(
        job(
            "touch /workspace/mine\n"
                + "ask db 'id -u; ls -d /workspace /run/holdfast /opt/holdfast /home/job; grep -h"
                + " -E \"^(CapEff|CapBnd|NoNewPrivs|Seccomp):\" /proc/self/status; touch /etc/x;"
                + " ls /sys/class/net; ls -A /tmp /run /var/run; wc -c </proc/interrupts;"
                + " cat /proc/sys/kernel/hostname'",
            database()));
    assertThat(heard.outcome()).as(heard.log()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.log())
        .startsWith("1000\n")
        .contains("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1")
        .contains("Seccomp:\t2")
        .contains("cannot access '/workspace'", "cannot access '/run/holdfast'")
        .contains("cannot access '/opt/holdfast'", "cannot access '/home/job'")
        .contains("cannot touch '/etc/x'")
        .contains("\nlo\n", "\n0\njob\n")
        .doesNotContain("eth0");
    // The control: what is read as empty in there is not empty.
    assertThat(Files.readString(Path.of("/proc/interrupts"))).isNotEmpty();
  }

  @Test
  void aJobLeavesHalfOfItsMemoryToItsServices_andAllToItselfWithoutAny() throws Exception {
    String ask =
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null;"
            + " true";
    run(job(ask, service("db", when("true", "60s"), "sleep", "600")));
    run(job(ask));
    long all = Limits.standard().memory();
    assertThat(heard.log()).isEqualTo(all / 2 + "\n" + all + "\n");
  }

  @Test
  void itIsReachedByItsJobAlone() throws Exception {
    try (var backend = TestEngine.backend(agent)) {
      Lease lease = job("ask db 'echo up'; sleep 600", database());
      var one = execution(backend, lease);
      Thread thread = Thread.ofVirtual().start(() -> runs(one));
      await().atMost(Duration.ofMinutes(2)).until(() -> heard.log().contains("up\n"));
      assertThat(connects(PORT)).isFalse();
      var other = new Heard();
      new JobExecution(
              job("ask localhost 'echo mine' || echo refused"),
              TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built()),
              other)
          .run();
      assertThat(other.log()).contains("refused\n").doesNotContain("mine");
      one.cancel();
      thread.join(Duration.ofMinutes(1));
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
    // The control of the first half: what does listen here is reached.
    try (var open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(connects(open.getLocalPort())).isTrue();
    }
  }

  private static boolean connects(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void runs(JobExecution execution) {
    try {
      execution.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void itReachesNothingThatTheJobDoesNot_andTheSameAttemptWithoutTheWallDoes() throws Exception {
    try (var host = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String call =
          "ask db 'bash -c \"exec 3<>/dev/tcp/127.0.0.1/"
              + host.getLocalPort()
              + "\" && echo reached || echo not'";
      run(job(call, database()));
      assertThat(heard.log()).as("%s", heard.outcome()).endsWith("not\n");
      var control = new Heard();
      try (var backend = TestEngine.backend(agent, Wall.without(Set.of(Protection.OWN_NETWORK)))) {
        new JobExecution(
                job(call, database()),
                TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built()),
                control)
            .run();
      }
      assertThat(control.log()).as("%s", control.outcome()).endsWith("reached\n");
    }
  }

  @Test
  void oneThatIsNotReady_failsTheJobWithItsWords() throws Exception {
    run(
        job(
            "echo never",
            service("db", atPort("2s"), "sh", "-c", "echo waiting for nothing; sleep 600")));
    assertFailed("the service db was not ready within 2 s: nothing accepts connections");
    assertThat(heard.log()).contains("\n  waiting for nothing\n").doesNotContain("never");
  }

  @Test
  void oneWhoseScriptSaysNo_failsTheJobWithTheScriptsCode() throws Exception {
    run(job("echo never", service("db", when("exit 7", "2s"), "sleep", "600")));
    assertFailed("the service db was not ready within 2 s: its script ended with 7");
  }

  @Test
  void oneThatEndsBeforeItIsReady_failsTheJobAtOnce() throws Exception {
    run(
        job(
            "echo never",
            service("db", atPort("10m"), "sh", "-c", "echo no data directory >&2; exit 3")));
    assertFailed("the service db ended with 3 before it was ready");
    assertThat(heard.log()).contains("\n  no data directory\n");
  }

  @Test
  void oneWhoseCommandIsNowhere_saysSo() throws Exception {
    run(job("echo never", service("db", atPort("10m"), "no-such-program")));
    assertFailed("the service db ended at once, since its command cannot be run in its image");
  }

  @Test
  void oneWithoutAnyCommand_saysSo() throws Exception {
    run(job("echo never", service("db", atPort("10m"))));
    assertFailed("give it a command");
  }

  private void assertFailed(String reason) {
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains(reason));
    assertThat(heard.log()).contains(reason);
    assertThat(((AttemptEvent.Finished) heard.events().getLast()).logLength())
        .isEqualTo(heard.logLength());
  }

  @Test
  void oneThatEndsWhileTheJobRuns_isNamedInItsLog() throws Exception {
    try (var backend = TestEngine.backend(agent)) {
      var execution = execution(backend, job("printf open; ask db quit; sleep 600", database()));
      Thread thread = Thread.ofVirtual().start(() -> runs(execution));
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() ->
              assertThat(heard.log())
                  .isEqualTo(
                      "open\nholdfast: the service db ended with 3 while the job ran; the last that"
                          + " it printed:\n  listening\n  told to quit\n"));
      execution.cancel();
      assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    }
    assertThat(((AttemptEvent.Finished) heard.events().getLast()).logLength())
        .isEqualTo(heard.logLength());
  }

  @Test
  void aFailedJob_endsItsServicesToo() throws Exception {
    run(job("ask db 'setsid sleep 600 >/dev/null 2>&1 & echo up'; exit 5", database()));
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exitCode()).isEqualTo(5));
  }

  @Test
  void cancelledWhileServicesStart_endsThemAtOnce() throws Exception {
    try (var backend = TestEngine.backend(agent)) {
      var execution =
          execution(backend, job("echo never", service("db", atPort("10m"), "sleep", "600")));
      Thread thread = Thread.ofVirtual().start(() -> runs(execution));
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> TestEngine.containers(agent).contains("db running"));
      execution.cancel();
      assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }
}
