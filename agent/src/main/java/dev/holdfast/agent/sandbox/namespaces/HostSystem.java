package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The file system that a job sees: the host's programs, read-only, and nothing of the host's state.
 *
 * <p>{@code /etc} is made from scratch, since the host's holds what is nobody's business. Of the
 * host's own only that is shown without which programs cannot find their libraries, certificates or
 * alternatives.
 */
final class HostSystem {
  private static final List<String> ROOT_DIRECTORIES =
      List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");
  private static final List<String> SHOWN_OF_ETC =
      List.of(
          "alternatives",
          "ca-certificates",
          "crypto-policies",
          "ld.so.cache",
          "ld.so.conf",
          "ld.so.conf.d",
          "localtime",
          "login.defs",
          "magic",
          "maven",
          "mime.types",
          "pki",
          "protocols",
          "services",
          "ssl/certs",
          "ssl/openssl.cnf");

  /** In the channel's directory: whom the job asks for names. */
  static final String RESOLVER = "resolv.conf";

  private final Path etc;
  private final Path root;

  /**
   * @param directory of ours, where the made files of {@code /etc} are kept
   * @param root whose programs jobs see
   */
  HostSystem(Path directory, Path root) throws IOException {
    this.root = root;
    this.etc = Files.createDirectories(directory);
    Files.setPosixFilePermissions(etc, PosixFilePermissions.fromString("rwxr-xr-x"));
    write(
        "passwd",
        "root:x:0:0:root:/:/usr/sbin/nologin\njob:x:1000:1000:job:"
            + SandboxPaths.HOME
            + ":/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
    write("group", "root:x:0:\njob:x:1000:\nnogroup:x:65534:\n");
    write("hosts", "127.0.0.1 localhost job\n::1 localhost\n");
    write("hostname", "job\n");
    write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n");
    write("shells", "/bin/sh\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = etc.resolve(name);
    Path beside = etc.resolve("." + name + "." + ProcessHandle.current().pid());
    Files.writeString(beside, text);
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(beside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** Where the made files of {@code /etc} are. */
  Path etc() {
    return etc;
  }

  /**
   * Arguments for bubblewrap that build it; the caller adds what belongs to one job.
   *
   * @param madeEtc where {@link #etc} is to be found by whoever makes the sandbox
   */
  List<String> arguments(Path madeEtc) throws IOException {
    var all = new ArrayList<String>();
    show(all, "usr");
    for (String name : ROOT_DIRECTORIES) {
      show(all, name);
    }
    add(all, "--perms", "0755", "--dir", "/etc");
    // Beside the channel, which is the one directory that is shown of the agent's for this job.
    add(all, "--symlink", SandboxPaths.CHANNEL + "/" + RESOLVER, "/etc/resolv.conf");
    try (var made = Files.newDirectoryStream(etc, "[a-z]*")) {
      for (Path file : made) {
        Path name = file.getFileName();
        add(all, "--ro-bind", madeEtc.resolve(name).toString(), "/etc/" + name);
      }
    }
    for (String name : SHOWN_OF_ETC) {
      show(all, "etc/" + name);
    }
    if (Files.isDirectory(root.resolve("etc"), LinkOption.NOFOLLOW_LINKS)) {
      try (var java = Files.newDirectoryStream(root.resolve("etc"), "java*")) {
        for (Path configuration : java) {
          show(all, "etc/" + configuration.getFileName());
        }
      }
    }
    add(all, "--proc", "/proc", "--dev", "/dev");
    scratch(all, "/run", "0755", 16L * 1024 * 1024);
    add(all, "--dir", "/var", "--symlink", "../tmp", "/var/tmp", "--symlink", "../run", "/var/run");
    return all;
  }

  /** The directories that a job may fill with what nobody else sees. */
  static List<String> scratch(Limits limits) {
    var all = new ArrayList<String>();
    scratch(all, "/dev/shm", "1777", limits.scratch());
    scratch(all, "/tmp", "1777", limits.scratch());
    scratch(all, SandboxPaths.HOME, "0755", limits.scratch());
    return all;
  }

  /** A link is shown as one, so that it leads to what is in the sandbox, never out of the root. */
  private void show(List<String> all, String name) throws IOException {
    Path path = root.resolve(name);
    if (Files.isSymbolicLink(path)) {
      add(all, "--symlink", Files.readSymbolicLink(path).toString(), "/" + name);
    } else if (Files.exists(path)) {
      add(all, "--ro-bind", path.toString(), "/" + name);
    }
  }

  private static void scratch(List<String> all, String path, String mode, long size) {
    add(all, "--perms", mode, "--size", Long.toString(size), "--tmpfs", path);
  }

  private static void add(List<String> all, String... arguments) {
    all.addAll(List.of(arguments));
  }
}
