package dev.holdfast.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.cli.doctor.Finding.Grade;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path directory = Path.of("");

  /** Asks whatever listens at a socket of ours, which answers two requests like this. */
  private Finding asked(String answer) throws Exception {
    Path socket = directory.resolve("engine.sock");
    try (var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(socket));
      Thread engine =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 2; i++) {
                    try (SocketChannel client = listening.accept()) {
                      client.read(ByteBuffer.allocate(1000));
                      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
                    }
                  }
                } catch (IOException e) {
                  // The doctor asked only once.
                }
              });
      Finding found = Engine.find(Map.of("DOCKER_HOST", "unix://" + socket)).finding();
      // Closing a socket channel ends the accept of one who asked only once.
      engine.interrupt();
      engine.join();
      return found;
    }
  }

  private static String http(String json) {
    return "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + json;
  }

  @Test
  void anEngineIsAskedWhoItIsAndHowItSeparatesUsers() throws Exception {
    String version = "\"Version\":\"27.1\",\"Platform\":{\"Name\":\"Docker Engine\"}";
    Finding remapped =
        asked(http("{" + version + ",\"SecurityOptions\":[\"name=seccomp\",\"name=userns\"]}"));
    assertThat(remapped.grade()).isEqualTo(Grade.OK);
    assertThat(remapped.says()).startsWith("Docker Engine 27.1 at ");
    Files.delete(directory.resolve("engine.sock"));
    Finding plain = asked(http("{" + version + ",\"SecurityOptions\":[\"name=seccomp\"]}"));
    assertThat(plain.grade()).isEqualTo(Grade.WEAK);
    assertThat(plain.mend()).contains("userns-remap");
  }

  @Test
  void whatIsNoEngineIsMissingWithAMend() throws Exception {
    assertThat(asked("SSH-2.0-OpenSSH_9.2\r\n").grade()).isEqualTo(Grade.MISSING);
    Files.delete(directory.resolve("engine.sock"));
    assertThat(asked(http("<html>")).grade()).isEqualTo(Grade.MISSING);
    // The socket is there, and nobody listens any more.
    assertThat(
            Engine.find(Map.of("DOCKER_HOST", "unix://" + directory.resolve("engine.sock")))
                .finding())
        .satisfies(f -> {
          assertThat(f.grade()).isEqualTo(Grade.MISSING);
          assertThat(f.says()).contains("nothing answers");
        });
    Finding none =
        Engine.find(Map.of("DOCKER_HOST", "unix://" + directory.resolve("none.sock"))).finding();
    assertThat(none.says()).startsWith("no engine's socket at ");
  }

  @Test
  void cgroupsOfEachKindAreKnown() throws IOException {
    Path root = Files.createDirectory(directory.resolve("cgroup"));
    assertThat(Doctor.cgroups(root).grade()).isEqualTo(Grade.WEAK);
    Files.createDirectories(root.resolve("pids"));
    Files.createDirectories(root.resolve("memory"));
    assertThat(Doctor.cgroups(root).says()).isEqualTo("v1");
    Files.createDirectories(root.resolve("unified"));
    Files.createFile(root.resolve("unified/cgroup.controllers"));
    assertThat(Doctor.cgroups(root).says()).contains("hybrid");
    Files.createFile(root.resolve("cgroup.controllers"));
    assertThat(Doctor.cgroups(root).says()).isEqualTo("v2");
  }

  @Test
  void withoutADistributionNothingRunsJobs() throws InterruptedException {
    Doctor.Report report =
        new Doctor(Map.of("DOCKER_HOST", "unix:///none"), directory, MicrovmSettings.standard())
            .examine();
    assertThat(report.runsJobs()).isFalse();
    assertThat(report.findings())
        .allSatisfy(f -> assertThat(f.mend().isEmpty()).isEqualTo(f.grade() == Grade.OK));
    assertThat(report.findings())
        .extracting(Finding::subject)
        .startsWith("java", "git", "namespaces", "container engine", "cgroups", "nftables", "user")
        .contains("disk", "distribution", "kvm", "machines");
  }

  @Test
  void theProbeMachine_runsWhereNoKvmIsNeeded() throws Exception {
    Path qemu = Path.of("/usr/bin/qemu-system-x86_64");
    assumeTrue(Files.isExecutable(qemu), "SKIPPED: no qemu-system-x86_64");
    assertThat(ProbeMachine.start(qemu, "tcg"))
        .isInstanceOfSatisfying(
            ProbeMachine.Seen.Runs.class,
            it -> System.out.println("figure: probe machine by translation = " + it.took()));
  }

  @Test
  void aMachineThatCannotRun_isNotTakenForOneThatDoes() throws Exception {
    // A monitor that starts and whose guest never gets anywhere, and one that gives up.
    Duration second = Duration.ofSeconds(1);
    Path hangs = program("hangs", "sleep 60");
    Path begins = program("begins", "echo 'holdfast: begins'; sleep 60");
    Path fails =
        program(
            "fails", "echo 'x: warning: y'; echo 'holdfast: begins'; echo 'KVM internal error'");
    assertThat(ProbeMachine.start(hangs, "kvm", second))
        .isEqualTo(new ProbeMachine.Seen.Hangs(false, second));
    assertThat(ProbeMachine.start(begins, "kvm", second))
        .isEqualTo(new ProbeMachine.Seen.Hangs(true, second));
    assertThat(ProbeMachine.start(fails, "kvm"))
        .isEqualTo(new ProbeMachine.Seen.Fails("KVM internal error"));
  }

  private Path program(String name, String script) throws IOException {
    Path made = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
    return made;
  }

  @Test
  void whatAHostThatOnlySeemsToRunMachinesDid_isExplained() {
    var runs = new ProbeMachine.Seen.Runs(Duration.ofMillis(500));
    var hangs = new ProbeMachine.Seen.Hangs(true, Duration.ofSeconds(5));
    assertThat(Machines.explained(hangs, runs).says())
        .isEqualTo(
            "/dev/kvm opens, and a machine of nothing begins, and is not done after 5.0s; by"
                + " translation the same one runs, so this host's KVM runs no ordinary guests");
    assertThat(
            Machines.explained(
                    new ProbeMachine.Seen.Fails("KVM internal error. Suberror: 1"),
                    new ProbeMachine.Seen.Fails("no firmware"))
                .mend())
        .contains("seabios");
  }

  @Test
  void aProgramThatHangsOrIsNotThereIsAnAnswer() throws InterruptedException {
    assertThat(Tried.run(java.util.List.of("/no/such/program"))).isEmpty();
    assertThat(Tried.run(java.util.List.of("sh", "-c", "echo one; echo two; exit 3")))
        .hasValueSatisfying(t -> {
          assertThat(t.code()).isEqualTo(3);
          assertThat(t.said()).isEqualTo("one");
        });
  }
}
