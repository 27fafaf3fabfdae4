package dev.holdfast.cli.machines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that is a folder, whose programs are this test: what would be run is seen, not done. */
class SetupTest {
  private static final String RANGE = "root:210000:1000";

  @TempDir Path folder = Path.of("/nowhere");

  private final List<String> run = new ArrayList<>();
  private final List<Setup.Said> said = new ArrayList<>();
  private Path root = Path.of("/nowhere");
  private Path agent = Path.of("/nowhere");

  @BeforeEach
  void aDebianWithAProcessorThatCould() throws IOException {
    root = folder.resolve("root");
    agent = folder.resolve("data/agent");
    program("apt-get");
    write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
    write("/etc/subuid", "ann:100000:65536\n");
    write("/etc/subgid", "ann:100000:65536");
    write("/proc/cpuinfo", "flags\t\t: fpu vme svm sse\n");
  }

  private void write(String path, String text) throws IOException {
    Path at = root.resolve(path.substring(1));
    Files.createDirectories(at.getParent());
    Files.writeString(at, text);
  }

  private void program(String name) throws IOException {
    write("/usr/bin/" + name, "");
    assertThat(root.resolve("usr/bin").resolve(name).toFile().setExecutable(true)).isTrue();
  }

  /** Does what Debian's programs would leave behind. */
  private String debian(String... command) throws SetupFailed {
    run.add(String.join(" ", command));
    try {
      if (List.of(command).contains("install")) {
        for (String name :
            List.of(
                "qemu-system-x86_64",
                "bwrap",
                "mke2fs",
                "setpriv",
                "nsenter",
                "ip",
                "nft",
                "tar",
                "modprobe")) {
          program(name);
        }
      } else if (command[0].equals("modprobe")) {
        write("/dev/kvm", "");
        write("/dev/net/tun", "");
      } else if (command[0].equals("apt-cache")) {
        return "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-56-cloud-amd64\n";
      } else if (command[0].equals("sh")) {
        Files.writeString(Path.of(command[4], "linux.deb"), "");
      } else if (command[0].equals("dpkg-deb")) {
        Path boot = Files.createDirectories(Path.of(command[3], "boot"));
        Files.writeString(boot.resolve("vmlinuz-6.1.0-56-cloud-amd64"), "kernel");
      } else if (command[0].equals("rm")) {
        delete(Path.of(command[command.length - 1]));
      }
      return "";
    } catch (IOException e) {
      throw new SetupFailed(command[0] + " failed", e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private Setup setup() {
    said.clear();
    run.clear();
    return new Setup(new SetupHost(root, this::debian), agent, said::add);
  }

  /** All but the image, of which {@code MachineSetupTest} makes a real one. */
  private List<SetupStep> steps() {
    var all =
        Setup.steps(
            new SetupHost(root, this::debian),
            agent,
            true,
            Optional.empty(),
            new ImageStep(agent, "default", Optional.empty()));
    return all.subList(0, all.size() - 1);
  }

  private Map<String, String> tree() throws IOException {
    var all = new TreeMap<String, String>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return all;
  }

  private List<String> states() {
    return said.stream().map(s -> s.step() + " " + s.state()).toList();
  }

  @Test
  void aDryRun_saysAllThatLacksAndChangesNothing() throws Exception {
    Map<String, String> before = tree();
    assertThat(setup().look(steps())).isFalse();
    assertThat(states())
        .containsExactly(
            "packages would", "devices would", "users would", "cgroups ok", "kernel would");
    assertThat(said.getFirst().what())
        .isEqualTo(
            "apt-get install bubblewrap e2fsprogs iproute2 kmod nftables qemu-system-x86 tar"
                + " util-linux");
    assertThat(said.get(1).what()).startsWith("modprobe -a kvm-amd tun, and write /etc/modules");
    assertThat(run).isEmpty();
    assertThat(tree()).isEqualTo(before);
  }

  @Test
  void itIsDoneOnce_andTheSecondTimeNothingLacks() throws Exception {
    assertThat(setup().make(steps())).isTrue();
    assertThat(states())
        .containsExactly(
            "packages done", "devices done", "users done", "cgroups ok", "kernel done");
    assertThat(run)
        .contains("modprobe -a kvm-amd tun", "apt-cache depends linux-image-cloud-amd64")
        .anyMatch(c -> c.contains("install --no-install-recommends bubblewrap"));
    assertThat(Files.readString(root.resolve("etc/subuid")))
        .isEqualTo("ann:100000:65536\n" + RANGE + "\n");
    assertThat(Files.readString(root.resolve("etc/subgid")))
        .isEqualTo("ann:100000:65536\n" + RANGE + "\n");
    Map<String, String> after = tree();
    assertThat(setup().make(steps())).isTrue();
    assertThat(states()).allMatch(s -> s.endsWith(" ok"));
    assertThat(run).isEmpty();
    assertThat(tree()).isEqualTo(after);
    assertThat(setup().look(steps())).isTrue();
  }

  @Test
  void undo_takesBackWhatItDidAndNothingElse() throws Exception {
    // Was there before, so it stays.
    for (String name : List.of("bwrap", "tar", "setpriv", "nsenter", "ip", "mke2fs", "modprobe")) {
      program(name);
    }
    Map<String, String> before = tree();
    assertThat(setup().make(steps())).isTrue();
    assertThat(setup().undo(true)).isTrue();
    assertThat(said).hasSize(5).allMatch(s -> s.state().equals("would"));
    assertThat(run).isEmpty();
    assertThat(setup().undo(false)).isTrue();
    assertThat(run).contains("apt-get -q -y remove nftables qemu-system-x86");
    Map<String, String> after = tree();
    // Loaded modules stay until the host starts again; programs went by a program that is not here.
    after.keySet().removeIf(f -> f.startsWith("root/dev/") || f.startsWith("root/usr/bin/"));
    before.keySet().removeIf(f -> f.startsWith("root/usr/bin/"));
    before.replaceAll((f, text) -> f.equals("root/etc/subgid") ? text + "\n" : text);
    assertThat(after).isEqualTo(before);
    assertThat(setup().undo(false)).isTrue();
    assertThat(said).isEmpty();
  }

  @Test
  void whatWasChangedSince_staysAndIsNamed() throws Exception {
    assertThat(setup().make(steps())).isTrue();
    write("/etc/modules-load.d/holdfast-machines.conf", "kvm-amd\nmine\n");
    write("/etc/subuid", RANGE + "\nann:100000:65536\nbob:300000:65536\n");
    assertThat(setup().undo(false)).isTrue();
    assertThat(said)
        .filteredOn(s -> s.state().equals("left"))
        .singleElement()
        .satisfies(s -> assertThat(s.what()).contains("was changed since"));
    assertThat(Files.readString(root.resolve("etc/subuid")))
        .isEqualTo("ann:100000:65536\nbob:300000:65536\n");
  }

  @Test
  void aRangeThatIsSomebodyElses_isRefusedByName() throws Exception {
    write("/etc/subuid", "ann:100000:65536\nbob:165536:65536\n");
    assertThat(setup().make(steps())).isFalse();
    assertThat(said.getLast().state()).isEqualTo("FAILED");
    assertThat(said.getLast().what())
        .contains("/etc/subuid gives bob the numbers 165536 to 231071")
        .contains("usermod");
    assertThat(Files.readString(root.resolve("etc/subuid"))).doesNotContain(RANGE);
  }

  @Test
  void aStepThatFails_isTheLast_andWhatWasDoneBeforeCanBeUndone() throws Exception {
    write("/proc/cpuinfo", "flags\t\t: fpu vme sse\n");
    assertThat(setup().make(steps())).isFalse();
    assertThat(states()).containsExactly("packages done", "devices FAILED");
    assertThat(said.getLast().what()).contains("neither vmx nor svm").contains("tcg: only");
    assertThat(setup().undo(false)).isTrue();
    assertThat(run).singleElement().asString().startsWith("apt-get -q -y remove ");
  }

  @Test
  void aRecordThatNamesAFolderOutside_isNotFollowed() throws Exception {
    assertThat(setup().make(steps())).isTrue();
    Path record = agent.resolve("microvm-setup.json");
    Files.writeString(
        record,
        Files.readString(record)
            .replace(agent.resolve("microvm-kernel").toString(), agent + "/../../root"));
    assertThat(setup().undo(false)).isFalse();
    assertThat(said.getLast().what()).contains("which is not in");
    assertThat(run).isEmpty();
  }

  @Test
  void withoutAnythingToMakeAnImageFrom_itSaysWhatToAdd() throws Exception {
    var image = new ImageStep(agent, "default", Optional.empty());
    assertThat(setup().make(List.of(image))).isFalse();
    assertThat(said.getLast().what()).contains("--from-image");
  }
}
