package dev.holdfast.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.policy.AgentPolicy.Accept;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which leases an agent takes. */
class AgentPolicyTest {
  private static final Lease PLAIN = Jobs.commands("true");
  private static final Lease IN_IMAGE =
      Jobs.lease(Optional.of("registry.example/team/x:1"), "true");

  private static Optional<String> refusal(Accept accept, Lease lease) {
    return new AgentPolicy(accept, AgentPolicy.Network.NONE, Optional.empty()).refusal(lease);
  }

  @Test
  void withoutRules_everythingIsTaken() {
    assertThat(AgentPolicy.standard().refusal(IN_IMAGE)).isEmpty();
  }

  @Test
  void repositories_areComparedWhole() {
    String name = PLAIN.source().name();
    assertThat(refusal(repositories(name), PLAIN)).isEmpty();
    assertThat(refusal(repositories(name + "x"), PLAIN))
        .hasValueSatisfying(why -> assertThat(why).contains("accept.repositories"));
    assertThat(refusal(repositories(), PLAIN)).isPresent();
  }

  private static Accept repositories(String... names) {
    return new Accept(Optional.of(Set.of(names)), Optional.empty(), Optional.empty());
  }

  @Test
  void images_areComparedWholeOrUpToTheStar() {
    assertThat(refusal(images("registry.example/team/x:1"), IN_IMAGE)).isEmpty();
    assertThat(refusal(images("registry.example/team/*"), IN_IMAGE)).isEmpty();
    assertThat(refusal(images("registry.example/tea/*", "x:1"), IN_IMAGE))
        .hasValueSatisfying(why -> assertThat(why).contains("accept.images"));
    assertThat(refusal(images("debian:12"), PLAIN)).as("the agent's own image").isEmpty();
  }

  private static Accept images(String... patterns) {
    return new Accept(Optional.empty(), Optional.of(List.of(patterns)), Optional.empty());
  }

  @Test
  void anEventOfNobody_isNoNamedUsers() {
    assertThat(
            refusal(
                new Accept(Optional.empty(), Optional.empty(), Optional.of(Set.of("git:7"))),
                PLAIN))
        .hasValueSatisfying(why -> assertThat(why).contains("accept.users"));
  }
}
