package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A suite that is always green shows nothing: with a part of the wall left out it must be red. */
class ProbeFailsTest {

  @ParameterizedTest
  @EnumSource(Protection.class)
  void inNamespacesWithoutAPartOfTheWallItIsRed(Protection part) throws Exception {
    itIsRed(part, Backend.NAMESPACES);
  }

  private static void itIsRed(Protection part, Backend backend) throws Exception {
    var attacks = Catalogue.stoppedOnlyBy(part, backend);
    // Which parts these may be, CatalogueTest holds.
    assumeFalse(attacks.isEmpty(), part + " stops nothing alone");
    try (Site site = Site.open(backend)) {
      Report report = site.run(backend, attacks.subList(0, Math.min(3, attacks.size())), part);
      assumeFalse(report.mustBeRed().isEmpty(), "nothing of it can be run here");
      assertThat(report.held()).isFalse();
      assertThat(report.canFail()).isTrue();
    }
  }
}
