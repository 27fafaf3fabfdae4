package dev.holdfast.cli.machines;

import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Steps that concern the host and no agent's data. */
final class HostSteps {
  private HostSteps() {}

  /** Programs, by the Debian packages that have them. */
  record Packages(SetupHost host) implements SetupStep {
    private static final Map<String, String> NEEDED = new LinkedHashMap<>();

    static {
      NEEDED.put("qemu-system-x86_64", "qemu-system-x86");
      NEEDED.put("bwrap", "bubblewrap");
      NEEDED.put("mke2fs", "e2fsprogs");
      NEEDED.put("setpriv", "util-linux");
      NEEDED.put("nsenter", "util-linux");
      NEEDED.put("ip", "iproute2");
      NEEDED.put("nft", "nftables");
      NEEDED.put("tar", "tar");
    }

    @Override
    public String name() {
      return "packages";
    }

    @Override
    public String has() {
      return "all programs are there";
    }

    private List<String> missing() {
      var missing = new TreeSet<String>();
      NEEDED.forEach((program, name) -> {
        if (!host.hasProgram(program)) {
          missing.add(name);
        }
      });
      boolean devices = Files.exists(host.at("/dev/kvm")) && Files.exists(host.at("/dev/net/tun"));
      if (!devices && !host.hasProgram("modprobe")) {
        missing.add("kmod");
      }
      return List.copyOf(missing);
    }

    @Override
    public Optional<String> lacks() {
      List<String> missing = missing();
      return missing.isEmpty()
          ? Optional.empty()
          : Optional.of("apt-get install " + String.join(" ", missing));
    }

    @Override
    public void make(Changes changes) throws SetupFailed, InterruptedException {
      List<String> missing = missing();
      if (!host.hasProgram("apt-get")) {
        throw new SetupFailed(
            "there is no apt-get here; install by your own means what Debian has in "
                + String.join(" ", missing));
      }
      host.programs().run("apt-get", "-q", "-y", "update");
      changes.add(new Done.Packages(missing));
      var install =
          new ArrayList<>(List.of("apt-get", "-q", "-y", "install", "--no-install-recommends"));
      install.addAll(missing);
      host.programs().run(install.toArray(String[]::new));
    }
  }

  /** The kernel's modules, now and after the next boot. */
  record Devices(SetupHost host, boolean kvm) implements SetupStep {
    private static final String FILE = "/etc/modules-load.d/holdfast-machines.conf";

    @Override
    public String name() {
      return "devices";
    }

    @Override
    public String has() {
      return kvm ? "/dev/kvm and /dev/net/tun are there" : "/dev/net/tun is there";
    }

    private List<String> modules() throws SetupFailed {
      var wanted = new ArrayList<String>();
      if (kvm && !Files.exists(host.at("/dev/kvm"))) {
        String flags = String.join(" ", host.lines("/proc/cpuinfo"));
        if (flags.contains(" vmx")) {
          wanted.add("kvm-intel");
        } else if (flags.contains(" svm")) {
          wanted.add("kvm-amd");
        } else {
          throw new SetupFailed(
              "this processor shows neither vmx nor svm, so it runs no machines; switch"
                  + " virtualisation on in the firmware, have the host of this virtual machine"
                  + " allow nested ones, or say `microvm: {tcg: only}` in the policy for machines"
                  + " that are slow");
        }
      }
      if (!Files.exists(host.at("/dev/net/tun"))) {
        wanted.add("tun");
      }
      return wanted;
    }

    @Override
    public Optional<String> lacks() throws SetupFailed {
      List<String> modules = modules();
      return modules.isEmpty()
          ? Optional.empty()
          : Optional.of("modprobe -a " + String.join(" ", modules) + ", and write " + FILE);
    }

