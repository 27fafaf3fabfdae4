package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole catalogue, against real sandboxes of this host. */
class ProbeTest {

  @ParameterizedTest
  @EnumSource(names = {"NAMESPACES", "CONTAINER"})
  void everyAttackIsStoppedAndEveryControlGetsThrough(Backend backend) throws Exception {
    try (Site site = Site.open(backend)) {
      Report report =
          site.run(backend, Catalogue.matching(System.getProperty("holdfast.probe.only", "*")));
      System.out.println(backend + ": " + report.summary());
      List<String> bad =
          report.results().stream()
              .filter(r -> r.state() != Result.State.NOT_RUN && !r.good())
              .map(r ->
                  r.attack().id()
                      + ": "
                      + r.state().word()
                      + ", control "
                      + r.controlWord()
                      + ": "
                      + r.says())
              .toList();
      assertThat(bad).isEmpty();
      assertThat(report.held()).isTrue();
    }
  }
}
