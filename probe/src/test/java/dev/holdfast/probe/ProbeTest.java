package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.List;
import java.util.Set;
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

  /** What gets through in containers today; {@code docs/probe.md} says why. */
  private static final Set<String> OPEN =
      Set.of("kernel.io-uring", "kernel.vsock", "resource.disk", "resource.files");

  /** What holds in containers without a control that shows why; {@code docs/probe.md} as well. */
  private static final Set<String> WITHOUT_CONTROL =
      Set.of(
          "environment.memory-maps",
          "environment.of-processes",
          "environment.open-files",
          "file.by-process-root",
          "kernel.file-handle",
          "kernel.fsopen",
          "kernel.host-name",
          "kernel.mount",
          "persistence.background-process",
          "persistence.git-hook",
          "persistence.home",
          "persistence.pipe",
          "persistence.profile",
          "persistence.shared-memory",
          "persistence.tmp",
          "persistence.tool-cache",
          "persistence.workspace",
          "resource.shared-memory");

  @Test
  void inNamespacesEveryAttackIsStoppedAndEveryControlGetsThrough() throws Exception {
    everythingHolds(Backend.NAMESPACES, Set.of(), Set.of());
  }

  @Test
  void inContainersEveryAttackButTheNamedIsStopped() throws Exception {
    everythingHolds(Backend.CONTAINER, OPEN, WITHOUT_CONTROL);
  }

  private static void everythingHolds(Backend backend, Set<String> open, Set<String> withoutControl)
      throws Exception {
    try (Site site = Site.open(backend)) {
      Report report = site.run(backend, WANTED);
      System.out.println(backend + ": " + report.summary());
      assertThat(report.results())
          .filteredOn(r -> r.state() != Result.State.NOT_RUN && !r.good())
          .filteredOn(r -> r.state() != Result.State.NOT_HELD || !open.contains(r.attack().id()))
          .filteredOn(
              r -> r.state() != Result.State.HELD || !withoutControl.contains(r.attack().id()))
          .extracting(r ->
              r.attack().id()
                  + ": "
                  + r.state().word()
                  + ", control "
                  + r.controlWord()
                  + ": "
                  + r.says())
          .isEmpty();
      if (open.isEmpty() && withoutControl.isEmpty()) {
        assertThat(report.held()).isTrue();
      }
    }
  }
}
