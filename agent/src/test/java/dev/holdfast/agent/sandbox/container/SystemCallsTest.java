package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.seccomp.Denied;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * System calls that a job in a container makes by number, with the profile and, as the control,
 * without it; and that what a build does still works.
 */
class SystemCallsTest {
  private static final Wall WITHOUT = Wall.without(Set.of(Protection.SYSTEM_CALLS));

  /** Prints the error's number, or 0 where the call was let through. */
  private static final String CALL =
      "perl -e '$! = 0; $r = syscall(%s); print $r == -1 ? $!+0 : 0;'";

  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private String inside(Wall wall, boolean root, String script) throws Exception {
    return inside(wall, root, Optional.empty(), Map.of(), script);
  }

  private String inside(
      Wall wall, boolean root, Optional<Path> runner, Map<String, String> files, String script)
      throws Exception {
    var directories = new JobDirectories(data);
    Path directory = directories.create("att_" + System.nanoTime());
    for (var file : files.entrySet()) {
      Files.writeString(directory.resolve("workspace").resolve(file.getKey()), file.getValue());
    }
    var spec =
        new SandboxSpec(
            String.valueOf(directory.getFileName()),
            directory,
            runner.orElse(directory.resolve("channel")),
            Optional.empty(),
            Limits.standard(),
            Optional.empty(),
            List.of("/bin/sh", "-c", "{ " + script + "\n} >/workspace/said 2>&1"),
            Map.of("PATH", "/opt/holdfast/java/bin:/usr/bin:/bin", "HOME", "/home/job"),
            "repo_1",
            Optional.empty(),
            root,
            List.of());
    try (var backend = TestEngine.backend("test-calls", wall);
        Sandbox sandbox = backend.create(spec)) {
      sandbox.handOver();
      sandbox.start();
      sandbox.exited().get(120, TimeUnit.SECONDS);
    }
    String said = Files.readString(directory.resolve("workspace/said")).strip();
    directories.remove(directory);
    return said;
  }

  @Test
  void whatIsDenied_isNeverAllowed() {
    var allowed = new ArrayList<String>();
    var refused = new ArrayList<String>();
    Json.Obj profile = (Json.Obj) JsonText.parse(SystemCalls.profile());
    for (Json rule : ((Json.Arr) field(profile, "syscalls")).items()) {
      boolean allows = field(rule, "action").equals(new Json.Str("SCMP_ACT_ALLOW"));
      ((Json.Arr) field(rule, "names"))
          .items()
          .forEach(name -> (allows ? allowed : refused).add(((Json.Str) name).value()));
    }
    List<String> denied = Arrays.stream(Denied.values()).map(Denied::call).toList();
    assertThat(allowed).isNotEmpty().doesNotContainAnyElementsOf(denied).doesNotContain("clone3");
    assertThat(refused).containsAll(denied);
    assertThat(field(profile, "defaultAction")).isEqualTo(new Json.Str("SCMP_ACT_ERRNO"));
  }

