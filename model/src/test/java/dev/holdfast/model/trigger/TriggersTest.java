package dev.holdfast.model.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.Examples;
import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.InputKind;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TriggersTest {
  private static final CommitId COMMIT = new CommitId("a".repeat(40));
  private static final ChangedFiles CHANGED =
      new ChangedFiles.Known(List.of("src/A.java", "README.md"));

  static Stream<Arguments> table() {
    return Stream.of(
        row(on(), push("main"), "push to \"main\""),
        row(on(), tag("v1"), "-push names no tags"),
        row(on("main"), push("dev"), "-branch \"dev\" is not among [main]"),
        row(on("release/*", "main"), push("release/1"), "push to \"release/1\""),
        row(onTags("v*"), tag("v1"), "tag \"v1\""),
        row(onTags("v*"), tag("w1"), "-tag \"w1\" is not among [v*]"),
        row(onTags("v*"), push("main"), "-push is limited to tags"),
        row(onPaths("src/**"), push("main"), "push to \"main\", which changes \"src/A.java\""),
        row(onPaths("docs/**"), push("main"), "-no changed file is among the paths [docs/**]"),
        row(on("**"), push("$(reboot)"), "push to \"$(reboot)\""),
        row(on(), pull("main", PullRequestAction.OPENED), "-it waits for push, not for a pull"),
        row(onPull("main"), pull("main", PullRequestAction.OPENED), "pull request 7"),
        row(onPull("main"), pull("dev", PullRequestAction.OPENED), "-branch \"dev\""),
        row(onPull("main"), pull("main", PullRequestAction.CLOSED), "-the action CLOSED"),
        row(manual(), asked(Map.of("level", "high")), "manual start"),
        row(manual(), asked(Map.of("level", "x")), "-the input level cannot be \"x\""),
        row(manual(), asked(Map.of()), "-the input level is not given"),
        row(manual(), asked(Map.of("level", "low", "z", "")), "-it has no input \"z\""),
        row(new Trigger.Schedule("0 4 * * *"), clock("0 4 * * *"), "schedule 0 4 * * *"),
        row(new Trigger.Schedule("0 4 * * *"), clock("0 5 * * *"), "-it has no schedule"));
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @MethodSource("table")
  void decides(Trigger trigger, Happening happening, String expected) {
    Match match =
        Triggers.match(Examples.workflow(trigger, Examples.job("a")), happening, () -> CHANGED);
    boolean starts = !expected.startsWith("-");
    assertThat(match).isInstanceOf(starts ? Match.Starts.class : Match.DoesNotStart.class);
    assertThat(match.reason()).startsWith(starts ? expected : expected.substring(1));
  }

  @Test
  void unknownChangesLetAPathFilterThrough() {
    var workflow = Examples.workflow(onPaths("docs/**"), Examples.job("a"));
    assertThat(
            Triggers.match(
                workflow, push("main"), () -> new ChangedFiles.Unknown("the branch is new")))
        .isInstanceOf(Match.Starts.class)
        .extracting(Match::reason)
        .asString()
        .endsWith("which files changed is not known: the branch is new");
  }

  @Test
  void changedFilesAreNotAskedForWithoutNeed() {
    var workflow = Examples.workflow(on("main"), Examples.job("a"));
    Match match =
        Triggers.match(
            workflow,
            push("main"),
            () -> {
              throw new AssertionError("asked");
            });
    assertThat(match).isInstanceOf(Match.Starts.class);
  }

  private static Arguments row(Trigger trigger, Happening happening, String expected) {
    return Arguments.of(trigger, happening, expected);
  }

  private static Trigger on(String... branches) {
    return new Trigger.Push(List.of(branches), List.of(), List.of());
  }

  private static Trigger onTags(String... tags) {
    return new Trigger.Push(List.of(), List.of(tags), List.of());
  }

  private static Trigger onPaths(String... paths) {
    return new Trigger.Push(List.of(), List.of(), List.of(paths));
  }

  private static Trigger onPull(String... branches) {
    return new Trigger.PullRequest(List.of(branches), List.of(), List.of());
  }

  private static Trigger manual() {
    return new Trigger.Manual(
        List.of(
            new Input(
                new Name("level"),
                InputKind.CHOICE,
                Optional.empty(),
                Optional.empty(),
                List.of("low", "high"))));
  }

  private static Happening push(String branch) {
    return new Happening.Push(new RefName(branch), COMMIT, Optional.empty(), false);
  }

  private static Happening tag(String tag) {
    return new Happening.Tag(new RefName(tag), COMMIT);
  }

  private static Happening pull(String base, PullRequestAction action) {
    return new Happening.PullRequest(
        7, action, new RefName(base), COMMIT, new RefName("topic"), COMMIT, true);
  }

  private static Happening asked(Map<String, String> inputs) {
    return new Happening.Manual(new Name("ci"), new RefName("main"), COMMIT, inputs);
  }

  private static Happening clock(String cron) {
    return new Happening.Schedule(new Name("ci"), cron, new RefName("main"), COMMIT);
  }
}
