package dev.holdfast.model.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.Examples;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BoundTest {
  private static final CommitId COMMIT = new CommitId("1".repeat(40));

  /** A job in these environments. */
  static Job in(String... environments) {
    Job plain = Examples.workflow(Examples.job("deploy")).jobs().getFirst();
    var fields = new LinkedHashMap<>(((Json.Obj) Records.encode(Job.class, plain)).fields());
    fields.put(
        "environments", new Json.Arr(Stream.of(environments).<Json>map(Json.Str::new).toList()));
    return Records.decode(Job.class, new Json.Obj(fields));
  }

  private static String of(Happening happening, String... environments) {
    return switch (Bound.of(in(environments), happening)) {
      case Bound.To(var names) -> names.toString();
      case Bound.Nameless(var why) -> why;
    };
  }

  private static Happening push(String branch) {
    return new Happening.Push(new RefName(branch), COMMIT, Optional.empty(), false);
  }

  private static Happening request(boolean fork) {
    return new Happening.PullRequest(
        7,
        PullRequestAction.OPENED,
        new RefName("main"),
        COMMIT,
        new RefName("topic"),
        COMMIT,
        fork);
  }

  @Test
  void aStarIsTheBranch() {
    assertThat(of(push("feature/x"), "base", "review/*")).isEqualTo("[base, review/feature/x]");
    assertThat(of(request(false), "review/*")).isEqualTo("[review/topic]");
    assertThat(of(push("x"), "review/x", "review/*")).as("once").isEqualTo("[review/x]");
    assertThat(new EnvironmentPattern("review/*").name()).isEmpty();
  }

  /** A stranger's branch may be called like ours, and a tag like a branch. */
  @Test
  void aForkOrATagHasNoBranchOfThisRepository() {
    assertThat(of(request(true), "review/*")).startsWith("review/* ends in the name of a branch");
    assertThat(of(new Happening.Tag(new RefName("topic"), COMMIT), "review/*"))
        .startsWith("review/* ends in the name of a branch");
    assertThat(of(request(true), "production")).as("control").isEqualTo("[production]");
  }

  @Test
  void aBranchThatIsNoNameMakesNone() {
    for (String hostile : List.of("$(reboot)", "a'b", "--x", "a/-b", "a,b")) {
      assertThat(of(push(hostile), "review/*")).startsWith("there is no environment review/* for");
    }
  }
}
