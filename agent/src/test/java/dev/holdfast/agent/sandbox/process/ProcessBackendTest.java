package dev.holdfast.agent.sandbox.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No wall, and still an end. */
class ProcessBackendTest {
  private final String canary =
      "7" + Math.abs(UUID.randomUUID().getMostSignificantBits() % 100_000);
  private Path data = Path.of("/nowhere");
  private Path directory = Path.of("/nowhere");

  @BeforeEach
  void make() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "only root's agent can give a job a user of its own");
    data = TestWorkshop.data();
    directory =
        new JobDirectories(data)
            .create("att_" + canary, new ProcessBackend(data, true).workspaceDisk(SMALL));
  }

  @AfterEach
  void remove() throws Exception {
    if (Files.exists(directory)) {
      new JobDirectories(data).remove(directory);
    }
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private static final Limits SMALL =
      new Limits(384L * 1024 * 1024, 2000, 256, 16L * 1024 * 1024, 64L * 1024 * 1024);

  private SandboxSpec spec(Optional<String> image, Optional<String> nameserver, String script) {
    return new SandboxSpec(
        "att_" + canary,
        directory,
        Path.of("/usr"),
        image,
        SMALL,
        nameserver,
        List.of("/bin/sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin", "HOME", "/home/job"));
  }

  private SandboxSpec spec(String script) {
    return spec(Optional.empty(), Optional.empty(), script);
  }

  @Test
  void withoutTheOperatorsWord_itIsOff() throws Exception {
    try (var backend = new ProcessBackend(data, false)) {
      assertThat(backend.check())
          .isInstanceOfSatisfying(
              Readiness.Unusable.class,
              u -> assertThat(u.mend()).contains("process: allow").contains("accept.trust"));
      assertThatThrownBy(() -> backend.create(spec("true")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("switched off");
    }
  }

  @Test
  void whatItCannotGive_isRefused() throws Exception {
    try (var backend = new ProcessBackend(data, true)) {
      assertThatThrownBy(
              () -> backend.create(spec(Optional.of("x:1"), Optional.empty(), "true")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("x:1");
      assertThatThrownBy(
              () -> backend.create(spec(Optional.empty(), Optional.of("192.0.2.1"), "")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("--network none");
    }
  }

  @Test
  void aJob_isOfAUserOfItsOwnInItsOwnPlaces() throws Exception {
    try (var backend = new ProcessBackend(data, true)) {
      assertThat(backend.check())
          .isInstanceOfSatisfying(
              Readiness.Usable.class, u -> assertThat(u.what()).contains("WITHOUT A WALL"));
      String said =
          run(
              backend,
              "{ id -u; id -G; echo $HOME; echo $TMPDIR; touch $HOME/x $TMPDIR/x && echo written;"
                  + " cat /etc/shadow 2>&1 >/dev/null | grep -o denied; grep NoNewPrivs"
                  + " /proc/self/status; } >$HOME/../workspace/said 2>&1");
      assertThat(said.lines().toList())
          .satisfiesExactly(
              uid -> assertThat(Integer.parseInt(uid)).isBetween(210_000, 211_000),
              gid -> assertThat(Integer.parseInt(gid)).isBetween(210_000, 211_000),
              home -> assertThat(home).isEqualTo(directory.resolve("home").toString()),
              tmp -> assertThat(tmp).isEqualTo(directory.resolve("tmp").toString()),
              written -> assertThat(written).isEqualTo("written"),
              denied -> assertThat(denied).isEqualTo("denied"),
              nnp -> assertThat(nnp).endsWith("1"));
    }
  }

  private String run(ProcessBackend backend, String script) throws Exception {
    try (Sandbox sandbox = backend.create(spec(script))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(30, TimeUnit.SECONDS)).as(sandbox.diagnostics()).isZero();
      return Files.readString(directory.resolve("workspace/said"));
    }
  }

  @Test
  void afterAJob_nothingOfItIsLeft() throws Exception {
    Path inTmp = Path.of("/tmp/hf-" + canary);
    try (var backend = new ProcessBackend(data, true)) {
      Sandbox sandbox =
          backend.create(
              spec(
                  "touch "
                      + inTmp
                      + "; (trap '' TERM HUP; setsid sleep "
                      + canary
                      + " & setsid sh -c 'setsid sleep "
                      + canary
                      + " &') & echo up >$HOME/../workspace/said; sleep "
                      + canary));
      try {
        sandbox.handOver();
        sandbox.start();
        // The positive control: all of it is there while the job is.
        await().until(() -> sleepers() == 3 && Files.exists(inTmp));
      } finally {
        sandbox.close();
      }
      assertThat(sleepers()).isZero();
      assertThat(inTmp).doesNotExist();
      assertThat(sandbox.exited()).isDone();
    }
  }

  @Test
  void aDiskThatAnEarlierAttemptLeftMounted_keepsNobodysPlace() throws Exception {
    Path disk = Files.createDirectory(Path.of("/tmp/hf [" + canary + "]*"));
    Path beside = Path.of("/tmp/hf-" + canary);
    try (var backend = new ProcessBackend(data, true)) {
      Sandbox sandbox = backend.create(spec("true"));
      try {
        int uid = sandbox.user().uid();
        ran("mount", "-t", "tmpfs", "-o", "size=64k,uid=" + uid, "hf-" + canary, disk.toString());
        Files.createFile(beside);
        Files.setAttribute(beside, "unix:uid", uid);
      } finally {
        sandbox.close();
      }
      assertThat(beside)
          .as("the control: what is the user's and no disk is removed")
          .doesNotExist();
      assertThat(disk).exists();
    } finally {
      ran("umount", disk.toString());
      Files.delete(disk);
    }
  }

  private static void ran(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void whatAKilledAgentLeft_isEndedByTheNext() throws Exception {
    var killed = new ProcessBackend(data, true);
    Sandbox sandbox = killed.create(spec("setsid sleep " + canary + " & sleep " + canary));
    try {
      sandbox.handOver();
      sandbox.start();
      await().until(() -> sleepers() == 2);
      try (var next = new ProcessBackend(data, true)) {
        next.reconcile();
        await().until(() -> sleepers() == 0);
      }
    } finally {
      sandbox.close();
    }
  }

  private long sleepers() throws Exception {
    try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      long found = 0;
      for (Path process : all) {
        try {
          if (Files.readString(process.resolve("cmdline")).equals("sleep\0" + canary + "\0")) {
            found++;
          }
        } catch (java.io.IOException e) {
          // It ended while we looked.
        }
      }
      return found;
    }
  }
}
