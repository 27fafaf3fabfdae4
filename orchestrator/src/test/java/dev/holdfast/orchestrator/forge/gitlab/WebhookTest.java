package dev.holdfast.orchestrator.forge.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Sent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What GitLab's webhooks mean, after the payloads that its documentation shows. */
class WebhookTest {
  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
  private static final String FORGE = "gitlab:git.example";
  private static final CommitId A = new CommitId("a".repeat(40));
  private static final CommitId B = new CommitId("b".repeat(40));
  private static final Webhook WEBHOOK =
      new Webhook(FORGE, id -> id == 15 ? Optional.of("diaspora") : Optional.empty());

  private static final String PUSH =
      """
      {"object_kind":"push","event_name":"push","before":"BBBB","after":"AAAA",
       "ref":"refs/heads/main","checkout_sha":"AAAA","user_id":4,"user_name":"John Smith",
       "user_username":"jsmith","project_id":15,"project":{"id":15},"total_commits_count":4}
      """
          .replace("AAAA", A.value())
          .replace("BBBB", B.value());

  private static final String REQUEST =
      """
      {"object_kind":"merge_request","event_type":"merge_request",
       "user":{"id":1,"name":"Administrator","username":"root"},"project":{"id":15},
       "object_attributes":{"id":99,"iid":7,"target_branch":"main","source_branch":"ms-viewport",
        "source_project_id":14,"author_id":51,"target_project_id":15,"state":"opened",
        "last_commit":{"id":"AAAA","message":"fixed readme"},"created_at":"2023-12-03T17:23:34Z",
        "updated_at":"2023-12-03 17:23:35 UTC","action":"open"},
       "changes":{}}
      """
          .replace("AAAA", A.value());

  private static final String NOTE =
      """
      {"object_kind":"note","event_type":"note","user":{"id":1,"username":"root"},"project_id":15,
       "project":{"id":15},"object_attributes":{"id":1244,
        "note":"/holdfast approve 0123456789abcdef0123","noteable_type":"MergeRequest",
        "author_id":1,"created_at":"2023-12-03 17:23:35 UTC",
        "updated_at":"2023-12-03 17:23:35 UTC","action":"create","system":false},
       "merge_request":{"id":99,"iid":7}}
      """;

  private static Delivered read(String body) {
    return WEBHOOK.read(new Sent(Map.of(), body.getBytes(StandardCharsets.UTF_8)), NOW);
  }

  private static Happening happening(String body) {
    assertThat(read(body)).isInstanceOf(Delivered.Happened.class);
    return ((Delivered.Happened) read(body)).event().happening();
  }

  @Test
  void aPushIsByWhoPushed() {
    assertThat(happening(PUSH))
        .isEqualTo(new Happening.Push(new RefName("main"), A, Optional.of(B), false));
    assertThat(((Delivered.Happened) read(PUSH)).hands())
        .containsExactly(new Lookup.Known<>(new Contributor(FORGE, "4", "jsmith")));
    assertThat(
            ((Delivered.Happened) read(PUSH.replace("\"user_id\":4", "\"user_id\":null"))).hands())
        .as("a push that is nobody's")
        .containsExactly(new Lookup.Absent<>());
  }

  @Test
  void aTagIsTheCommitBehindIt() {
    String tag =
        PUSH.replace("\"push\"", "\"tag_push\"")
            .replace("refs/heads/main", "refs/tags/v1")
            .replace("\"after\":\"" + A, "\"after\":\"" + "c".repeat(40));
    assertThat(happening(tag)).isEqualTo(new Happening.Tag(new RefName("v1"), A));
  }

