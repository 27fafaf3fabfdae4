package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.command.CommitCmd;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.api.model.Volumes;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.ServiceFailed;
import dev.holdfast.agent.sandbox.ServiceSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.TimeLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an image says of itself, and what a service then is. */
@Timeout(240)
class ServiceImagesTest {
  private static final String OWN = "holdfast/test-service:1";

  private Path data = Path.of("/nowhere");
  private String agent = "";
  private boolean made;

  @BeforeEach
  void makeData() throws Exception {
    data = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(
        data, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
    agent = "test-" + data.getFileName();
  }

  @AfterEach
  void removeAll() throws Exception {
    if (made) {
      TestEngine.removeImage(OWN);
    }
    if (System.getenv("HOLDFAST_TEST_ENGINE") != null) {
      assertThat(TestEngine.containers(agent)).isEmpty();
    }
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private void image(UnaryOperator<CommitCmd> with) throws Exception {
    TestEngine.image(OWN, with);
    made = true;
  }

  private SandboxSpec spec(String repository, String image, boolean mayBeRoot, String script)
      throws Exception {
    return spec(repository, image, mayBeRoot, script, Limits.standard());
  }

  /** A sleeping job, and a service that says what its script does. */
  private SandboxSpec spec(
      String repository, String image, boolean mayBeRoot, String script, Limits limits)
      throws Exception {
    String attempt = "att_" + UUID.randomUUID();
    Path directory = new JobDirectories(data).create(attempt);
    var service =
        new Service(
            "db",
            image,
            Map.of("GIVEN", "yes"),
            List.of("/bin/sh", "-c", script),
            new Service.Ready.Command("exit 1", Optional.of(new TimeLimit("60s"))));
    return new SandboxSpec(
        attempt,
        directory,
        directory.resolve("channel"),
        Optional.of(TestEngine.IMAGE),
        limits,
        Optional.of("192.0.2.53"),
        List.of("sleep", "600"),
        Map.of("PATH", "/usr/bin:/bin"),
        repository,
        Optional.empty(),
        false,
        List.of(new ServiceSpec(service, Optional.empty(), mayBeRoot)));
  }

  /**
   * What {@code script} prints as a service. It ends, which is not ready: so its words are told.
   */
  private String inside(Wall wall, SandboxSpec spec) throws Exception {
    try (var backend = TestEngine.backend(agent, wall);
        Sandbox sandbox = backend.create(spec)) {
      sandbox.start();
      sandbox.handOver();
      try {
        sandbox.startServices((what, words) -> {});
      } catch (ServiceFailed e) {
        return e.lastWords();
      }
    }
    throw new AssertionError("a service that ends was ready");
  }

  private String inside(String image, boolean mayBeRoot, String script) throws Exception {
    return inside(Wall.whole(), spec("repo_1", image, mayBeRoot, script));
  }

  @Test
  void theUserOfTheImage_isTheServices_andItsVolumesAreItsOwn() throws Exception {
    String ask =
        "exec 2>&1; id -u; id -g; cd /var/lib/test/data && echo written >x && cat x; stat -c '%u %a' .;"
            + " grep ' /var/lib/test/data ' /proc/mounts; touch /etc/x /root/x; echo $GIVEN; cat"
            + " /etc/resolv.conf";
    TestEngine.backend(agent).close();
    int volumes = TestEngine.volumes();
    var own = new Volumes(new Volume("/var/lib/test/data"));
    image(commit -> commit.withUser("games").withVolumes(own));
    assertThat(inside(OWN, false, ask))
        .startsWith("5\n60\nwritten\n5 755\n")
        .contains("tmpfs /var/lib/test/data tmpfs rw,nosuid,nodev")
        .contains("cannot touch '/etc/x': Read-only file system", "yes\nnameserver 192.0.2.53");
    image(commit -> commit.withUser("1234").withVolumes(own));
    assertThat(inside(OWN, false, ask)).startsWith("1234\n0\nwritten\n1234 755\n");
    image(commit -> commit.withUser("1234:games"));
    assertThat(inside(OWN, false, "id -u; id -g")).isEqualTo("1234\n60");
    image(commit -> commit.withUser("nobody-here"));
    assertThatThrownBy(() -> inside(OWN, false, "true"))
        .isInstanceOf(SandboxRefused.class)
        .hasMessageContaining("wants to be the user \"nobody-here\"")
        .hasMessageContaining("USER by numbers");
    assertThat(TestEngine.volumes()).isEqualTo(volumes);
  }

  @Test
  void anImageThatSaysRoot_isRootOnlyWhereThePolicyLetsIt() throws Exception {
    String ask = "id -u; grep CapEff /proc/self/status | cut -f 2";
    String none = "1000\n0000000000000000";
    assertThat(inside(TestEngine.IMAGE, true, ask)).isEqualTo(none);
    for (String root : List.of("root", "0", "0:0")) {
      image(commit -> commit.withUser(root));
      assertThat(inside(OWN, false, ask)).isEqualTo(none);
      assertThat(inside(OWN, true, ask)).isEqualTo("0\n00000000000000cb");
    }
  }

  @Test
  void rootWritesNothingOfItsImage_andWithoutThatPartOfTheWallItDoes() throws Exception {
    image(commit -> commit.withUser("root"));
    String ask = "touch /etc/x && echo written";
    assertThat(inside(OWN, true, ask)).contains("Read-only file system");
    assertThat(
            inside(
                Wall.without(Set.of(Protection.READ_ONLY_SYSTEM)), spec("repo_1", OWN, true, ask)))
        .isEqualTo("written");
  }

  @Test
  void aVolumeThatIsTheKernels_isRefused() throws Exception {
    for (String volume : List.of("/proc", "/sys/fs/cgroup", "/dev/shm", "/a/../../etc")) {
      image(commit -> commit.withVolumes(new Volumes(new Volume(volume))));
      assertThatThrownBy(() -> inside(OWN, false, "true"))
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("declares the volume \"" + volume + "\"");
    }
  }

  @Test
  void anImageOfAnotherRepository_isNotForAService() throws Exception {
    Path record = TestEngine.record(agent);
    try (var backend =
        TestEngine.backend(
            agent,
            Optional.empty(),
            Optional.empty(),
            Optional.of(Set.of(TestEngine.IMAGE)),
            Wall.whole())) {
      image(commit -> commit);
      assertThatThrownBy(() -> backend.create(spec("repo_b", OWN, false, "true")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("this repository may not use the image")
          .hasMessageContaining(OWN);
      // The control: the repository that has pulled it may.
      try (var docker = Engine.client(System.getenv("HOLDFAST_TEST_ENGINE"))) {
        String id = docker.inspectImageCmd(OWN).exec().getId();
        new PulledImages(record).add("repo_a", PulledImages.How.PULLED, String.valueOf(id), OWN);
        try (Sandbox sandbox = backend.create(spec("repo_a", OWN, false, "true"))) {
          assertThat(sandbox.serviceImages()).containsExactly(Map.entry("db", String.valueOf(id)));
        }
      }
      assertThatThrownBy(() -> backend.create(spec("repo_b", OWN, false, "true")).close())
          .isInstanceOf(SandboxRefused.class);
    } finally {
      new ProcessBuilder("rm", "-rf", record.toString()).start().waitFor();
    }
  }

  @Test
  void jobAndServices_shareTheLimitsOfAJob() throws Exception {
    long mib = 1024 * 1024;
    var limits = new Limits(1024 * mib, 1000, 1024, 16 * mib);
    String ask =
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
            + " /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; head -c 20000000"
            + " /dev/zero >/tmp/x";
    assertThat(inside(Wall.whole(), spec("repo_1", TestEngine.IMAGE, false, ask, limits)))
        .startsWith(512 * mib + "\n512\n")
        .contains("No space left on device");
    assertThatThrownBy(() ->
            inside(
                Wall.whole(),
                spec(
                    "repo_1",
                    TestEngine.IMAGE,
                    false,
                    "true",
                    new Limits(100 * mib, 1000, 1024, 16 * mib))))
        .isInstanceOf(SandboxRefused.class)
        .hasMessageContaining("too small to be shared by a job and its 1 services");
  }

  @Test
  void memoryOfItsOwn_isWhatItMayHave() throws Exception {
    long mib = 1024 * 1024;
    try (var backend = TestEngine.backend(agent);
        Sandbox sandbox =
            backend.create(
                spec(
                    "repo_1",
                    TestEngine.IMAGE,
                    false,
                    "exec perl -e '$x = \"a\" x (900 * 1024 * 1024); sleep 600'",
                    new Limits(512 * mib, 1000, 1024, 16 * mib)))) {
      sandbox.start();
      sandbox.handOver();
      assertThatThrownBy(() -> sandbox.startServices((what, words) -> {}))
          .isInstanceOf(ServiceFailed.class)
          .hasMessageContaining("the service db ended because its memory ran out");
    }
  }

  @Test
  void whatAKilledAgentLeft_theNextOneRemoves() throws Exception {
    var started = new Service.Ready.Command("true", Optional.empty());
    SandboxSpec spec = spec("repo_1", TestEngine.IMAGE, false, "exec sleep 600");
    var service = new Service("db", TestEngine.IMAGE, Map.of(), List.of("sleep", "600"), started);
    var beside =
        new SandboxSpec(
            spec.attempt(),
            spec.directory(),
            spec.distribution(),
            spec.image(),
            spec.limits(),
            spec.nameserver(),
            spec.command(),
            spec.environment(),
            spec.repository(),
            spec.pinned(),
            spec.root(),
            List.of(new ServiceSpec(service, Optional.empty(), false)));
    try (var killed = TestEngine.backend(agent)) {
      Sandbox sandbox = killed.create(beside);
      sandbox.start();
      sandbox.handOver();
      sandbox.startServices((what, words) -> {});
      assertThat(TestEngine.containers(agent)).containsExactly("db running", "job running");
    }
    // Another's are none of its business.
    try (var other = TestEngine.backend(agent + "-other")) {
      other.reconcile();
    }
    assertThat(TestEngine.containers(agent)).hasSize(2);
    try (var next = TestEngine.backend(agent)) {
      next.reconcile();
    }
    assertThat(TestEngine.containers(agent)).isEmpty();
  }

  @Test
  void aRuntimeWithoutSharedNetworks_isRefused() throws Exception {
    try (var backend =
        TestEngine.backend(
            agent, Optional.of("runsc"), Optional.empty(), Optional.empty(), Wall.whole())) {
      assertThatThrownBy(
              () -> backend.create(spec("repo_1", TestEngine.IMAGE, false, "true")).close())
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("runtime runsc share none");
    }
  }
}
