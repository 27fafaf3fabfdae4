package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.ApiDescription;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.Kernel;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Rate;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A host with a stand-in for Firecracker and its jailer, a kernel, two disks and a user, and
 * nothing else. Started as processes, so that what is tested is what would be started.
 */
final class StandIn implements AutoCloseable {
  static final String NEWEST = "1.16.1";
  private static final long MIB = 1024 * 1024;

  private final Path home;
  private final Path journal;
  private final Cgroups cgroups;
  private final HostUser user;
  private final Optional<Slots.Slot> slot;

  private StandIn(
      Path home, Path journal, Cgroups cgroups, HostUser user, Optional<Slots.Slot> slot) {
    this.home = home;
    this.journal = journal;
    this.cgroups = cgroups;
    this.user = user;
    this.slot = slot;
  }

  /** One that another process made, and keeps its user for. */
  static StandIn again(Path home, HostUser user) throws IOException {
    Cgroups cgroups = Cgroups.of(home.resolve("data"));
    return new StandIn(home, home.resolve("e/journal"), cgroups, user, Optional.empty());
  }

  static StandIn of(String version, Fault fault) throws Exception {
    return of(version, version, fault);
  }

  /** Skips the test, saying why, where the published description or root's rights are not there. */
  static StandIn of(String version, String jailerVersion, Fault fault) throws Exception {
    Path library = Equipment.library(description());
    Assumptions.assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "a jail is made by root, which this process is not");
    Path home = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
    Path equipment = Files.createDirectory(home.resolve("e"));
    Files.setPosixFilePermissions(equipment, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path journal = Files.createFile(equipment.resolve("journal"));
    Files.setPosixFilePermissions(journal, PosixFilePermissions.fromString("rw-rw-rw-"));
    Map<String, String> names =
        Map.of(
            "VERSION", version,
            "JAILER_VERSION", jailerVersion,
            "JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "FLAGS", Equipment.flags(library),
            "CLASSPATH", library.resolve("stand-in.jar").toString(),
            "DESCRIPTION", library.resolve("api.json").toString(),
            "FAULT", fault.toString(),
            "JOURNAL", journal.toString());
    for (String program : List.of("firecracker", "jailer")) {
      String text = resource(program);
      for (Map.Entry<String, String> name : names.entrySet()) {
        text = text.replace("@" + name.getKey() + "@", name.getValue());
      }
      Path at = equipment.resolve(program);
      Files.writeString(at, text);
      Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.createDirectory(home.resolve("j"));
    Files.createDirectory(home.resolve("data"));
    file(home.resolve("vmlinux"), 4096, "r--r--r--");
    file(home.resolve("initrd"), 4096, "r--r--r--");
    file(home.resolve("base.ext4"), MIB, "r--r--r--");
    Slots.Slot slot = new Slots(Path.of("/run/holdfast/users")).take();
    return new StandIn(
        home, journal, Cgroups.of(home.resolve("data")), slot.user(), Optional.of(slot));
  }

  /** The published description, read in place. */
  static Path description() {
    Optional<Path> found =
        Stream.iterate(Path.of("").toAbsolutePath(), at -> at.getParent() != null, Path::getParent)
            .map(at -> at.resolveSibling(Path.of("shared", "data", "firecracker", "api.yaml")))
            .filter(Files::isReadable)
            .findFirst();
    Assumptions.assumeTrue(
        found.isPresent(),
        "SKIPPED: no ../shared/data/firecracker/api.yaml beside the project, which a stand-in for"
            + " Firecracker is held to");
    return found.orElseThrow();
  }

  static ApiDescription parsed(Path description) throws IOException {
    try (InputStream in = Files.newInputStream(description)) {
      return ApiDescription.of(
          new Load(LoadSettings.builder().setCodePointLimit(1024 * 1024).build())
              .loadFromInputStream(in));
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = StandIn.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + ": " + said);
    }
    return said;
  }

  private static void file(Path at, long size, String mode) throws IOException {
    try (var made = new java.io.RandomAccessFile(at.toFile(), "rw")) {
      made.setLength(size);
    }
    Files.setPosixFilePermissions(at, PosixFilePermissions.fromString(mode));
  }

  Path home() {
    return home;
  }

  Path jails() {
    return home.resolve("j");
  }

  HostUser user() {
    return user;
  }

  Cgroups cgroups() {
    return cgroups;
  }

  FirecrackerSettings settings(Duration patience) {
    return new FirecrackerSettings(
        home.resolve("e/firecracker"), home.resolve("e/jailer"), jails(), 5000, patience);
  }

  FirecrackerVmm vmm() throws Exception {
    return vmm(Duration.ofSeconds(30));
  }

  FirecrackerVmm vmm(Duration patience) throws Exception {
    return FirecrackerVmm.open(settings(patience), cgroups);
  }

  /** A machine with a writable disk of its own and a shared one, and no network. */
  MachineSpec spec(String id) throws IOException {
    Path directory = Files.createDirectory(home.resolve("m-" + id));
    file(directory.resolve("upper"), 4 * MIB, "rw-------");
    return new MachineSpec(
        id,
        directory,
        new Kernel(home.resolve("vmlinux"), Optional.of(home.resolve("initrd")), "console=ttyS0"),
        List.of(
            new Disk("base", home.resolve("base.ext4"), false, Optional.empty()),
            new Disk("upper", directory.resolve("upper"), true, Optional.of(new Rate(MIB, 1000)))),
        Optional.empty(),
        Optional.empty(),
        1,
        64,
        user,
        new Limits(512 * MIB, 2000, 128, MIB));
  }

  /** What the monitors were asked, one line each: method, path, body. */
  List<String> journal() throws IOException {
    return Files.readAllLines(journal);
  }

  /** What of machines is on this host, by kind; asked of nothing that the driver uses. */
  Map<String, List<String>> left() throws IOException {
    var all = new TreeMap<String, List<String>>();
    all.put("processes", processes());
    all.put("files", files(jails()));
    all.put("cgroups", groups());
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      all.put("mounts", mounts.filter(line -> line.contains(home.toString())).toList());
    }
    return all;
  }

  List<String> processes() throws IOException {
    var found = new ArrayList<String>();
    try (var listed = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : listed) {
        try {
          String status = Files.readString(entry.resolve("status"));
          String command = Files.readString(entry.resolve("cmdline"));
          boolean ours =
              status.contains("\nUid:\t" + user.uid() + "\t") || command.contains(home.toString());
          if (ours && !status.contains("\nState:\tZ")) {
            found.add(entry.getFileName() + " " + command.replace('\0', ' '));
          }
        } catch (IOException e) {
          // It ended while we looked.
        }
      }
    }
    return found;
  }

  private static List<String> files(Path below) throws IOException {
    if (!Files.isDirectory(below, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(path -> !path.equals(below)).map(Path::toString).sorted().toList();
    }
  }

  private List<String> groups() throws IOException {
    var found = new ArrayList<String>();
    for (var group : cgroups.leftovers()) {
      found.add(group.name());
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    cgroups.close();
    if (slot.isPresent()) {
      slot.get().close();
    }
    try {
      run("rm", "-rf", "--one-file-system", "--", home.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + home + " was removed", e);
    }
  }
}
