package dev.holdfast.agent.sandbox.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Machines that were started from the same one are told apart by all that must differ; and where
 * the guest takes nothing of that, which is a guest of this test's, they are alike.
 */
@Timeout(900)
class ClonesTest {
  private static final int CLONES = Integer.getInteger("holdfast.clones", 20);

  /** Few: by translation each of them takes seconds to start. */
  private static final int JAVAS = 4;

  /** Lines of a name and a value; then the time, again and again. */
  private static final String TELL =
      """
      echo urandom $(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \\n')
      echo boot $(cat /proc/sys/kernel/random/boot_id)
      echo machine $(cat /etc/machine-id)
      echo uuid $(cat /proc/sys/kernel/random/uuid)
      perl -e '$b = "x" x 32; syscall(318, $b, 32, 0) == 32 or die; print "getrandom ", unpack("H*", $b), "\\n"'
      perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0) or die; $r = pack("a16x24", "eth0");
        ioctl(S, 0x8927, $r) or die; print "card ", unpack("H*", substr($r, 18, 6)), "\\n"'
      for i in 1 2 3 4 5 6 7 8 9 10; do echo time $(date +%s%N); sleep 0.2; done
      """;

  private static final String JAVA =
      "echo java $(/opt/holdfast/java/bin/java -Xint -XX:+UseSerialGC -cp /workspace dev.holdfast.agent.sandbox.microvm.Draw)\n";

  private final Path data = makeData();
  private final List<MachineStart> starts =
      java.util.Collections.synchronizedList(new ArrayList<>());

