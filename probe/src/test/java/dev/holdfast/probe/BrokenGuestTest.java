package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * A job that has become root of its machine, which is what a hole in the guest's kernel would give
 * it: the wall around the machine is then all that is left.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
class BrokenGuestTest {
  private static final String WORLD = "203.0.113.10";

  /** Of another job, of somebody in the world, and of the machine's own gateway's network. */
  private static final List<String> FORGED = List.of("198.18.40.41", "192.88.99.7", "10.1.2.3");

  private Path folder = Path.of("/nowhere");
  private Path guest = Path.of("/nowhere");
  private Path spoof = Path.of("/nowhere");
  private Lab lab;

  @BeforeAll
  void open() throws Exception {
    assumeTrue(
        Boolean.getBoolean("holdfast.machines"),
        "SKIPPED: machines are slow without KVM; script/show microvm runs them, with"
            + " -Dholdfast.machines=true");
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    for (String name : List.of("HOLDFAST_TEST_KERNEL", "HOLDFAST_TEST_ROOTFS")) {
      assumeTrue(System.getenv(name) != null, "SKIPPED: no " + name + "; script/test sets it");
    }
    assumeTrue(Files.exists(Path.of("/usr/bin/gcc")), "SKIPPED: no gcc");
    assumeTrue(
        Files.exists(Path.of("/usr/bin/qemu-system-x86_64")), "SKIPPED: no qemu-system-x86_64");
    folder = Files.createTempDirectory("hfm");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    guest = folder.resolve("guest");
    spoof = folder.resolve("spoof");
    List<String> compile = new ArrayList<>(List.of("gcc", "-Os", "-static", "-D_GNU_SOURCE"));
    compile.addAll(List.of("-pthread", "-o", guest.toString(), source("broken-guest.c")));
    for (String name : List.of("prctl", "setresuid", "setresgid")) {
      compile.add("-Wl,--wrap=" + name);
    }
    try (Stream<Path> sources = Files.list(guestSources())) {
      sources.map(Path::toString).filter(p -> p.endsWith(".c")).sorted().forEach(compile::add);
    }
    run(compile);
    run(List.of("gcc", "-Os", "-static", "-o", spoof.toString(), source("spoof.c")));
    lab = Lab.open();
  }

  private static Path guestSources() {
    Path here = Path.of("").toAbsolutePath();
    return Files.isDirectory(here.resolve("guest"))
        ? here.resolve("guest")
        : here.resolveSibling("guest");
  }

  private String source(String name) throws IOException {
    Path copy = folder.resolve(name);
    try (InputStream in = BrokenGuestTest.class.getResourceAsStream(name)) {
      Files.copy(java.util.Objects.requireNonNull(in), copy);
    }
    return copy.toString();
  }

  private static void run(List<String> command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
        .as(String.join(" ", command))
        .isZero();
  }

  @AfterAll
  void close() throws Exception {
    if (lab != null) {
      lab.close();
    }
    if (!folder.toString().equals("/nowhere")) {
      run(List.of("rm", "-rf", "--one-file-system", folder.toString()));
    }
  }

  /** An agent of that name; all have the first one's image. */
  private LabProcess agent(String name, Protection... missing) throws Exception {
    Path data = Files.createDirectory(folder.resolve(name));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
    Path images = folder.resolve("whole/microvm");
    if (Files.exists(images)) {
      Files.createSymbolicLink(data.resolve("microvm"), images);
    }
    var given = new ArrayList<>(List.of(data.toString(), guest.toString(), spoof.toString()));
    Stream.of(missing).map(Protection::name).forEach(given::add);
    return lab.startInHost(MachineAgent.class, given);
  }

  /** Words that were sent, by the source that each was sent as. */
  private static String sends(Map<String, String> words) {
    var script = new StringBuilder("id -u");
    words.forEach((source, word) ->
        script.append("; /workspace/brought %s %s %d %s".formatted(source, WORLD, Lab.PORT, word)));
    // Some of it is on its way while the last program ends.
    return script.append("; sleep 1").toString();
  }

  /** The sources whose packets arrived. */
  private List<String> arrived(LabProcess agent, String workflow) {
    var words = new java.util.LinkedHashMap<String, String>();
    words.put("own", "own" + UUID.randomUUID());
    FORGED.forEach(source -> words.put(source, "forged" + UUID.randomUUID()));
    String said = agent.ask(workflow + " " + sends(words));
    assertThat(said)
        .as("the job is root, and all was sent")
        .startsWith("0\tsent\tsent\tsent\tsent");
    return words.entrySet().stream()
        .filter(each -> lab.hasSeen(each.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Test
  void asRoot_theBaseCannotBeWritten_andNoForgedSourceGetsOut() throws Exception {
    LabProcess whole = agent("whole");
    try {
      String write =
          "id -u; mkdir /tmp/d /tmp/s; mount -t devtmpfs d /tmp/d; mount -t sysfs s /tmp/s;"
              + " for b in /tmp/s/block/vd*; do n=/tmp/d/${b##*/}; blockdev --setrw $n 2>/dev/null;"
              + " dd if=/dev/urandom of=$n bs=4096 count=1 seek=1000 conv=notrunc,fsync 2>/dev/null"
              + " && echo $(cat $b/serial) written || echo $(cat $b/serial) refused; done";
      assertThat(List.of(whole.ask("any " + write).split("\t")))
          .as("control: its own disk it writes")
          .startsWith("0", "base refused", "upper written");
      var images = new MachineImages(folder.resolve("whole"));
      assertThat(images.verify(images.named(MicrovmSettings.USUAL_IMAGE)).problems()).isEmpty();

      assertThat(arrived(whole, "any")).containsExactly("own");
      assertThat(arrived(whole, "any" + MachineAgent.LOOSE))
          .as("the filter alone")
          .containsExactly("own");
    } finally {
      whole.close();
    }
    LabProcess unchecked = agent("unchecked", Protection.EGRESS_SOURCE_CHECK);
    try {
      assertThat(arrived(unchecked, "any")).as("rp_filter alone").containsExactly("own");
      assertThat(arrived(unchecked, "any" + MachineAgent.LOOSE))
          .as("control: without both")
          .contains("own")
          .containsAnyElementsOf(FORGED);
    } finally {
      unchecked.close();
    }
  }
}
