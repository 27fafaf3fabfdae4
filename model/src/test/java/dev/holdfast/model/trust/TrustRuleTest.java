package dev.holdfast.model.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustRuleTest {
  /** A dash is "there is none", an exclamation mark "could not be looked up". */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # fork | visibility | id | user | right            | permission | | trust   | because
          no     | public     | 7  | ann  | CHANGE_WORKFLOWS | WRITE      | | TRUSTED | may change workflows
          no     | private    | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | TRUSTED | may change workflows
          yes    | public     | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | KNOWN   | from a fork
          no     | public     | 7  | ann  | CHANGE_WORKFLOWS | READ       | | KNOWN   | may develop
          no     | public     | 7  | ann  | CHANGE_WORKFLOWS | NONE       | | UNKNOWN | let them in
          no     | public     | 7  | ann  | CHANGE_WORKFLOWS | -          | | UNKNOWN | let them in
          no     | public     | 7  | ann  | DEVELOP          | WRITE      | | KNOWN   | may develop
          yes    | public     | 7  | ann  | DEVELOP          | READ       | | KNOWN   | may develop
          no     | public     | 7  | ann  | VIEW             | WRITE      | | KNOWN   | lets them write
          no     | public     | 7  | -    | CHANGE_WORKFLOWS | WRITE      | | KNOWN   | lets them write
          no     | public     | 7  | -    | -                | ADMIN      | | KNOWN   | lets them write
          no     | public     | 7  | -    | -                | READ       | | UNKNOWN | let them in
          no     | private    | 7  | -    | -                | READ       | | KNOWN   | private repository
          yes    | public     | 7  | -    | -                | NONE       | | UNKNOWN | let them in
          no     | public     | -  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | no id
          -      | public     | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | comes from a fork
          no     | -          | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | repository is public
          !      | public     | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | timed out
          no     | !          | 7  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | timed out
          no     | public     | !  | ann  | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | timed out
          no     | public     | 7  | !    | CHANGE_WORKFLOWS | ADMIN      | | UNKNOWN | timed out
          no     | public     | 7  | ann  | !                | ADMIN      | | UNKNOWN | timed out
          no     | public     | 7  | ann  | CHANGE_WORKFLOWS | !          | | UNKNOWN | timed out
          """)
  void theTable(
      String fork,
      String visibility,
      String id,
      String user,
      String right,
      String permission,
      String nothing,
      Trust expected,
      String because) {
    var facts =
        new TrustFacts(
            lookup(fork, "yes"::equals),
            lookup(visibility, v -> v.equals("public") ? Visibility.PUBLIC : Visibility.PRIVATE),
            lookup(id, v -> v),
            lookup(user, v -> v),
            lookup(right, Right::valueOf),
            lookup(permission, ForgePermission::valueOf));
    Standing standing = TrustRule.of(facts);
    assertThat(standing.trust()).isEqualTo(expected);
    assertThat(standing.reasons()).anyMatch(reason -> reason.contains(because));
  }

  @Test
  void aLookUpThatFailsNeverRaisesTrust() {
    var seen = new ArrayList<Trust>();
    for (TrustFacts facts : all()) {
      seen.add(TrustRule.of(facts).trust());
      for (TrustFacts failed : oneFailed(facts)) {
        assertThat(TrustRule.of(failed).trust()).as(failed.toString()).isEqualTo(Trust.UNKNOWN);
      }
    }
    assertThat(seen).contains(Trust.values());
  }

  @Test
  void lessRightLessPermissionAndAForkNeverRaiseTrust() {
    for (TrustFacts facts : all()) {
      Trust before = TrustRule.of(facts).trust();
      for (TrustFacts less : lesser(facts)) {
        assertThat(TrustRule.of(less).trust())
            .as("%s after %s", less, facts)
            .isLessThanOrEqualTo(before);
      }
    }
  }

  @Test
  void ofTwoPeopleTheLesserCounts() {
    for (Trust one : Trust.values()) {
      for (Trust other : Trust.values()) {
        assertThat(new Standing(one, "one").and(new Standing(other, "other")).trust())
            .isEqualTo(one.or(other))
            .isLessThanOrEqualTo(one)
            .isLessThanOrEqualTo(other);
      }
    }
  }

  private static List<TrustFacts> all() {
    var all = new ArrayList<TrustFacts>();
    for (Lookup<Boolean> fork : each(List.of(true, false))) {
      for (Lookup<Visibility> visibility : each(List.of(Visibility.values()))) {
        for (Lookup<String> id : each(List.of("7"))) {
          for (Lookup<String> user : each(List.of("ann"))) {
            for (Lookup<Right> right : each(List.of(Right.values()))) {
              for (Lookup<ForgePermission> permission : each(List.of(ForgePermission.values()))) {
                all.add(new TrustFacts(fork, visibility, id, user, right, permission));
              }
            }
          }
        }
      }
    }
    return all;
  }

  private static List<TrustFacts> oneFailed(TrustFacts f) {
    return List.of(
        new TrustFacts(
            failed(), f.visibility(), f.contributor(), f.user(), f.right(), f.permission()),
        new TrustFacts(f.fork(), failed(), f.contributor(), f.user(), f.right(), f.permission()),
        new TrustFacts(f.fork(), f.visibility(), failed(), f.user(), f.right(), f.permission()),
        new TrustFacts(
            f.fork(), f.visibility(), f.contributor(), failed(), f.right(), f.permission()),
        new TrustFacts(
            f.fork(), f.visibility(), f.contributor(), f.user(), failed(), f.permission()),
        new TrustFacts(f.fork(), f.visibility(), f.contributor(), f.user(), f.right(), failed()));
  }

  private static List<TrustFacts> lesser(TrustFacts f) {
    var lesser = new ArrayList<TrustFacts>();
    if (f.fork().known().isPresent()) {
      lesser.add(
          new TrustFacts(
              new Lookup.Known<>(true),
              f.visibility(),
              f.contributor(),
              f.user(),
              f.right(),
              f.permission()));
    }
    lesser.add(
        new TrustFacts(
            f.fork(),
            f.visibility(),
            f.contributor(),
            new Lookup.Absent<>(),
            f.right(),
            f.permission()));
    for (Right right : Right.values()) {
      if (f.right().known().filter(had -> right.compareTo(had) < 0).isPresent()) {
        lesser.add(
            new TrustFacts(
                f.fork(),
                f.visibility(),
                f.contributor(),
                f.user(),
                new Lookup.Known<>(right),
                f.permission()));
      }
    }
    for (ForgePermission permission : ForgePermission.values()) {
      if (f.permission().known().filter(had -> permission.compareTo(had) < 0).isPresent()) {
        lesser.add(
            new TrustFacts(
                f.fork(),
                f.visibility(),
                f.contributor(),
                f.user(),
                f.right(),
                new Lookup.Known<>(permission)));
      }
    }
    return lesser;
  }

  private static <T> List<Lookup<T>> each(List<T> values) {
    return Stream.concat(
            Stream.<Lookup<T>>of(new Lookup.Absent<>()),
            values.stream().<Lookup<T>>map(Lookup.Known::new))
        .toList();
  }

  private static <T> Lookup<T> failed() {
    return new Lookup.Failed<>("timed out");
  }

  private static <T> Lookup<T> lookup(String cell, java.util.function.Function<String, T> read) {
    return switch (cell) {
      case "-" -> new Lookup.Absent<>();
      case "!" -> failed();
      default -> new Lookup.Known<>(read.apply(cell));
    };
  }
}