  private static Path makeData() {
    try {
      return Files.createTempDirectory(
          "hf", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void machines() {
    TestMachines.assume();
  }

  @AfterEach
  void remove() throws Exception {
    assertThat(TestMachines.tcg(data).vmm().leftovers()).isEmpty();
    assertThat(data.resolve("waiting")).isEmptyDirectory();
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private MicrovmBackend backend() throws Exception {
    return new MicrovmBackend(
        data,
        new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY, Warm.standard()),
        InstantSource.system(),
        // Twenty translations share what processors there are.
        new MicrovmBackend.Driver(TestMachines.tcg(data).vmm(), Duration.ofMinutes(8)),
        starts::add);
  }

  private SandboxSpec spec(String attempt, String script) throws Exception {
    return TestMachines.spec(data, attempt, 256, Optional.of("198.18.0.1"), script);
  }

  /** One job that is never started has a snapshot made for those that come. */
  private void snapshot(MicrovmBackend backend) throws Exception {
    backend.create(spec("att_first", "true")).close();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> {
          if (!Files.isDirectory(data.resolve("snapshots"))) {
            return false;
          }
          try (Stream<Path> kept = Files.list(data.resolve("snapshots"))) {
            return kept.anyMatch(k -> String.valueOf(k.getFileName()).matches("[0-9a-f]{64}"));
          }
        });
  }

  /**
   * What one machine said.
   *
   * @param behind seconds that its clock was behind the host's at most
   */
  private record Told(Map<String, String> values, double behind) {}

  private Told tell(MicrovmBackend backend, String attempt, String script) throws Exception {
    SandboxSpec spec = spec(attempt, script);
    String name = Draw.class.getName().replace('.', '/') + ".class";
    Path draw = spec.workspace().resolve(name);
    Files.createDirectories(draw.getParent());
    try (InputStream of = Draw.class.getClassLoader().getResourceAsStream(name)) {
      Files.copy(of, draw);
    }
    try (Sandbox sandbox = backend.create(spec)) {
      sandbox.handOver();
      sandbox.start();
      double behind = Double.MAX_VALUE;
      int lines = 0;
      while (!sandbox.exited().isDone()) {
        TimeUnit.MILLISECONDS.sleep(20);
        double now = System.currentTimeMillis() / 1000.0;
        String[] said = sandbox.diagnostics().split("\n");
        if (said.length > lines) {
          lines = said.length;
          String last = said[lines - 1];
          if (last.matches("time [0-9]{19}")) {
            behind = Math.min(behind, now - Long.parseLong(last.substring(5)) / 1e9);
          }
        }
      }
      assertThat(sandbox.exited().get()).as(sandbox.diagnostics()).isZero();
      var values = new HashMap<String, String>();
      for (String line : sandbox.diagnostics().split("\n")) {
        String[] word = line.split(" ", 2);
        values.putIfAbsent(word[0], word.length == 2 ? word[1] : "");
      }
      return new Told(values, behind);
    }
  }

  private List<Told> atOnce(MicrovmBackend backend, int count, String script) throws Exception {
    try (var threads = Executors.newFixedThreadPool(count)) {
      var all = new ArrayList<Callable<Told>>();
      for (int i = 0; i < count; i++) {
        String attempt = "att_clone" + i;
        all.add(() -> tell(backend, attempt, script));
      }
      var told = new ArrayList<Told>();
      for (Future<Told> each : threads.invokeAll(all)) {
        told.add(each.get());
      }
      return told;
    }
  }

  private static List<String> values(List<Told> told, String name) {
    return told.stream().map(t -> String.valueOf(t.values().get(name))).toList();
  }

  @Test
  void manyOfOneSnapshotAtOnce_areUnlikeInAllThatMustDiffer() throws Exception {
    TestMachines.imageFor(data);
    try (MicrovmBackend backend = backend()) {
      snapshot(backend);
      List<Told> told = atOnce(backend, CLONES, TELL);
      assertThat(starts)
          .hasSize(CLONES)
          .allMatch(start -> start.how() == MachineStart.How.RESTORED);
      for (String random : List.of("urandom", "getrandom")) {
        assertThat(values(told, random)).doesNotHaveDuplicates().allMatch(v -> v.length() == 64);
      }
      assertThat(values(told, "boot")).doesNotHaveDuplicates().allMatch(v -> v.length() == 36);
      assertThat(values(told, "uuid")).doesNotHaveDuplicates().allMatch(v -> v.length() == 36);
      assertThat(values(told, "machine")).doesNotHaveDuplicates().allMatch(v -> v.length() == 32);
      assertThat(values(told, "card"))
          .doesNotHaveDuplicates()
          .allMatch(v -> v.matches("02[0-9a-f]{10}"));
      assertThat(told).allMatch(t -> Math.abs(t.behind()) < 1);
    }
  }

  @Test
  void whatTheirJavasDraw_isNotTheSame() throws Exception {
    TestMachines.imageFor(data, TestWorkshop.built().directory());
    try (MicrovmBackend backend = backend()) {
      snapshot(backend);
      List<Told> told = atOnce(backend, JAVAS, JAVA);
      assertThat(starts).hasSize(JAVAS).allMatch(start -> start.how() == MachineStart.How.RESTORED);
      assertThat(values(told, "java")).doesNotHaveDuplicates().allMatch(v -> v.length() == 64);
    }
  }

  @Test
  void whereTheGuestTakesNothingOfThat_clonesAreAlike() throws Exception {
    TestMachines.alikeFor(data);
    try (MicrovmBackend backend = backend()) {
      snapshot(backend);
      TimeUnit.SECONDS.sleep(2);
      var told = new ArrayList<Told>();
      for (int i = 0; i < 3; i++) {
        told.add(tell(backend, "att_alike" + i, TELL));
      }
      assertThat(starts).allMatch(start -> start.how() == MachineStart.How.RESTORED);
      // The machine's id is what that guest drew of its kernel's random numbers.
      assertThat(told.getFirst().values().get("machine")).matches("[0-9a-f]{32}");
      for (String each : List.of("boot", "machine", "card")) {
        assertThat(values(told, each)).as(each).containsOnly(told.getFirst().values().get(each));
      }
      assertThat(told).allMatch(t -> t.behind() > 1);
    }
  }
}
