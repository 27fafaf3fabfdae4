package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CatalogueTest {
  @Test
  void thereAreEnoughAttacksAndEachHasItsOwnNameAndIdea() {
    assertThat(Catalogue.all()).hasSizeGreaterThan(100);
    assertThat(Catalogue.all()).extracting(Attack::id).doesNotHaveDuplicates();
    assertThat(Catalogue.all()).extracting(Attack::idea).doesNotHaveDuplicates();
    assertThat(Catalogue.all())
        .allSatisfy(a -> assertThat(a.idea()).endsWith(".").hasSizeLessThan(100));
  }

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      names = {"NAMESPACES", "CONTAINER", "MICROVM"})
  void sixtyNeedNoLab(Backend backend) {
    assertThat(Catalogue.all())
        .filteredOn(a -> !a.stoppedBy(backend).isEmpty())
        .filteredOn(a -> !(a.trial() instanceof Trial.Packet))
        .hasSizeGreaterThan(60);
  }

  @Test
  void everyPartOfTheWallStopsSomething() {
    Set<Protection> stopping =
        Catalogue.all().stream()
            .flatMap(a -> a.stoppedBy().values().stream())
            .flatMap(Set::stream)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Protection.class)));
    assertThat(stopping).containsExactlyInAnyOrder(Protection.values());
  }

  @Test
  void mostPartsOfTheWallAreAllThatStopsSomething() {
    // These are always in company: what one of them would let through, another stops.
    var never =
        EnumSet.of(Protection.OWN_USER, Protection.END_PROCESSES, Protection.EGRESS_SOURCE_CHECK);
    assertThat(EnumSet.complementOf(never))
        .allSatisfy(part ->
            assertThat(
                    Stream.of(Backend.NAMESPACES, Backend.CONTAINER, Backend.MICROVM)
                        .flatMap(b -> Catalogue.stoppedOnlyBy(part, b).stream()))
                .as(part.toString())
                .isNotEmpty());
  }

  @Test
  void aGlobIsNoPattern() {
    assertThat(Catalogue.matching("file.*")).isNotEmpty().allMatch(a -> a.kind().equals("file"));
    assertThat(Catalogue.matching("file.host-path")).hasSize(1);
    assertThat(Catalogue.matching("filex*")).isEmpty();
    assertThat(Catalogue.matching("*")).isEqualTo(Catalogue.all());
  }
}
