package dev.holdfast.model.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.trust.Right;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GrantTest {
  private static final Optional<String> INSTALLATION = Optional.empty();
  private static final Optional<String> HERE = Optional.of("repo_here");
  private static final Optional<String> ELSEWHERE = Optional.of("repo_elsewhere");

  private static List<Grant> of(String what, Optional<String> repository) {
    return List.of(new Grant(Grantable.of(what).orElseThrow(), repository));
  }

  private static String words(List<Grant> grants, Optional<String> where) {
    return Arrays.stream(Permission.values())
        .filter(permission -> Grant.allowed(grants, permission, where))
        .map(Permission::word)
        .collect(Collectors.joining(" "));
  }

  /** What each role lets somebody do, where it was granted everywhere. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "owner     | view develop start-runs change-workflows approve manage-policy manage-environments"
            + " view-secrets manage-secrets manage-repositories manage-users read-audit manage-keys"
            + " manage-agents manage-tokens"
            + " manage-owners",
        "admin     | view develop start-runs change-workflows approve manage-policy manage-environments"
            + " view-secrets manage-secrets manage-repositories manage-users read-audit manage-keys"
            + " manage-agents manage-tokens",
        "approver  | view develop start-runs approve view-secrets",
        "developer | view develop start-runs view-secrets",
        "viewer    | view",
        "auditor   | view view-secrets read-audit",
        "approve   | approve",
      })
  void whatIsGrantedEverywhereHoldsEverywhere(String what, String permissions) {
    assertThat(words(of(what, INSTALLATION), INSTALLATION)).isEqualTo(permissions);
    assertThat(words(of(what, INSTALLATION), HERE)).isEqualTo(permissions);
  }

  /** The same, granted for one repository: only what there is to do in one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "owner     | view develop start-runs change-workflows approve manage-policy manage-environments"
            + " view-secrets manage-secrets manage-repositories manage-users",
        "admin     | view develop start-runs change-workflows approve manage-policy manage-environments"
            + " view-secrets manage-secrets manage-repositories manage-users",
        "approver  | view develop start-runs approve view-secrets",
        "developer | view develop start-runs view-secrets",
        "viewer    | view",
        "auditor   | view view-secrets",
        "change-workflows | change-workflows",
      })
  void whatIsGrantedInARepositoryHoldsThereAlone(String what, String permissions) {
    assertThat(words(of(what, HERE), HERE)).isEqualTo(permissions);
    assertThat(words(of(what, HERE), ELSEWHERE)).isEmpty();
    assertThat(words(of(what, HERE), INSTALLATION)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsGrantedByDefault(Permission permission) {
    assertThat(Grant.allowed(List.of(), permission, HERE)).isFalse();
    assertThat(Grant.allowed(List.of(), permission, INSTALLATION)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "owner            | CHANGE_WORKFLOWS",
        "admin            | CHANGE_WORKFLOWS",
        "change-workflows | CHANGE_WORKFLOWS",
        "approver         | DEVELOP",
        "developer        | DEVELOP",
        "viewer           | VIEW",
        "auditor          | VIEW",
        "approve          | NONE",
        "manage-users     | NONE",
      })
  void theRightToPushFollows(String what, Right right) {
    assertThat(Grant.right(of(what, INSTALLATION), "repo_here")).isEqualTo(right);
    assertThat(Grant.right(of(what, HERE), "repo_here")).isEqualTo(right);
    assertThat(Grant.right(of(what, ELSEWHERE), "repo_here")).isEqualTo(Right.NONE);
    assertThat(Grant.right(List.of(), "repo_here")).isEqualTo(Right.NONE);
  }

  @Test
  void everyWordMeansOneThing() {
    List<String> words =
        java.util.stream.Stream.concat(
                Arrays.stream(Role.values()).map(Role::word),
                Arrays.stream(Permission.values()).map(Permission::word))
            .toList();
    assertThat(words).doesNotHaveDuplicates();
    assertThat(words)
        .allSatisfy(w -> assertThat(Grantable.of(w).orElseThrow().word()).isEqualTo(w));
    assertThat(Grantable.of("root")).isEmpty();
    assertThat(Permission.named("owner")).isEmpty();
  }

  @Test
  void aScopeOnlyNarrows() {
    var view = new Scope(Optional.of(Set.of(Permission.VIEW)), INSTALLATION);
    var viewHere = new Scope(Optional.of(Set.of(Permission.VIEW)), HERE);
    var allHere = new Scope(Optional.empty(), HERE);
    var nothing = new Scope(Optional.of(Set.of()), INSTALLATION);
    assertThat(Scope.ALL.covers(Permission.MANAGE_OWNERS, INSTALLATION)).isTrue();
    assertThat(view.covers(Permission.VIEW, HERE)).isTrue();
    assertThat(view.covers(Permission.APPROVE, HERE)).isFalse();
    assertThat(viewHere.covers(Permission.VIEW, ELSEWHERE)).isFalse();
    assertThat(viewHere.covers(Permission.VIEW, INSTALLATION)).isFalse();
    assertThat(allHere.covers(Permission.MANAGE_OWNERS, INSTALLATION)).isFalse();
    assertThat(nothing.covers(Permission.VIEW, HERE)).isFalse();

    var all = List.of(Scope.ALL, view, viewHere, allHere, nothing);
    for (Scope narrow : all) {
      for (Scope wide : all) {
        boolean covered =
            Arrays.stream(Permission.values())
                .allMatch(p ->
                    java.util.stream.Stream.of(INSTALLATION, HERE, ELSEWHERE)
                        .allMatch(where -> !narrow.covers(p, where) || wide.covers(p, where)));
        // Within is what covers says, but for a scope that covers nothing, which is not looked
        // into.
        if (narrow.within(wide)) {
          assertThat(covered).as("%s in %s", narrow, wide).isTrue();
        } else if (!narrow.equals(nothing)) {
          assertThat(covered).as("%s in %s", narrow, wide).isFalse();
        }
      }
    }
  }
}
