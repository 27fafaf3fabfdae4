package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The whole catalogue, against real sandboxes of this host. {@code -Dholdfast.probe.only=GLOB,GLOB}
 * runs a part.
 */
class ProbeTest {
  private static final List<Attack> WANTED =
      Stream.of(System.getProperty("holdfast.probe.only", "*").split(",", -1))
          .flatMap(glob -> Catalogue.matching(glob).stream())
          .toList();

  @Test
  void inNamespacesEveryAttackIsStoppedAndEveryControlGetsThrough() throws Exception {
    everythingHolds(Backend.NAMESPACES);
  }

  @Test
  void inContainersEveryAttackIsStoppedAndEveryControlGetsThrough() throws Exception {
    everythingHolds(Backend.CONTAINER);
  }

  @Test
  void inMachinesEveryAttackIsStoppedAndEveryControlGetsThrough() throws Exception {
    everythingHolds(Backend.MICROVM);
  }

  private static void everythingHolds(Backend backend) throws Exception {
    try (Site site = Site.open(backend)) {
      Report report = site.run(backend, WANTED);
      System.out.println(backend + ": " + report.summary());
      assertThat(report.results())
          .filteredOn(r -> r.state() != Result.State.NOT_RUN && !r.good())
          .extracting(r ->
              r.attack().id()
                  + ": "
                  + r.state().word()
                  + ", control "
                  + r.controlWord()
                  + ": "
                  + r.says())
          .isEmpty();
      assertThat(report.held()).isTrue();
      if (backend == Backend.MICROVM) {
        assertThat(site.damageToTheImage()).as("after all of it").isEmpty();
      }
    }
  }
}
