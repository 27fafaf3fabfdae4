package dev.holdfast.agent.sandbox.namespaces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that see a system which the operator chose, and the host's no more. */
class SystemRootTest {
  private Path data = Path.of("/nowhere");
  private Path root = Path.of("/nowhere");

  @BeforeEach
  void makeASystem() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "a system is root's");
    data = TestWorkshop.data();
    root = Files.createDirectory(data.resolve("root"));
    sh(
        "cd "
            + root
            + " && umask 022 && mkdir -p usr/bin usr/lib etc/ssl/certs && ln -s usr/bin bin && ln -s"
            + " usr/lib lib && ln -s usr/lib lib64 && for program in sh cat ls touch; do cp $(readlink"
            + " -f $(command -v $program)) usr/bin/$program; ldd usr/bin/$program | grep -o"
            + " '/[^ ]*' | while read -r f; do cp -L $f usr/lib/; done; done; echo of the operator"
            + " >usr/marker; ln -s /etc/passwd etc/ssl/openssl.cnf; chmod 755 .");
  }

  @AfterEach
  void remove() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private static void sh(String script) throws Exception {
    Process process = new ProcessBuilder("sh", "-ec", script).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  /** What a job with this system prints. */
  private String inside(Path named, String script) throws Exception {
    var directories = new JobDirectories(data);
    Path directory = directories.create("att_" + System.nanoTime());
    try (var backend =
        new NamespacesBackend(data, false, Limiting.ENFORCED, Optional.of(named), Wall.whole())) {
      var spec =
          new SandboxSpec(
              String.valueOf(directory.getFileName()),
              directory,
              directory.resolve("channel"),
              Optional.empty(),
              Limits.standard(),
              Optional.empty(),
              List.of("/bin/sh", "-c", "{ " + script + "\n} >/workspace/said 2>&1"),
              Map.of("PATH", "/usr/bin:/bin"));
      try (Sandbox sandbox = backend.create(spec)) {
        sandbox.handOver();
        sandbox.start();
        sandbox.exited().get(60, TimeUnit.SECONDS);
        assertThat(directory.resolve("workspace/said")).as(sandbox.diagnostics()).exists();
      }
      return Files.readString(directory.resolve("workspace/said")).strip();
    } finally {
      directories.remove(directory);
    }
  }

  private static final String LOOK =
      "cat /usr/marker; ls /usr/share 2>/dev/null; touch /usr/x 2>/dev/null && echo wrote; cat"
          + " /etc/ssl/openssl.cnf | { read -r first; echo $first; }; echo end";

  @Test
  void aDirectory_isWhatJobsSee() throws Exception {
    // The link of that name leads to the sandbox's own file, not to the host's.
    assertThat(inside(root, LOOK).lines())
        .containsExactly("of the operator", "root:x:0:0:root:/:/usr/sbin/nologin", "end");
  }

  @Test
  void anArchive_isUnpackedOnceAndNothingOutsideIsTouched() throws Exception {
    Path archive = data.resolve("system.tar.gz");
    sh("tar -C " + root + " -czf " + archive + " .");
    assertThat(inside(archive, LOOK)).startsWith("of the operator").endsWith("end");
    Path systems = data.resolve("system");
    List<Path> first = names(systems);
    assertThat(first).hasSize(1);
    var made = Files.getLastModifiedTime(first.getFirst());
    assertThat(inside(archive, "cat /usr/marker")).isEqualTo("of the operator");
    assertThat(names(systems)).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first.getFirst())).isEqualTo(made);
  }

  @Test
  void anArchiveThatReachesOut_staysInside() throws Exception {
    Path archive = data.resolve("evil.tar");
    sh(
        "cd "
            + data
            + " && mkdir evil && cp -a root/. evil/ && ln -s "
            + data
            + " evil/out && tar -C evil -cf "
            + archive
            + " . && rm evil/out && mkdir evil/out && echo x >evil/out/pwned && tar -C evil -rf "
            + archive
            + " ./out/pwned");
    try {
      inside(archive, "echo end");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("evil.tar");
    }
    assertThat(data.resolve("pwned")).doesNotExist();
  }

  private static List<Path> names(Path directory) throws IOException {
    try (var listed = Files.list(directory)) {
      return listed.sorted().toList();
    }
  }

  @Test
  void aSystemThatOthersCouldChange_isRefused() throws Exception {
    Files.setPosixFilePermissions(
        root.resolve("usr"), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> SystemRoot.of(root, data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod go-w");
    Files.setPosixFilePermissions(
        root.resolve("usr"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(() -> SystemRoot.of(root, data)).hasMessageContaining("may not pass");
    assertThatThrownBy(() -> SystemRoot.of(data.resolve("absent"), data))
        .hasMessageContaining("has no directory");
  }
}
