package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many jobs, a third of which end badly: the host has nothing more than before. */
@Timeout(600)
class NothingLeftTest {
  private static final int IN_A_ROW = 200;
  private static final int AT_ONCE = 8;

  /** Forks, detaches, and holds on to what it can. */
  private static final String STICKY =
      "(trap '' HUP TERM; setsid sleep 600 & exec sleep 600 >/dev/null 2>&1) & mkfifo p; mkdir -p"
          + " a/b/c; chmod 0 a; echo up; ";

  /** Of this test: other jobs of this host are none of its business. */
  private final Set<String> mine = ConcurrentHashMap.newKeySet();

  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "what root's agent leaves is more");
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  @Test
  void jobsOfEveryEnd_leaveNothing() throws Exception {
    try (var backend = new NamespacesBackend(data, false, Limiting.ENFORCED, Wall.whole())) {
      Workshop workshop =
          small(TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built()));
      // The first makes what stays for good, as the place of locks.
      one(workshop, 3);
      var before = inventory();
      int bad = 0;
      for (int i = 0; i < IN_A_ROW; i++) {
        bad += one(workshop, i) instanceof Outcome.Succeeded ? 0 : 1;
      }
      assertThat(bad).as("jobs that ended badly").isBetween(IN_A_ROW / 4, IN_A_ROW / 2);
      assertThat(inventory()).isEqualTo(before);

      try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
        var all = new ArrayList<Callable<Outcome>>();
        for (int i = 0; i < AT_ONCE * 3; i++) {
          int number = i;
          all.add(() -> one(workshop, number));
        }
        for (Future<Outcome> ended : threads.invokeAll(all)) {
          assertThat(ended.get()).isNotInstanceOf(Outcome.Refused.class);
        }
      }
      assertThat(inventory()).isEqualTo(before);
    }
  }

  @Test
  void positiveControl_whatIsLeftIsSeen() throws Exception {
    Files.createDirectories(data.resolve("job"));
    var before = inventory();
    Path left = Files.createDirectories(data.resolve("job/att_left"));
    assertThat(inventory()).isNotEqualTo(before);
    Files.delete(left);
    assertThat(inventory()).isEqualTo(before);
  }

  /** With so little memory that it runs out in a moment. */
  private static Workshop small(Workshop usual) {
    return new Workshop(
        usual.backend(),
        usual.policy(),
        usual.networks(),
        usual.checkout(),
        usual.directories(),
        usual.distribution(),
        usual.classes(),
        new Limits(384L * 1024 * 1024, 2000, 512, 16L * 1024 * 1024, 64L * 1024 * 1024),
        usual.bounds(),
        usual.patience(),
        usual.clock(),
        usual.timer());
  }

  private Outcome one(Workshop workshop, int number) throws InterruptedException {
    var heard = new Heard();
    String script =
        number % 9 == 2
            ? STICKY + "perl -e '$x = \"a\" x (600 * 1024 * 1024)'"
            : number % 3 == 2 ? STICKY + "sleep 600" : STICKY + "true";
    Lease lease = Jobs.commands(script);
    mine.add(lease.attempt());
    var execution = new JobExecution(lease, workshop, heard);
    if (number % 9 == 5 || number % 9 == 8) {
      Thread.ofVirtual()
          .start(() -> {
            org.awaitility.Awaitility.await().until(() -> heard.log().contains("up"));
            if (number % 9 == 5) {
              execution.cancel();
            } else {
              execution.abort("killed by the test");
            }
          });
    }
    execution.run();
    execution.awaitGone();
    return heard.outcome();
  }

  /** What of a sandbox could be on this host, by kind. */
  private Map<String, List<String>> inventory() throws IOException {
    var all = new TreeMap<String, List<String>>();
    all.put("mounts", lines(Path.of("/proc/self/mountinfo"), data.toString()));
    all.put("interfaces", lines(Path.of("/proc/net/dev"), "hfj"));
    all.put("files", names(data.resolve("job")));
    var cgroups = new ArrayList<String>();
    try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies) {
        for (String agent : names(hierarchy.resolve("holdfast"))) {
          for (String attempt : names(hierarchy.resolve("holdfast").resolve(agent))) {
            if (mine.contains(attempt)) {
              cgroups.add(attempt);
            }
          }
        }
      }
    }
    all.put("cgroups", cgroups);
    var processes = new ArrayList<String>();
    for (String pid : names(Path.of("/proc"))) {
      if (pid.matches("\\d+")) {
        try {
          String groups = Files.readString(Path.of("/proc", pid, "cgroup"));
          if (mine.stream().anyMatch(groups::contains)) {
            processes.add(pid);
          }
        } catch (IOException e) {
          // It ended while we looked.
        }
      }
    }
    all.put("processes", processes);
    var disks = new ArrayList<String>();
    for (String block : names(Path.of("/sys/block"))) {
      Path backing = Path.of("/sys/block", block, "loop/backing_file");
      if (Files.exists(backing) && Files.readString(backing).contains(data.toString())) {
        disks.add(block);
      }
    }
    all.put("disks", disks);
    return all;
  }

  private static List<String> lines(Path file, String about) throws IOException {
    return Files.readAllLines(file).stream().filter(line -> line.contains(about)).toList();
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var listed = Files.list(directory)) {
      return listed.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
