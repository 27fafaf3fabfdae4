package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All attacks, in the order in which they are run. */
public final class Catalogue {
  private static final List<Attack> ALL =
      Stream.of(
              EnvironmentAttacks.ALL,
              FileAttacks.ALL,
              ProcessAttacks.ALL,
              KernelAttacks.ALL,
              ResourceAttacks.ALL,
              NetworkAttacks.ALL,
              PersistenceAttacks.ALL,
              ProtocolAttacks.ALL,
              GitAttacks.ALL)
          .flatMap(List::stream)
          .toList();

  private Catalogue() {}

  /** Every attack there is. */
  public static List<Attack> all() {
    return ALL;
  }

  /** Those whose id fits {@code glob}, in which {@code *} stands for anything. */
  public static List<Attack> matching(String glob) {
    String pattern =
        Stream.of(glob.split("\\*", -1))
            .map(Pattern::quote)
            .reduce((a, b) -> a + ".*" + b)
            .orElse("");
    return ALL.stream().filter(a -> a.id().matches(pattern)).toList();
  }

  /** Those that {@code protection}, and nothing else, stops on {@code backend}. */
  public static List<Attack> stoppedOnlyBy(Protection protection, Backend backend) {
    return ALL.stream()
        .filter(a -> a.stoppedBy(backend).equals(java.util.Set.of(protection)))
        .toList();
  }
}
