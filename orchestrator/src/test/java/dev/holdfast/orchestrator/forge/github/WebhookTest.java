package dev.holdfast.orchestrator.forge.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.Delivered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Webhook WEBHOOK =
      new Webhook("github", id -> id == 186853002 ? Optional.of("hello") : Optional.empty());
  private static final Contributor CODERTOCAT = new Contributor("github", "21031067", "Codertocat");

  private static final Map<String, String> EXPECTED =
      Map.ofEntries(
          Map.entry("create/payload.json", "Ignored"),
          Map.entry("delete/payload.json", "Ignored"),
          Map.entry("installation/created.json", "AccessChanged"),
          Map.entry("issue_comment/created.json", "Ignored"),
          Map.entry("issue_comment/created.with-installation.json", "Ignored"),
          Map.entry("issue_comment/edited.json", "Ignored"),
          Map.entry("member/added.json", "AccessChanged"),
          Map.entry("organization/member_added.json", "AccessChanged"),
          Map.entry("ping/payload.json", "Ignored"),
          Map.entry("pull_request/closed.json", "Happened"),
          Map.entry("pull_request/converted_to_draft.json", "Ignored"),
          Map.entry("pull_request/labeled.json", "Happened"),
          Map.entry("pull_request/opened.json", "Happened"),
          Map.entry("pull_request/opened.with-organization.json", "Happened"),
          Map.entry("pull_request/reopened.json", "Happened"),
          Map.entry("pull_request/synchronize.json", "Happened"),
          Map.entry("pull_request/unassigned.json", "Ignored"),
          Map.entry("push/1.json", "Ignored"),
          Map.entry("push/payload.json", "Ignored"),
          Map.entry("push/with-installation.json", "Ignored"),
          Map.entry("release/published.json", "Ignored"));

  @Test
  void everyPayloadThatGitHubSentIsReadOrHasAReason() {
    Map<String, byte[]> all = Payloads.all();
    assertThat(all.keySet()).containsAll(EXPECTED.keySet());
    all.forEach((name, body) -> {
      // Of repositories that are ours, whichever they are.
      Delivered delivered =
          new Webhook("github", id -> Optional.of("r" + id)).read(Payloads.kind(name), body, NOW);
      assertThat(delivered.getClass().getSimpleName())
          .as("%s: %s", name, delivered)
          .isEqualTo(EXPECTED.getOrDefault(name, "no expectation"));
    });
  }

  @Test
  void aPullRequestAsGitHubSentIt() {
    assertThat(WEBHOOK.read("pull_request", Payloads.one("pull_request/opened.json"), NOW))
        .isInstanceOfSatisfying(
            Delivered.Happened.class,
            happened -> {
              assertThat(happened.hands()).containsExactly(new Lookup.Known<>(CODERTOCAT));
              assertThat(happened.event().repository()).isEqualTo("hello");
              assertThat(happened.event().contributor()).contains(CODERTOCAT);
              assertThat(happened.event().at()).isEqualTo("2019-05-15T15:20:33Z");
              assertThat(happened.event().happening())
                  .isEqualTo(
                      new Happening.PullRequest(
                          2,
                          PullRequestAction.OPENED,
                          new RefName("master"),
                          new CommitId("f95f852bd8fca8fcc58a9a2d6c842781e32a215e"),
                          new RefName("changes"),
                          new CommitId("ec26c3e57ca3a959ca5aad62de7213c562f8c821"),
                          false));
            });
  }

  @Test
  void aPullRequestOfAnotherRepositoryOrOfOneThatIsGoneIsFromAFork() {
    assertThat(fork(request("{\"id\":186853002}", "7"))).isFalse();
    assertThat(fork(request("{\"id\":186853003}", "7"))).isTrue();
    assertThat(fork(request("null", "7"))).isTrue();
  }

  @Test
  void whoSendsForAnotherIsNamedBesideThem() {
    assertThat(read("pull_request", request("null", "8")))
        .isInstanceOfSatisfying(
            Delivered.Happened.class,
            happened ->
                assertThat(happened.hands())
                    .containsExactly(
                        new Lookup.Known<>(new Contributor("github", "8", "x")),
                        new Lookup.Known<>(new Contributor("github", "7", "x"))));
    assertThat(
            read(
                "pull_request",
                request("null", "7")
                    .replace("\"user\":{\"id\":7,\"login\":\"x\"}", "\"user\":null")))
        .isInstanceOfSatisfying(
            Delivered.Happened.class,
            happened ->
                assertThat(happened.hands())
                    .containsExactly(
                        new Lookup.Absent<>(),
                        new Lookup.Known<>(new Contributor("github", "7", "x"))));
  }

  @Test
  void aPushOfABranchAndOfATag() {
    assertThat(read("push", push("refs/heads/main", "b", "a", false)))
        .isInstanceOfSatisfying(
            Delivered.Happened.class,
            happened ->
                assertThat(happened.event().happening())
                    .isEqualTo(
                        new Happening.Push(
                            new RefName("main"),
                            new CommitId("a".repeat(40)),
                            Optional.of(new CommitId("b".repeat(40))),
                            true)));
    assertThat(read("push", push("refs/tags/v1", "0", "a", false)))
        .isInstanceOfSatisfying(
            Delivered.Happened.class,
            happened ->
                assertThat(happened.event().happening())
                    .isEqualTo(new Happening.Tag(new RefName("v1"), new CommitId("a".repeat(40)))));
  }

  @Test
  void whatIsNotSaidTheSameTwiceIsRefused() {
    assertThat(read("push", push("refs/heads/main", "b", "0", false)))
        .isEqualTo(refused("push", "deleted: contradicts after"));
    assertThat(read("push", push("refs/heads/main", "b", "a", true)))
        .isEqualTo(refused("push", "deleted: contradicts after"));
  }

  @Test
  void aRepositoryThatIsNotOursIsRefused() {
    assertThat(
            new Webhook("github", id -> Optional.empty())
                .read("push", bytes(push("refs/heads/main", "b", "a", false)), NOW))
        .isEqualTo(new Delivered.NotOurs(186853002));
  }

  @Test
  void theSameBodyIsTheSameDeliveryWhateverItsHeaderSays() {
    String body = push("refs/heads/main", "b", "a", false);
    assertThat(read("push", body)).isEqualTo(read("push", body));
    assertThat(read("push", body)).isNotEqualTo(read("push", body + " "));
  }

  @ParameterizedTest
  @CsvSource({"push", "pull_request", "issue_comment", "member"})
  void aBodyThatIsSentAsAnotherKindIsRefused(String kind) {
    assertThat(read(kind, "{\"action\":\"created\",\"sender\":{\"id\":7,\"login\":\"x\"}}"))
        .satisfiesAnyOf(
            delivered -> assertThat(delivered).isInstanceOf(Delivered.Refused.class),
            delivered -> assertThat(delivered).isInstanceOf(Delivered.Ignored.class));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          push | []                      | is not an object
          push | {                       | is not valid JSON
          push | {"before":"x"}          | before: "x" is not a commit
          push | {"before":7}            | before: is not text
          push | {}                      | before: is missing
          """)
  void whatIsNotGitHubsIsRefusedWithThePlace(String kind, String body, String because) {
    assertThat(read(kind, body))
        .isInstanceOfSatisfying(
            Delivered.Refused.class, refused -> assertThat(refused.why()).contains(because));
  }

  @Test
  void whatIsTooLargeOrTooDeepIsRefused() {
    assertThat(WEBHOOK.read("push", new byte[Webhook.MOST_BYTES + 1], NOW))
        .isEqualTo(new Delivered.Refused("the payload is larger than 8 MiB"));
    assertThat(read("push", "[".repeat(100_000))).isInstanceOf(Delivered.Refused.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what differs from a command             | by what              | it is
          nothing                                   | nothing              | Commented
          "action":"created"                        | "action":"edited"    | Ignored
          "pull_request":{}                         | "x":{}               | Ignored
          "updated_at":"1"                          | "updated_at":"2"     | Ignored
          "performed_via_github_app":null           | "performed_via_github_app":{"id":1} | Ignored
          "sender":{"id":7                          | "sender":{"id":8     | Refused
          "repository":{"id":186853002              | "repository":{"id":5 | NotOurs
          /holdfast                                 | > /holdfast          | Ignored
          """)
  void onlyANewCommentOfAPersonOnAPullRequestIsACommand(String what, String by, String expected) {
    String body =
        """
        {"action":"created","issue":{"number":3,"pull_request":{}},
        "comment":{"id":9,"created_at":"1","updated_at":"1","performed_via_github_app":null,
        "user":{"id":7,"login":"x"},"body":"/holdfast approve 0123456789abcdef0123"},
        "repository":{"id":186853002},"sender":{"id":7,"login":"x"}}\
        """;
    Delivered delivered = read("issue_comment", body.replace(what, by));
    assertThat(delivered.getClass().getSimpleName()).isEqualTo(expected);
    if (delivered instanceof Delivered.Commented commented) {
      assertThat(commented)
          .isEqualTo(
              new Delivered.Commented(
                  "hello",
                  3,
                  9,
                  new Contributor("github", "7", "x"),
                  new CommentCommand.Approve("0123456789abcdef0123")));
    }
  }

  private static boolean fork(String body) {
    return read("pull_request", body) instanceof Delivered.Happened happened
        && happened.event().happening() instanceof Happening.PullRequest request
        && request.fork();
  }

  private static Delivered refused(String kind, String why) {
    return new Delivered.Refused("the payload of \"" + kind + "\" is not GitHub's: " + why);
  }

  private static String request(String from, String author) {
    return """
    {"action":"labeled","number":3,"pull_request":{"number":3,"updated_at":"2019-05-15T15:20:33Z",
    "user":{"id":%s,"login":"x"},
    "base":{"ref":"main","sha":"%s","repo":{"id":186853002}},
    "head":{"ref":"topic","sha":"%s","repo":%s}},
    "repository":{"id":186853002},"sender":{"id":7,"login":"x"}}\
    """
        .formatted(author, "b".repeat(40), "a".repeat(40), from);
  }

  private static String push(String ref, String before, String after, boolean deleted) {
    return """
    {"ref":"%s","before":"%s","after":"%s","created":%s,"deleted":%s,"forced":true,
    "repository":{"id":186853002},"sender":{"id":7,"login":"x"}}\
    """
        .formatted(ref, before.repeat(40), after.repeat(40), before.equals("0"), deleted);
  }

  private static Delivered read(String kind, String body) {
    return WEBHOOK.read(kind, bytes(body), NOW);
  }

  private static byte[] bytes(String body) {
    return body.getBytes(StandardCharsets.UTF_8);
  }
}
