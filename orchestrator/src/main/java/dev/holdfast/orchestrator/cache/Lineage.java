package dev.holdfast.orchestrator.cache;

import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose caches a run reads and writes. Pure.
 *
 * <p>A branch reads its own and the default branch's; a pull request its own, its base's and the
 * default branch's; a tag its own and the default branch's. Each writes its own alone, so that
 * nothing that comes from a pull request is ever found by a branch, and nothing at all of others by
 * the default branch.
 */
record Lineage(String writes, List<String> reads) {
  /**
   * Of what happened.
   *
   * @param main the default branch; none where it cannot be told, and then nobody reads its caches
   */
  static Lineage of(Happening happening, Optional<RefName> main) {
    // By number: a fork names its branch as it likes, say like one of ours.
    String own =
        switch (happening) {
          case Happening.PullRequest request -> "pull:" + request.number();
          case Happening.Tag tag -> "tag:" + tag.ref();
          case Happening.Push push -> branch(push.ref());
          case Happening.Manual manual -> branch(manual.ref());
          case Happening.Schedule schedule -> branch(schedule.ref());
        };
    var reads = new ArrayList<String>();
    reads.add(own);
    if (happening instanceof Happening.PullRequest request) {
      add(reads, branch(request.base()));
    }
    main.ifPresent(name -> add(reads, branch(name)));
    return new Lineage(own, List.copyOf(reads));
  }

  private static void add(List<String> scopes, String scope) {
    if (!scopes.contains(scope)) {
      scopes.add(scope);
    }
  }

  private static String branch(RefName name) {
    return "branch:" + name;
  }
}