    @Override
    public void make(Changes changes) throws SetupFailed, InterruptedException {
      List<String> modules = modules();
      var load = new ArrayList<>(List.of("modprobe", "-a"));
      load.addAll(modules);
      host.programs().run(load.toArray(String[]::new));
      if (Files.exists(host.at(FILE))) {
        return;
      }
      String content = String.join("\n", modules) + "\n";
      changes.add(new Done.NewFile(FILE, content));
      try {
        Files.createDirectories(host.at(FILE).getParent());
        Files.writeString(host.at(FILE), content, StandardOpenOption.CREATE_NEW);
      } catch (IOException e) {
        throw new SetupFailed(FILE + " cannot be written: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Users of machines, which nobody else's range may have. Each ordinary user gets a range of
   * subordinate users from 100000 on, so that the second's would meet these.
   */
  record Users(SetupHost host) implements SetupStep {
    private static final int FIRST = 210_000;
    private static final int COUNT = 1000;
    private static final List<String> FILES = List.of("/etc/subuid", "/etc/subgid");
    private static final String LINE = "root:" + FIRST + ":" + COUNT;

    @Override
    public String name() {
      return "users";
    }

    @Override
    public String has() {
      return "the numbers " + FIRST + " to " + (FIRST + COUNT - 1) + " are kept for machines";
    }

    @Override
    public Optional<String> lacks() throws SetupFailed {
      var without = new ArrayList<String>();
      for (String file : FILES) {
        List<String> lines = host.lines(file);
        for (String line : lines) {
          refuse(file, line);
        }
        if (!lines.contains(LINE)) {
          without.add(file);
        }
      }
      for (String line : host.lines("/etc/passwd")) {
        String[] words = line.split(":", -1);
        if (words.length > 2 && in(words[2])) {
          throw new SetupFailed(
              "the user "
                  + shown(words[0])
                  + " in /etc/passwd has the number "
                  + words[2]
                  + ", which is kept for machines; give that user another");
        }
      }
      return without.isEmpty()
          ? Optional.empty()
          : Optional.of("add " + LINE + " to " + String.join(" and ", without));
    }

    private static boolean in(String number) {
      return number.matches("[0-9]{1,9}")
          && Integer.parseInt(number) >= FIRST
          && Integer.parseInt(number) < FIRST + COUNT;
    }

    private static String shown(String name) {
      return name.replaceAll("[^A-Za-z0-9_.-]", "?");
    }

    private static void refuse(String file, String line) throws SetupFailed {
      String[] words = line.split(":", -1);
      if (words.length != 3
          || !words[1].matches("[0-9]{1,10}")
          || !words[2].matches("[0-9]{1,10}")
          || line.equals(LINE)) {
        return;
      }
      long first = Long.parseLong(words[1]);
      long last = first + Long.parseLong(words[2]) - 1;
      if (first < FIRST + COUNT && last >= FIRST) {
        throw new SetupFailed(
            file
                + " gives "
                + shown(words[0])
                + " the numbers "
                + first
                + " to "
                + last
                + ", among which are those of machines, "
                + FIRST
                + " to "
                + (FIRST + COUNT - 1)
                + "; give "
                + shown(words[0])
                + " another range (usermod --del-subuids,"
                + " --add-subuids, and the same for subgids)");
      }
    }

    @Override
    public void make(Changes changes) throws SetupFailed {
      for (String file : FILES) {
        if (!host.lines(file).contains(LINE)) {
          changes.add(new Done.Line(file, LINE));
          try {
            String before = Files.exists(host.at(file)) ? Files.readString(host.at(file)) : "";
            String end = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
            Files.writeString(
                host.at(file),
                end + LINE + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
          } catch (IOException e) {
            throw new SetupFailed(file + " cannot be written: " + e.getMessage(), e);
          }
        }
      }
    }
  }

  /** Limits of machines. A kernel has them or not; here it is only seen. */
  record Limits() implements SetupStep {
    @Override
    public String name() {
      return "cgroups";
    }

    @Override
    public String has() {
      return "memory, processors and processes of a machine can be limited";
    }

    @Override
    public Optional<String> lacks() throws SetupFailed {
      try {
        Optional<String> problem = Cgroups.of(Path.of("/run")).problem();
        if (problem.isPresent()) {
          throw new SetupFailed(problem.get());
        }
        return Optional.empty();
      } catch (IOException e) {
        throw new SetupFailed("the cgroups of this host cannot be read: " + e.getMessage(), e);
      }
    }

    @Override
    public void make(Changes changes) {
      throw new IllegalStateException("nothing of this can be made");
    }
  }

  /** Debian's kernel for virtual machines, unpacked and not installed. */
  record Kernel(SetupHost host, Path agent, Optional<Path> given, boolean needed)
      implements SetupStep {
    private static final String PACKAGE = "linux-image-cloud-amd64";

    @Override
    public String name() {
      return "kernel";
    }

    @Override
    public String has() {
      if (!needed) {
        return "the image has one";
      }
      return "it is " + given.or(this::found).map(Path::toString).orElse("not there");
    }

    private Path folder() {
      return agent.resolve("microvm-kernel");
    }

    private Optional<Path> found() {
      Path boot = folder().resolve("boot");
      if (!Files.isDirectory(boot)) {
        return Optional.empty();
      }
      try (Stream<Path> listed = Files.list(boot)) {
        return listed.filter(p -> p.toString().contains("/vmlinuz-")).sorted().findFirst();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    /** What an image is to be made with. */
    Path file() throws SetupFailed {
      return given
          .or(this::found)
          .orElseThrow(() -> new SetupFailed("there is no kernel in " + folder()));
    }

    @Override
    public Optional<String> lacks() throws SetupFailed {
      if (given.isPresent() && !Files.isRegularFile(given.get())) {
        throw new SetupFailed("there is no kernel " + given.get() + "; name another by --kernel");
      }
      return !needed || given.isPresent() || found().isPresent()
          ? Optional.empty()
          : Optional.of("fetch Debian's " + PACKAGE + " and unpack it into " + folder());
    }

    @Override
    public void make(Changes changes) throws SetupFailed, InterruptedException {
      Path download = agent.resolve("microvm-kernel.new");
      try {
        remove(download);
        Files.createDirectories(download);
        String name = dependency();
        // As nobody in particular apt cannot write into a folder of root's, and says so at length.
        host.programs()
            .run(
                "sh",
                "-c",
                "cd \"$1\" && apt-get -q -o APT::Sandbox::User=root download \"$2\"",
                "sh",
                download.toString(),
                name);
        Path deb;
        try (Stream<Path> listed = Files.list(download)) {
          deb =
              listed
                  .filter(p -> p.toString().endsWith(".deb"))
                  .findFirst()
                  .orElseThrow(() -> new SetupFailed("apt-get download brought no " + name));
        }
        Path unpacked = download.resolve("unpacked");
        host.programs().run("dpkg-deb", "-x", deb.toString(), unpacked.toString());
        remove(folder());
        changes.add(new Done.Folder(folder().toString()));
        Files.move(unpacked, folder());
      } catch (IOException e) {
        throw new SetupFailed("the kernel cannot be kept in " + folder() + ": " + e, e);
      } finally {
        remove(download);
      }
    }

    private void remove(Path path) throws SetupFailed, InterruptedException {
      host.programs().run("rm", "-rf", "--one-file-system", "--", path.toString());
    }

    /** The package that the name without a version stands for. */
    private String dependency() throws SetupFailed, InterruptedException {
      String said = host.programs().run("apt-cache", "depends", PACKAGE);
      return said.lines()
          .map(String::strip)
          .filter(line -> line.matches("Depends: linux-image-[a-z0-9.+-]+"))
          .map(line -> line.substring("Depends: ".length()))
          .findFirst()
          .orElseThrow(() ->
              new SetupFailed(
                  "apt knows no " + PACKAGE + "; apt-get update, or name a kernel by --kernel"));
    }
  }
}