  @Test
  void aMergeRequestIsOfItsAuthorAndOfWhoSentIt() {
    assertThat(happening(REQUEST))
        .isEqualTo(
            new Happening.PullRequest(
                7,
                PullRequestAction.OPENED,
                new RefName("main"),
                Optional.empty(),
                new RefName("ms-viewport"),
                A,
                true));
    var happened = (Delivered.Happened) read(REQUEST);
    assertThat(happened.hands())
        .containsExactly(
            new Lookup.Known<>(new Contributor(FORGE, "51", "account 51")),
            new Lookup.Known<>(new Contributor(FORGE, "1", "root")));
    assertThat(happened.event().at()).isEqualTo(Instant.parse("2023-12-03T17:23:35Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what differs                | by what                               | fork
          nothing                       | nothing                               | true
          "source_project_id":14        | "source_project_id":null              | true
          "source_project_id":14        | "source_project_id":15                | false
          """)
  void whatIsNotOfTheProjectIsAFork(String what, String by, boolean fork) {
    assertThat(((Happening.PullRequest) happening(REQUEST.replace(what, by))).fork())
        .isEqualTo(fork);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # "action":"open"                  | "changes":{}                                      | it is
          "action":"open"                    | "changes":{}                                      | OPENED
          "action":"reopen"                  | "changes":{}                                      | REOPENED
          "action":"close"                   | "changes":{}                                      | CLOSED
          "action":"merge"                   | "changes":{}                                      | CLOSED
          "action":"update","oldrev":"c"     | "changes":{"labels":{"previous":[],"current":[]}} | SYNCHRONIZED
          "action":"update"                  | "changes":{"target_branch":{}}                    | EDITED
          "action":"update"                  | "changes":{"labels":{"previous":[],"current":[{}]}} | LABELED
          "action":"update"                  | "changes":{"labels":{"previous":[{}],"current":[]}} | UNLABELED
          "action":"update"                  | "changes":{"draft":{"previous":true,"current":false}} | READY_FOR_REVIEW
          "action":"update"                  | "changes":{"title":{}}                            | EDITED
          """)
  void whatHappenedToAMergeRequest(String action, String changes, PullRequestAction expected) {
    String body = REQUEST.replace("\"action\":\"open\"", action).replace("\"changes\":{}", changes);
    assertThat(((Happening.PullRequest) happening(body)).action()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what differs from a command             | by what                          | it is
          nothing                                   | nothing                          | Commented
          "action":"create"                         | "action":"update"                | Ignored
          ,"action":"create"                        | ,"x":1                           | Commented
          "noteable_type":"MergeRequest"            | "noteable_type":"Commit"         | Ignored
          "updated_at":"2023-12-03 17:23:35         | "updated_at":"2023-12-03 17:23:36 | Ignored
          "author_id":1                             | "author_id":2                    | Refused
          "project":{"id":15}                       | "project":{"id":16}              | NotOurs
          "note":"/holdfast                         | "note":"> /holdfast              | Ignored
          """)
  void onlyANewCommentOnAMergeRequestIsACommand(String what, String by, String expected) {
    Delivered delivered = read(NOTE.replace(what, by));
    assertThat(delivered.getClass().getSimpleName()).isEqualTo(expected);
    if (delivered instanceof Delivered.Commented commented) {
      assertThat(commented)
          .isEqualTo(
              new Delivered.Commented(
                  "diaspora",
                  7,
                  1244,
                  new Contributor(FORGE, "1", "root"),
                  new CommentCommand.Approve("0123456789abcdef0123")));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what differs                | by what                      | why
          "project_id":15               | "project_id":"15"            | project_id: is not an id
          "ref":"refs/heads/main"       | "ref":"main"                 | ref: does not start with
          "ref":"refs/heads/main"       | "ref":"refs/heads/../x"      | ref
          "user_username":"jsmith"      | "user_username":7            | user_username: is not text
          "object_kind":"push"          | "object_kind":["push"]       | object_kind: is not text
          """)
  void whatIsWrongIsRefusedWithItsPlace(String what, String by, String why) {
    assertThat(read(PUSH.replace(what, by)))
        .isInstanceOfSatisfying(
            Delivered.Refused.class, refused -> assertThat(refused.why()).contains(why));
  }

  @Test
  void aDeletedBranchRunsNothing() {
    String body =
        PUSH.replace("\"after\":\"" + A, "\"after\":\"" + "0".repeat(40))
            .replace("\"checkout_sha\":\"" + A + "\"", "\"checkout_sha\":null");
    assertThat(read(body)).isInstanceOf(Delivered.Ignored.class);
  }

  @Test
  void aMemberThatChangedIsForgotten() {
    assertThat(read("{\"event_name\":\"user_update_for_group\",\"user_id\":64}"))
        .isEqualTo(new Delivered.AccessChanged(Optional.of("64")));
  }

  @Test
  void aDeliveryIsKnownByItsSignedIdOrByItsBody() {
    byte[] body = PUSH.getBytes(StandardCharsets.UTF_8);
    assertThat(delivery(new Sent(Map.of("webhook-id", "w1", "webhook-signature", "s"), body)))
        .isEqualTo("gitlab:w1");
    assertThat(delivery(new Sent(Map.of("webhook-id", "w1"), body)))
        .as("not signed, so it is anybody's word")
        .isEqualTo("gitlab:" + new Sent(Map.of(), body).digest());
  }

  private static String delivery(Sent sent) {
    return ((Delivered.Happened) WEBHOOK.read(sent, NOW)).event().delivery();
  }

  /** Bytes changed at random: never a crash, never another project, never a branch for a fork. */
  @Test
  void damageIsNoCrashAndNoFavour() {
    var random = new Random(20260501);
    for (int i = 0; i < 20_000; i++) {
      byte[] body =
          (switch (i % 3) {
                case 0 -> PUSH;
                case 1 -> REQUEST;
                default -> NOTE;
              })
              .getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(3); change >= 0; change--) {
        body[random.nextInt(body.length)] = (byte) (32 + random.nextInt(95));
      }
      if (WEBHOOK.read(new Sent(Map.of(), body), NOW)
          instanceof Delivered.Happened(var event, var hands)) {
        assertThat(event.repository()).isEqualTo("diaspora");
        assertThat(hands).isNotEmpty();
        if (event.happening() instanceof Happening.PullRequest request) {
          String text = new String(body, StandardCharsets.UTF_8);
          assertThat(request.fork() || text.contains("\"source_project_id\":15")).as(text).isTrue();
        }
      }
    }
  }
}
