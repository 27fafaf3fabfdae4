package dev.holdfast.agent.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must hold, by trying it from inside. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SandboxContract {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/bin:/bin", "HOME", SandboxPaths.HOME, "GREETING", "hello world");

  protected Path data = Path.of("/nowhere");

  private JobDirectories directories = unset();
  private SandboxBackend backend = unset();
  private Path directory = Path.of("/nowhere");

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T unset() {
    return null;
  }

  protected abstract SandboxBackend open(Path data) throws Exception;

  /** A new data directory. */
  protected Path makeData() throws IOException {
    Path made = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
    return made;
  }

  /** What to remove of it at the end. */
  protected Path outermost() {
    return data;
  }

  @BeforeEach
  void open() throws Exception {
    data = makeData();
    directories = new JobDirectories(data);
    backend = open(data);
    directory = directories.create("att_" + UUID.randomUUID());
    Files.writeString(directory.resolve("workspace/README"), "from the checkout");
  }

  @AfterEach
  void closeAll() throws Exception {
    backend.close();
    for (Path left : directories.leftovers()) {
      directories.remove(left);
    }
    new ProcessBuilder("rm", "-rf", outermost().toString()).start().waitFor();
  }

  private SandboxSpec spec(String... command) {
    return spec(directory, command);
  }

  private static SandboxSpec spec(Path directory, String... command) {
    return new SandboxSpec(
        directory.getFileName().toString(),
        directory,
        directory.resolve("channel"),
        Optional.empty(),
        Limits.standard(),
        Optional.empty(),
        List.of(command),
        ENVIRONMENT);
  }

  /** What {@code script} prints, to a file of the workspace, run in a sandbox of its own. */
  private String inside(String script) throws Exception {
    String printed;
    try (Sandbox sandbox = backend.create(spec("/bin/sh", "-c", wrapped(script)))) {
      sandbox.handOver();
      sandbox.start();
      int exit = sandbox.exited().get(60, TimeUnit.SECONDS);
      printed = sandbox.diagnostics();
      assertThat(exit).as(printed).isZero();
    }
    return said(directory, printed).strip();
  }

  /** {@code script} with what it says kept for {@link #said}. */
  protected String wrapped(String script) {
    return "{ " + script + "\n} >/workspace/said 2>&1";
  }

  /** What a {@link #wrapped} script said; here by the workspace, which is the host's directory. */
  protected String said(Path attempt, String printed) throws IOException {
    return Files.readString(attempt.resolve("workspace/said"));
  }

  @Test
  void check_saysWhatMakesSandboxes() {
    assertThat(backend.check()).isInstanceOf(Readiness.Usable.class);
  }

  @Test
  void environment_isExactlyWhatWasGiven() throws Exception {
    var seen = new TreeMap<String, String>();
    for (String line : inside("env; true").lines().toList()) {
      String name = line.substring(0, line.indexOf('='));
      // The shell's own.
      if (!List.of("PWD", "_", "SHLVL", "OLDPWD").contains(name)) {
        seen.put(name, line.substring(line.indexOf('=') + 1));
      }
    }
    assertThat(seen).isEqualTo(new TreeMap<>(ENVIRONMENT));
  }

  @Test
  void workspace_hasTheCheckoutAndCanBeWritten() throws Exception {
    assertThat(inside("cat /workspace/README; touch /workspace/new && echo written"))
        .isEqualTo("from the checkoutwritten");
  }

  @Test
  void theSystem_cannotBeWritten() throws Exception {
    String said =
        inside(
            "for d in / /usr /usr/bin /etc /opt /opt/holdfast /run/holdfast /dev; do"
                + " if touch $d/x 2>/dev/null; then echo wrote $d; fi; done;"
                + " touch /tmp/x && echo positive control");
    assertThat(said).isEqualTo("positive control");
  }

  @Test
  void tmp_isPrivate() throws Exception {
    String name = "holdfast-test-" + UUID.randomUUID();
    Path onHost = Files.createFile(Path.of("/tmp", name));
    try {
      assertThat(inside("ls -A /tmp; echo x >/tmp/from-" + name + "; echo end")).isEqualTo("end");
      assertThat(Path.of("/tmp", "from-" + name)).doesNotExist();
    } finally {
      Files.delete(onHost);
    }
  }

  @Test
  void processesOfTheHost_cannotBeSeen() throws Exception {
    Process hosts = new ProcessBuilder("sleep", "4711").start();
    try {
      String all = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done";
      assertThat(inside(all)).doesNotContain("sleep 4711").doesNotContain(data.toString());
      Process control = new ProcessBuilder("/bin/sh", "-c", all).start();
      assertThat(
              new String(
                  control.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("sleep 4711");
    } finally {
      hosts.destroyForcibly();
    }
  }

  @Test
  void capabilities_areNoneAndCannotBeGained() throws Exception {
    var status = new LinkedHashMap<String, String>();
    inside("cat /proc/self/status")
        .lines()
        .forEach(
            line -> status.put(line.split(":")[0], line.substring(line.indexOf(':') + 1).strip()));
    assertThat(status)
        .containsEntry("CapEff", "0000000000000000")
        .containsEntry("CapPrm", "0000000000000000")
        .containsEntry("CapInh", "0000000000000000")
        .containsEntry("CapAmb", "0000000000000000")
        .containsEntry("CapBnd", "0000000000000000")
        .containsEntry("NoNewPrivs", "1");
    assertThat(status.get("Uid")).doesNotStartWith("0\t");
  }

  /** A container is of the host's user namespace unless the engine remaps users. */
  protected List<String> ownNamespaces() {
    return List.of("user", "pid", "ipc", "uts", "mnt", "cgroup", "net");
  }

  @Test
  void namespaces_areItsOwn() throws Exception {
    String said =
        inside(
            "for n in "
                + String.join(" ", ownNamespaces())
                + "; do readlink /proc/self/ns/$n; done");
    List<String> seen = said.lines().toList();
    assertThat(seen).hasSameSizeAs(ownNamespaces());
    for (int i = 0; i < seen.size(); i++) {
      String name = ownNamespaces().get(i);
      String hosts = Files.readSymbolicLink(Path.of("/proc/self/ns", name)).toString();
      assertThat(seen.get(i)).startsWith(name + ":[").isNotEqualTo(hosts);
    }
  }

  @Test
  void userNamespaces_cannotBeMade() throws Exception {
    assertThat(inside("unshare --user --map-root-user true && echo made || echo refused"))
        .endsWith("refused");
  }

  @Test
  void network_isLoopbackAlone() throws Exception {
    assertThat(inside("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")).isEqualTo("lo");
  }

  @Test
  void aListenerOnTheHost_isOutOfReach() throws Exception {
    try (var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "/dev/tcp/127.0.0.1/" + listener.getLocalPort();
      assertThat(
              inside("bash -c 'echo >" + address + "' 2>/dev/null && echo reached || echo refused"))
          .isEqualTo("refused");
      try (var control = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
        assertThat(control.isConnected()).isTrue();
      }
    }
  }

  @Test
  void theWorkspaceBeforeHandOver_isClosedToTheJobWhereItClaimsSo() throws Exception {
    try (Sandbox sandbox =
        backend.create(spec("/bin/sh", "-c", "touch /workspace/x || exit 7; exit 0"))) {
      if (sandbox.sealedUntilHandOver() && HostUser.self().isRoot()) {
        sandbox.start();
        assertThat(sandbox.exited().get(60, TimeUnit.SECONDS)).isEqualTo(7);
      }
    }
  }

  @Test
  void aBackgroundProcessThatIgnoresSignals_diesWithIt() throws Exception {
    String mark = "8" + (System.nanoTime() % 100_000_000);
    String stubborn =
        "setsid sh -c 'trap \"\" TERM HUP INT; (sleep " + mark + " & sleep " + mark + ") ' & ";
    Sandbox sandbox =
        backend.create(spec("/bin/sh", "-c", stubborn + "touch /workspace/up; sleep " + mark));
    try (sandbox) {
      sandbox.handOver();
      sandbox.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> alive(mark) >= 3);
    }
    assertThat(alive(mark)).isZero();
    assertThat(sandbox.exited()).isDone();
    assertThat(mountsOf(directory)).isEmpty();
  }

  @Test
  void anEndedRunner_takesItsBackgroundWithIt() throws Exception {
    String mark = "7" + (System.nanoTime() % 100_000_000);
    try (Sandbox sandbox =
        backend.create(spec("/bin/sh", "-c", "setsid sleep " + mark + " & exit 3"))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(60, TimeUnit.SECONDS)).isEqualTo(3);
    }
    assertThat(alive(mark)).isZero();
  }

  @Test
  void kill_endsItAtOnce() throws Exception {
    try (Sandbox sandbox = backend.create(spec("/bin/sh", "-c", "trap '' TERM; sleep 1000"))) {
      sandbox.handOver();
      sandbox.start();
      sandbox.kill();
      assertThat(sandbox.exited().get(10, TimeUnit.SECONDS)).isNotZero();
    }
  }

  @Test
  void aCreatedSandboxThatNeverStarted_canBeClosed() throws Exception {
    backend.create(spec("/bin/true")).close();
    directories.remove(directory);
    assertThat(directory).doesNotExist();
  }

  @Test
  void aProgramThatIsNotThere_isSaidSo() throws Exception {
    try (Sandbox sandbox = backend.create(spec("/opt/holdfast/java/bin/java"))) {
      try {
        sandbox.start();
        assertThat(sandbox.exited().get(60, TimeUnit.SECONDS)).isNotZero();
        await().untilAsserted(() -> assertThat(sandbox.diagnostics()).contains("java"));
      } catch (SandboxUnavailable e) {
        assertThat(e).hasMessageContaining("java");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkdir -p $(printf 'x/%.0s' $(seq 600))",
        "mkdir locked; touch locked/x; chmod 0 locked",
        "ln -s /etc/passwd link; mkfifo pipe"
      })
  void whateverTheJobLeavesInTheWorkspace_canBeRemoved(String script) throws Exception {
    inside("cd /workspace; " + script);
    directories.remove(directory);
    assertThat(directory).doesNotExist();
    assertThat(Path.of("/etc/passwd")).exists();
  }

  @Test
  void theAgentsDeath_isTheSandboxesDeathOrTheNextAgentRemovesIt() throws Exception {
    String mark = "6" + (System.nanoTime() % 100_000_000);
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DyingAgent.class.getName(),
                getClass().getName(),
                data.toString(),
                directory.toString(),
                mark)
            .inheritIO()
            .start();
    await().atMost(Duration.ofSeconds(60)).until(() -> !child.isAlive() || alive(mark) >= 1);
    assertThat(child.isAlive()).isTrue();
    child.destroyForcibly().waitFor();
    if (diesWithAgent()) {
      await().atMost(Duration.ofSeconds(5)).until(() -> alive(mark) == 0);
    }
    backend.reconcile();
    assertThat(alive(mark)).isZero();
  }

  protected boolean diesWithAgent() {
    return true;
  }

  /** How many processes of the host, wherever they are, sleep for {@code mark} seconds. */
  protected long alive(String mark) throws IOException {
    long found = 0;
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          String command = Files.readString(process.resolve("cmdline"));
          found += command.equals("sleep\0" + mark + "\0") ? 1 : 0;
        } catch (IOException e) {
          // It ended while we looked.
        }
      }
    }
    return found;
  }

  private static List<String> mountsOf(Path path) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(path.toString()))
        .toList();
  }

  /** An agent that makes a sandbox and waits to be killed. */
  public static final class DyingAgent {
    private DyingAgent() {}

    public static void main(String[] args) throws Exception {
      var contract =
          Class.forName(args[0])
              .asSubclass(SandboxContract.class)
              .getDeclaredConstructor()
              .newInstance();
      SandboxBackend backend = contract.open(Path.of(args[1]));
      Path directory = Path.of(args[2]);
      Sandbox sandbox =
          backend.create(
              spec(directory, "/bin/sh", "-c", "sleep " + args[3] + " & trap '' TERM; wait"));
      sandbox.handOver();
      sandbox.start();
      Thread.sleep(Duration.ofMinutes(5));
    }
  }
}
