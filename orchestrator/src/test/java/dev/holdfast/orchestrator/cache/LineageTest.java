package dev.holdfast.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose caches are whose. */
class LineageTest {
  private static final CommitId COMMIT = new CommitId("1".repeat(40));
  private static final Optional<RefName> MAIN = Optional.of(new RefName("main"));

  private static Happening pull(long number, String base, String head) {
    return new Happening.PullRequest(
        number,
        PullRequestAction.OPENED,
        new RefName(base),
        COMMIT,
        new RefName(head),
        COMMIT,
        true);
  }

  private static Happening push(String branch) {
    return new Happening.Push(new RefName(branch), COMMIT, Optional.empty(), false);
  }

  @Test
  void theDefaultBranch_readsItsOwnAlone() {
    assertThat(Lineage.of(push("main"), MAIN).reads()).containsExactly("branch:main");
    assertThat(
            Lineage.of(
                    new Happening.Manual(new Name("ci"), new RefName("main"), COMMIT, Map.of()),
                    MAIN)
                .reads())
        .containsExactly("branch:main");
    assertThat(
            Lineage.of(
                    new Happening.Schedule(
                        new Name("ci"), "0 0 * * *", new RefName("main"), COMMIT),
                    MAIN)
                .writes())
        .isEqualTo("branch:main");
  }

  @Test
  void aBranch_readsItsOwnAndTheDefaultBranchs() {
    assertThat(Lineage.of(push("topic"), MAIN))
        .isEqualTo(new Lineage("branch:topic", java.util.List.of("branch:topic", "branch:main")));
    assertThat(Lineage.of(push("topic"), Optional.empty()).reads()).containsExactly("branch:topic");
  }

  @Test
  void aPullRequest_isKnownByItsNumber_whateverItsBranchIsCalled() {
    assertThat(Lineage.of(pull(5, "next", "main"), MAIN))
        .isEqualTo(
            new Lineage("pull:5", java.util.List.of("pull:5", "branch:next", "branch:main")));
    assertThat(Lineage.of(pull(5, "main", "pull-6"), MAIN).writes()).isEqualTo("pull:5");
    // A branch that is called like a pull request's scope is still a branch.
    assertThat(Lineage.of(push("pull/5"), MAIN).writes()).isEqualTo("branch:pull/5");
  }

  @Test
  void aTag_isNotTheBranchOfItsName() {
    assertThat(Lineage.of(new Happening.Tag(new RefName("main"), COMMIT), MAIN))
        .isEqualTo(new Lineage("tag:main", java.util.List.of("tag:main", "branch:main")));
  }
}
