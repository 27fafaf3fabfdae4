package dev.holdfast.bench.floor;

import dev.holdfast.bench.host.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Bubblewrap with the namespaces and mounts of a job's sandbox. The sandbox of the agent is made in
 * {@code dev.holdfast.agent.sandbox.namespaces}; this is its shape, not a second one to run jobs
 * in.
 *
 * @param folder of its own: holds the workspace and the channel's place
 */
public record BareSandbox(Path folder, Path runner) {
  private static final List<String> LINKED =
      List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");
  private static final List<String> SHOWN_OF_ETC =
      List.of("alternatives", "ca-certificates", "ld.so.cache", "ld.so.conf", "ssl/certs");

  public BareSandbox {
    folder = folder.toAbsolutePath();
  }

  /** Where a runner in it finds the channel, as the host sees it. */
  public Path channel() {
    return folder.resolve("channel");
  }

  /** Makes what is mounted. */
  public BareSandbox prepare() throws IOException {
    Files.createDirectories(folder.resolve("workspace"));
    Files.createDirectories(channel());
    return this;
  }

  /** What runs {@code program} in one. */
  public List<String> command(String... program) throws IOException {
    var all = new ArrayList<String>();
    all.addAll(List.of("bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc"));
    all.addAll(List.of("--unshare-uts", "--unshare-net", "--unshare-cgroup", "--disable-userns"));
    all.addAll(List.of("--die-with-parent", "--new-session", "--cap-drop", "ALL"));
    all.addAll(List.of("--uid", "1000", "--gid", "1000", "--hostname", "job"));
    all.addAll(List.of("--ro-bind", "/usr", "/usr"));
    for (String name : LINKED) {
      Path here = Path.of("/", name);
      if (Files.isSymbolicLink(here)) {
        all.addAll(List.of("--symlink", Files.readSymbolicLink(here).toString(), here.toString()));
      } else if (Files.isDirectory(here)) {
        all.addAll(List.of("--ro-bind", here.toString(), here.toString()));
      }
    }
    for (String name : SHOWN_OF_ETC) {
      String path = "/etc/" + name;
      if (Files.exists(Path.of(path))) {
        all.addAll(List.of("--ro-bind", path, path));
      }
    }
    all.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm"));
    all.addAll(List.of("--tmpfs", "/tmp", "--tmpfs", "/home/job", "--tmpfs", "/run"));
    all.addAll(List.of("--bind", folder.resolve("workspace").toString(), "/workspace"));
    all.addAll(List.of("--ro-bind", channel().toString(), "/run/holdfast"));
    all.addAll(List.of("--ro-bind", runner.toString(), "/opt/holdfast"));
    all.addAll(List.of("--remount-ro", "/", "--chdir", "/", "--clearenv"));
    all.addAll(List.of("--setenv", "PATH", "/usr/bin:/bin", "--"));
    all.addAll(List.of(program));
    return all;
  }

  /** Milliseconds of one that does nothing, from before its start until it has ended. */
  public double once() throws IOException, InterruptedException {
    return Programs.must(command("true"), Programs.environment(folder), folder).millis();
  }
}
