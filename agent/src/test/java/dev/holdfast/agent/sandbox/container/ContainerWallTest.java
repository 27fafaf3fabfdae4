package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.Info;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attacks from inside a container, each with the same attack where its part of the wall is gone.
 */
class ContainerWallTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(
        data, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private SandboxSpec spec(String repository, Optional<String> image, boolean root, String script)
      throws Exception {
    String attempt = "att_" + UUID.randomUUID();
    Path directory = new JobDirectories(data).create(attempt);
    return new SandboxSpec(
        attempt,
        directory,
        directory.resolve("channel"),
        image,
        Limits.standard(),
        Optional.of("192.0.2.53"),
        List.of("/bin/sh", "-c", "{ " + script + "\n} >/workspace/said 2>&1"),
        Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        repository,
        Optional.empty(),
        root,
        List.of());
  }

  private String inside(Set<Protection> missing, boolean root, String script) throws Exception {
    SandboxSpec spec = spec("repo_1", Optional.empty(), root, script);
    Wall wall = missing.isEmpty() ? Wall.whole() : Wall.without(missing);
    try (SandboxBackend backend = TestEngine.backend("test-wall", wall);
        Sandbox sandbox = backend.create(spec)) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(60, TimeUnit.SECONDS)).as(sandbox.diagnostics()).isZero();
    }
    return Files.readString(spec.workspace().resolve("said")).strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "NO_NEW_PRIVILEGES    => grep -q 'NoNewPrivs:.1' /proc/self/status",
        "NO_CAPABILITIES      => grep -q 'CapBnd:.0000000000000000' /proc/self/status",
        "SYSTEM_CALLS         => grep -q 'Seccomp:.2' /proc/self/status",
        "READ_ONLY_SYSTEM     => grep -q ' / ro[, ]' /proc/self/mountinfo",
        "MASKED_KERNEL_FILES  => ! grep -q . /proc/kallsyms",
        "OWN_PROCESSES        => set -- /proc/[0-9]*; test $# -lt 10",
        "OWN_NETWORK          => test $(tail -n +3 /proc/net/dev | wc -l) = 1",
        "OWN_FILES            => ! test -e /host/etc",
        "OWN_DEVICES          => ! test -e /dev/kmsg",
        "OWN_USER             => test $(id -u) != 0",
        "LIMIT_OPEN_FILES     => test $(ulimit -n) = 16384",
        "LIMIT_DISK           => test $(ulimit -f) != unlimited",
        "LIMIT_SCRATCH        => grep ' /tmp ' /proc/mounts | grep -q size=1048576k",
        "CLEAN_ENVIRONMENT    => test -z \"$HOLDFAST_TEST_ENGINE\"",
      })
  void eachPart_holdsAndIsGoneWithoutIt(Protection protection, String holds) throws Exception {
    Assumptions.assumeTrue(HostUser.self().isRoot(), "the agent's own user is the job's otherwise");
    String script = "if " + holds + "; then echo held; else echo through; fi";
    assertThat(inside(EnumSet.noneOf(Protection.class), false, script)).isEqualTo("held");
    assertThat(inside(EnumSet.of(protection), false, script)).isEqualTo("through");
  }

  @Test
  void aFileBeyondTheLimit_cannotBeMade() throws Exception {
    String large = "truncate -s 65G /workspace/large 2>&1 || echo refused";
    assertThat(inside(Set.of(), false, large)).contains("refused");
    assertThat(inside(Set.of(), false, "truncate -s 1G /workspace/large && echo made"))
        .isEqualTo("made");
  }

  @Test
  void theNameserver_isTheOneOfTheSpecificationAndCannotBeChanged() throws Exception {
    assertThat(
            inside(
                Set.of(),
                false,
                "cat /etc/resolv.conf; echo nameserver 198.51.100.1 2>/dev/null"
                    + " >/etc/resolv.conf; cat /etc/resolv.conf; true"))
        .contains("nameserver 192.0.2.53")
        .doesNotContain("198.51.100.1\n");
  }

  @Test
  void aJobThatIsRoot_hasTheListedRightsAndNoOther() throws Exception {
    Assumptions.assumeTrue(HostUser.self().isRoot(), "only an agent that is root can make it");
    String caps = "id -u; grep -E 'Cap(Bnd|Eff)' /proc/self/status | cut -f2";
    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, SETGID 6, SETUID 7.
    assertThat(inside(Set.of(), true, caps).lines())
        .containsExactly("0", "00000000000000cb", "00000000000000cb");
    assertThat(
            inside(
                Set.of(),
                true,
                "touch /tmp/x && chown 5:5 /tmp/x && echo owned;"
                    + " mount -t tmpfs none /mnt 2>/dev/null && echo mounted; true"))
        .isEqualTo("owned");
  }

  @Test
  void anImageThatAnotherRepositoryPulled_isNotForThisOne() throws Exception {
    // The engine has the image; what the record says is all that tells the two apart.
    Path record = TestEngine.record("test-pull");
    Optional<String> image = Optional.of(TestEngine.IMAGE);
    try (var backend =
        TestEngine.backend(
            "test-pull",
            Optional.empty(),
            Optional.empty(),
            Optional.of(Set.of("another:1")),
            Wall.whole())) {
      assertThatThrownBy(() -> backend.create(spec("repo_b", image, false, "true")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("this repository may not use the image")
          .hasMessageContaining("images.local");
      String id;
      try (var listed = TestEngine.backend("test-listed");
          Sandbox sandbox = listed.create(spec("repo_a", image, false, "true"))) {
        id = sandbox.image().orElseThrow();
      }
      new PulledImages(record).add("repo_a", PulledImages.How.PULLED, id, TestEngine.IMAGE);
      backend.create(spec("repo_a", image, false, "true")).close();
      assertThatThrownBy(() -> backend.create(spec("repo_b", image, false, "true")).close())
          .isInstanceOf(SandboxRefused.class);
    }
  }

  @Test
  void aRuntimeThatTheEngineHasNot_isSaidSo() {
    try (var backend =
        TestEngine.backend(
            "test-runtime",
            Optional.of("no-such-runtime"),
            Optional.empty(),
            Optional.empty(),
            Wall.whole())) {
      assertThat(backend.check())
          .isInstanceOfSatisfying(
              Readiness.Unusable.class,
              u -> assertThat(u.why()).contains("no-such-runtime").contains("runc"));
    }
  }

  @Test
  void anEngineOnAnotherKernel_isRefused() {
    List<String> options = List.of("name=seccomp,profile=builtin");
    Info here =
        new Info()
            .withSecurityOptions(options)
            .withKernelVersion(System.getProperty("os.version", ""));
    assertThat(EngineChecks.weakness("unix:///x", here, Optional.empty())).isEmpty();
    Info elsewhere = new Info().withSecurityOptions(options).withKernelVersion("6.6.12-vm");
    assertThat(EngineChecks.weakness("unix:///x", elsewhere, Optional.empty()))
        .hasValueSatisfying(u -> assertThat(u.why()).contains("another kernel (6.6.12-vm"));
  }

  @Test
  void anEngineThatFiltersNoSystemCalls_isRefused() {
    Info plain = new Info().withSecurityOptions(List.of("name=seccomp,profile=builtin"));
    assertThat(EngineChecks.weakness("unix:///x", plain, Optional.empty())).isEmpty();
    for (var options :
        List.of(List.of("name=seccomp,profile=unconfined"), List.of("name=apparmor"))) {
      Info weak = new Info().withSecurityOptions(options);
      assertThat(EngineChecks.weakness("unix:///x", weak, Optional.empty()))
          .hasValueSatisfying(u -> assertThat(u.why()).contains("system calls"));
    }
  }
}
