package dev.holdfast.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.keep.Keep;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.Warm;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobUser;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentPolicyTest {
  @TempDir Path directory = Path.of("/nowhere");

  private AgentPolicy policy(String yaml) throws Exception {
    return PolicyFile.read(Files.writeString(directory.resolve("agent.yaml"), yaml));
  }

  private static Lease lease(
      Optional<String> image, Optional<Tier> own, Optional<Tier> floor, boolean root) {
    Lease plain = Jobs.lease(image, "true");
    Job job = plain.job().job();
    var asked =
        new Job(
            job.name(),
            job.needs(),
            job.runsOn(),
            job.image(),
            job.env(),
            job.matrix(),
            job.directory(),
            job.when(),
            job.timeout(),
            own,
            root ? Optional.of(JobUser.ROOT) : Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            job.steps());
    return new Lease(
        plain.attempt(),
        plain.fence(),
        plain.number(),
        plain.run(),
        plain.workflow(),
        new PlannedJob("build", plain.job().matrix(), plain.job().needs(), asked),
        plain.event(),
        plain.source(),
        plain.sources(),
        plain.outputs(),
        floor,
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  @Test
  void imagesOfServices_areHeldToTheSameList() throws Exception {
    var ready = new Service.Ready.Port(1, Optional.empty());
    Lease job = Jobs.lease(Optional.of("team/a:1"), "true");
    Lease good = Jobs.beside(job, new Service("db", "team/b:1", Map.of(), List.of(), ready));
    Lease bad = Jobs.beside(job, new Service("db", "other/b:1", Map.of(), List.of(), ready));
    AgentPolicy policy = policy("accept:\n  images: ['team/*']\n");
    assertThat(policy.refusal(good, Backend.CONTAINER)).isEmpty();
    assertThat(policy.refusal(good, Backend.NAMESPACES))
        .hasValueSatisfying(why ->
            assertThat(why).contains("the service db", "services run beside containers only"));
    assertThat(policy.refusal(bad, Backend.CONTAINER))
        .hasValueSatisfying(why ->
            assertThat(why)
                .contains("the image \"other/b:1\" of the service db", "rule accept.images"));
  }

  private static Lease plain() {
    return lease(Optional.empty(), Optional.empty(), Optional.empty(), false);
  }

  /** The lease of {@link Jobs} is of the repository demo, by nobody. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "repositories: [demo]       | repositories: [other]     | accept.repositories",
        "repositories: [demo]       | repositories: ['dem-*']   | accept.repositories",
        "images: ['team/*']         | images: ['tea/*']         | accept.images",
        "images: ['team/a:1']       | images: ['team/a']        | accept.images",
        "trust: [unknown]           | trust: [maintainer]       | accept.trust",
        "root: refuse               | users: ['forge:1']        | accept.users",
      })
  void aRule_refusesWhatItDoesNotName(String accepts, String refuses, String rule)
      throws Exception {
    Lease lease = lease(Optional.of("team/a:1"), Optional.empty(), Optional.empty(), false);
    assertThat(policy("accept:\n  " + accepts + "\n").refusal(lease, Backend.CONTAINER)).isEmpty();
    assertThat(policy("accept:\n  " + refuses + "\n").refusal(lease, Backend.CONTAINER))
        .hasValueSatisfying(why -> assertThat(why).contains("agent.yaml", rule));
  }

  @Test
  void root_isRefusedUnlessAllowedAndOnlyInContainers() throws Exception {
    Lease root = lease(Optional.empty(), Optional.empty(), Optional.empty(), true);
    assertThat(AgentPolicy.standard().refusal(root, Backend.CONTAINER))
        .hasValueSatisfying(why -> assertThat(why).contains("accept.root"));
    AgentPolicy allows = policy("accept: {root: allow}\n");
    assertThat(allows.refusal(root, Backend.CONTAINER)).isEmpty();
    assertThat(allows.refusal(root, Backend.NAMESPACES)).isPresent();
    assertThat(AgentPolicy.standard().refusal(plain(), Backend.CONTAINER)).isEmpty();
  }

  @Test
  void aStrongerTierThanTheAgentHas_isRefusedWhateverTheOrchestratorSent() {
    AgentPolicy standard = AgentPolicy.standard();
    for (Lease strong :
        new Lease[] {
          lease(Optional.empty(), Optional.of(Tier.CONTAINER), Optional.empty(), false),
          lease(Optional.empty(), Optional.empty(), Optional.of(Tier.CONTAINER), false)
        }) {
      assertThat(standard.refusal(strong, Backend.NAMESPACES))
          .hasValueSatisfying(why -> assertThat(why).contains("tier container"));
      assertThat(standard.refusal(strong, Backend.CONTAINER)).isEmpty();
      assertThat(standard.refusal(strong, Backend.MICROVM)).isEmpty();
    }
  }

  @Test
  void withoutAWall_onlyWhatIsNamedAsTrustedIsTaken() throws Exception {
    assertThat(AgentPolicy.standard().refusal(plain(), Backend.PROCESS)).isPresent();
    assertThat(policy("accept: {trust: [unknown]}\n").refusal(plain(), Backend.PROCESS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'acept: {}'                            | :1: unknown key",
        "'accept:\n  roots: allow'              | :2: unknown key",
        "'accept:\n  root: yes'                 | :2: root is neither allow nor refuse",
        "'accept:\n  repositories: [\"*\"]'     | write whole names",
        "'accept:\n  repositories: [\"a*b\"]'   | write whole names",
        "'accept:\n  repositories: []'          | is not a list with something in it",
        "'accept:\n  tier: strong'              | none, namespaces, container, microvm",
        "'microvm: {pool: many}'                | write how many machines are to wait",
        "'microvm: {pool: 500}'                 | 0 to 100 machines can wait",
        "'microvm: {pool: 2, snapshots: off}'   | start from snapshots, which are off",
        "'microvm: {snapshots: never}'          | none of use and off",
        "'microvm: {pool-memory: lots}'         | microvm.pool-memory is \"lots\"; write a size",
        "'limits: {memory: 1}'                  | too small",
        "'limits: {memory: lots}'               | write a number",
        "'microvm: {firecracker: /a}'           | firecracker and no jailer",
        "'microvm: {jailer: /a}'                | jailer and no firecracker",
        "'microvm: {firecracker: a, jailer: /b}' | write the program's whole path",
        "'microvm: {tcg: only, firecracker: /a, jailer: /b}' | which needs KVM",
        "'process: allow\nprocess: allow'       | process",
        "'a: &x [1]\nb: *x'                     | anchor",
        "'accept: [1'                           | not valid YAML",
        "''                                     | is not a map",
      })
  void whatItDoesNotUnderstand_isRefusedByFileAndLine(String yaml, String said) {
    assertThatThrownBy(() -> policy(yaml))
        .isInstanceOf(BadPolicy.class)
        .hasMessageContaining("agent.yaml")
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void theWholeFile_isRead() throws Exception {
    AgentPolicy all =
        policy(
            """
            accept:
              repositories: [app, 'team-*']
              users: ['forge:17']
              tier: container
            images: {local: ['holdfast/demo-debian:1']}
            limits: {memory: 512, cpus: 1.5}
            process: refuse
            egress:
              default: listed
              open: [{host: mirror.example.org, ports: [443]}]
            """);
    assertThat(all.tier()).contains(Tier.CONTAINER);
    assertThat(all.localImages().orElseThrow()).containsExactly("holdfast/demo-debian:1");
    assertThat(all.limits().orElseThrow().memory()).isEqualTo(512L * 1024 * 1024);
    assertThat(all.limits().orElseThrow().cpus()).isEqualTo(1500);
    assertThat(all.egress()).containsEntry("default", "listed");
  }

  @Test
  void whatStartsMachines_isNamedWithItsJailer() throws Exception {
    assertThat(policy("microvm: {tcg: allow}\n").microvm())
        .isEqualTo(new MicrovmSettings("default", MicrovmSettings.Tcg.ALLOW, Warm.standard()));
    assertThat(policy("microvm: {firecracker: /opt/fc, jailer: /opt/jailer}\n").microvm())
        .isEqualTo(
            new MicrovmSettings(
                "default",
                MicrovmSettings.Tcg.REFUSE,
                Warm.standard(),
                Optional.of(
                    new MicrovmSettings.Firecracker(Path.of("/opt/fc"), Path.of("/opt/jailer")))));
  }

  @Test
  void howMuchIsKept_isWrittenWithItsUnit() throws Exception {
    assertThat(policy("keep: {mirrors: 2GiB, classes: 500MiB}\n").keep())
        .isEqualTo(new Keep(2L << 30, 500L << 20, 40L << 30));
    assertThat(policy("limits: {}\n").keep()).isEqualTo(Keep.standard());
    for (String wrong : new String[] {"20", "20GB", "-1GiB", "[1GiB]", "9999999GiB"}) {
      assertThatThrownBy(() -> policy("egress: {}\nkeep:\n  images: " + wrong + "\n"))
          .isInstanceOf(BadPolicy.class)
          .hasMessageContaining("agent.yaml:3: ");
    }
    assertThatThrownBy(() -> policy("keep: {logs: 1GiB}\n"))
        .hasMessageContaining("unknown key \"keep.logs\"");
  }
}