  private static Json field(Json object, String name) {
    return ((Json.Obj) object).fields().getOrDefault(name, Json.NULL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      value = {
        "keyctl(GET_KEYRING_ID)        => 250, 0, -3, 1        => 1  => 0",
        "userfaultfd(USER_MODE_ONLY)   => 323, 1               => 1  => 0",
        "io_uring_setup                => 425, 1, 0            => 38 => 14",
        "name_to_handle_at             => 303, -1, 0, 0, 0, 0  => 1  => 14",
        "clone3                        => 435, 0, 0            => 38 => 22",
        "socket(NETLINK, generic)      => 41, 16, 3, 16        => 97 => 0",
        "socket(INET, upper half)      => 41, 2+(1<<32), 1, 0  => 0  => 0",
        "socket(family 46)             => 41, 46, 1, 0         => 97 => 97",
        "socketpair(INET)              => 53, 2, 1, 0, 0       => 97 => 14",
        "personality(no randomness)    => 135, 0x40000         => 1  => 0",
        "ioctl(TIOCSTI), upper half    => 16, 0, 0x5412+(1<<32), 0 => 1 => 25",
      })
  void aCall_isStoppedAndReachesTheKernelWithoutTheProfile(
      String name, String call, int stopped, int without) throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are amd64's");
    for (boolean root : new boolean[] {false, true}) {
      assertThat(inside(Wall.whole(), root, CALL.formatted(call))).as(name).isEqualTo("" + stopped);
    }
    assertThat(inside(WITHOUT, false, CALL.formatted(call))).as(name).isEqualTo("" + without);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x7E020000})
  void newNamespaces_cannotBeMade(int flags) throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are amd64's");
    // A child that only ends: clone(flags | SIGCHLD)
    String script =
        "perl -e '$! = 0; $r = syscall(56, %d | 17, 0, 0, 0, 0); exit 0 if $r == 0;"
            + " print $r == -1 ? $!+0 : 0;'";
    assertThat(inside(Wall.whole(), false, script.formatted(flags))).isEqualTo("1");
    assertThat(inside(Wall.whole(), true, script.formatted(flags))).isEqualTo("1");
    assertThat(inside(Wall.whole(), false, script.formatted(0))).isEqualTo("0");
    // The control is for who may make any namespace.
    Wall none =
        Wall.without(
            Set.of(Protection.SYSTEM_CALLS, Protection.NO_CAPABILITIES, Protection.OWN_USER));
    assertThat(inside(none, false, script.formatted(flags))).isEqualTo("0");
  }

  @Test
  void aProgramOfAnotherTable_isEnded() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are amd64's");
    // getpid of the x32 table; 31 is SIGSYS
    String x32 = CALL.formatted("0x40000000 + 39");
    assertThat(inside(Wall.whole(), false, "(" + x32 + "); echo $?")).contains("159");
    assertThat(inside(WITHOUT, false, "(" + x32 + "); echo $?")).doesNotContain("159");
  }

  @Test
  void aBuildsOwnTools_work() throws Exception {
    assertThat(
            inside(
                Wall.whole(),
                false,
                """
                set -e
                cd /tmp; git init -q r; cd r; git config user.name a; git config user.email a@b
                seq 3000 | sort -r >f; git add f; git commit -q -m one; git clone -q . ../s
                tar -C /tmp -cf - s | tar -C /home/job -xf -; ls /home/job/s
                mkfifo p; (echo through >p &); cat p; (sleep 0.1 & wait)
                perl -e 'use Socket; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die;
                  syswrite A, "pair\\n"; sysread B, $x, 9; print $x'
                umask 022; mkdir -p d/e; ln f d/g; ln -s f d/h; chmod 700 d; touch -d 2020-01-01 f
                find . -name 'h' -newer f; flock f true; timeout 5 nice true; setsid true
                echo fine\
                """))
        .isEqualTo("f\nthrough\npair\n./d/h\nfine");
  }

  @Test
  void aJobThatIsRoot_worksAsAPackageManagerDoes() throws Exception {
    assertThat(
            inside(
                Wall.whole(),
                true,
                "cd /tmp && touch x && chown 5:5 x && su -s /bin/sh -c 'id -un' games && dpkg -l dash"
                    + " | tail -1 | cut -c 1-8"))
        .isEqualTo("games\nii  dash");
  }

  @Test
  void whatJavaDoes_works() throws Exception {
    String dist = System.getenv("HOLDFAST_DIST");
    assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    assertThat(
            inside(
                Wall.whole(),
                false,
                Optional.of(Path.of(String.valueOf(dist), "runner")),
                Map.of("Usual.java", USUAL),
                "java -Xmx256m /workspace/Usual.java"))
        .isEqualTo("processes threads sockets files watching");
  }

  /** Compiled and run inside: a compiler is what builds run most. */
  private static final String USUAL =
      """
      import java.net.*;
      import java.nio.channels.*;
      import java.nio.file.*;
      import java.util.concurrent.*;

      void main() throws Exception {
        var said = new StringBuilder();
        if (new ProcessBuilder("/bin/sh", "-c", "exit 3").start().waitFor() == 3) {
          said.append("processes");
        }
        try (var pool = Executors.newVirtualThreadPerTaskExecutor();
            var fixed = Executors.newFixedThreadPool(20)) {
          var one = pool.submit(() -> 1);
          var two = fixed.submit(() -> 2);
          if (one.get() + two.get() == 3) {
            said.append(" threads");
          }
        }
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
            var selector = Selector.open()) {
          server.configureBlocking(false);
          server.register(selector, SelectionKey.OP_ACCEPT);
          try (var client = SocketChannel.open(server.getLocalAddress())) {
            if (selector.select(20_000) == 1 && server.accept() != null) {
              said.append(" sockets");
            }
          }
        }
        Path file = Files.writeString(Path.of("/tmp/f"), "x");
        try (var opened = FileChannel.open(file, StandardOpenOption.READ)) {
          opened.map(FileChannel.MapMode.READ_ONLY, 0, 1);
          Files.copy(file, Path.of("/tmp/g"));
          said.append(" files");
        }
        try (var watcher = FileSystems.getDefault().newWatchService()) {
          Path.of("/tmp").register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
          Files.writeString(Path.of("/tmp/new"), "x");
          if (watcher.poll(20, TimeUnit.SECONDS) != null) {
            said.append(" watching");
          }
        }
        IO.println(said);
      }
      """;
}
