package dev.holdfast.orchestrator.forge.gitea;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.Delivered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Gitea's webhooks mean, after its published structures. */
class WebhookTest {
  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
  private static final String FORGE = "gitea:git.example";
  private static final CommitId A = new CommitId("a".repeat(40));
  private static final CommitId B = new CommitId("b".repeat(40));
  private static final Webhook WEBHOOK =
      new Webhook(FORGE, id -> id == 140 ? Optional.of("gogs") : Optional.empty());

  private static final String PUSH =
      """
      {"ref":"refs/heads/develop","before":"BBBB","after":"AAAA","total_commits":1,
       "repository":{"id":140,"full_name":"gitea/webhooks"},
       "pusher":{"id":1,"login":"gitea"},"sender":{"id":1,"login":"gitea"}}
      """
          .replace("AAAA", A.value())
          .replace("BBBB", B.value());

  private static final String REQUEST =
      """
      {"action":"opened","number":12,
       "pull_request":{"id":8,"number":12,"user":{"id":7,"login":"jane"},
        "updated_at":"2026-04-30T10:00:00+02:00",
        "base":{"ref":"main","sha":"BBBB","repo":{"id":140}},
        "head":{"ref":"topic","sha":"AAAA","repo":{"id":141}}},
       "repository":{"id":140},"sender":{"id":1,"login":"gitea"}}
      """
          .replace("AAAA", A.value())
          .replace("BBBB", B.value());

  private static final String COMMENT =
      """
      {"action":"created","is_pull":true,"issue":{"number":12},
       "comment":{"id":9,"user":{"id":7,"login":"jane"},"created_at":"1","updated_at":"1",
        "body":"/holdfast approve 0123456789abcdef0123"},
       "repository":{"id":140},"sender":{"id":7,"login":"jane"}}
      """;

  private static Delivered read(String kind, String body) {
    return WEBHOOK.read(kind, body.getBytes(StandardCharsets.UTF_8), NOW);
  }

  private static Happening happening(String kind, String body) {
    assertThat(read(kind, body)).isInstanceOf(Delivered.Happened.class);
    return ((Delivered.Happened) read(kind, body)).event().happening();
  }

  @Test
  void aPushIsByWhoPushedAndWhoSentIt() {
    assertThat(happening("push", PUSH))
        .isEqualTo(new Happening.Push(new RefName("develop"), A, Optional.of(B), false));
    String forAnother = PUSH.replace("\"sender\":{\"id\":1", "\"sender\":{\"id\":2");
    assertThat(((Delivered.Happened) read("push", forAnother)).hands())
        .containsExactly(
            new Lookup.Known<>(new Contributor(FORGE, "1", "gitea")),
            new Lookup.Known<>(new Contributor(FORGE, "2", "gitea")));
  }

  @Test
  void aPullRequestIsOfItsAuthorAndOfWhoSentIt() {
    assertThat(happening("pull_request", REQUEST))
        .isEqualTo(
            new Happening.PullRequest(
                12,
                PullRequestAction.OPENED,
                new RefName("main"),
                B,
                new RefName("topic"),
                A,
                true));
    var happened = (Delivered.Happened) read("pull_request", REQUEST);
    assertThat(happened.hands()).hasSize(2);
    assertThat(happened.event().at()).isEqualTo(Instant.parse("2026-04-30T08:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # kind       | what differs               | by what                    | it is
          push         | nothing                    | nothing                    | Happened
          push         | "repository":{"id":140     | "repository":{"id":5       | NotOurs
          push         | "pusher":{"id":1           | "pusher":{"id":"1"         | Refused
          push         | refs/heads/                | refs/notes/                | Ignored
          pull_request | "id":8,"number":12         | "id":8,"number":13         | Refused
          pull_request | "base":{"ref":"main"       | "base":{"ref":"a b"        | Refused
          pull_request | "repo":{"id":140}}         | "repo":{"id":141}}         | Refused
          pull_request | "repo":{"id":141}          | "repo":null                | Happened
          pull_request | "action":"opened"          | "action":"assigned"        | Ignored
          issue_comment | nothing                   | nothing                    | Commented
          issue_comment | "is_pull":true            | "is_pull":false            | Ignored
          issue_comment | "action":"created"        | "action":"edited"          | Ignored
          issue_comment | "updated_at":"1"          | "updated_at":"2"           | Ignored
          issue_comment | "sender":{"id":7          | "sender":{"id":8           | Refused
          issue_comment | "body":"/holdfast         | "body":"> /holdfast        | Ignored
          issue_comment | "repository":{"id":140    | "repository":{"id":5       | NotOurs
          """)
  void theTable(String kind, String what, String by, String expected) {
    String body =
        switch (kind) {
          case "push" -> PUSH;
          case "pull_request" -> REQUEST;
          default -> COMMENT;
        };
    String changed = body.replace(what, by);
    assertThat(what.equals("nothing")).isEqualTo(changed.equals(body));
    assertThat(read(kind, changed).getClass().getSimpleName()).isEqualTo(expected);
  }

  /**
   * Bytes changed at random: never a crash, never another repository, never a branch for a fork.
   */
  @Test
  void damageIsNoCrashAndNoFavour() {
    var random = new Random(20260502);
    for (int i = 0; i < 20_000; i++) {
      String kind =
          switch (i % 3) {
            case 0 -> "push";
            case 1 -> "pull_request";
            default -> "issue_comment";
          };
      byte[] body =
          (switch (i % 3) {
                case 0 -> PUSH;
                case 1 -> REQUEST;
                default -> COMMENT;
              })
              .getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(3); change >= 0; change--) {
        body[random.nextInt(body.length)] = (byte) (32 + random.nextInt(95));
      }
      if (WEBHOOK.read(kind, body, NOW) instanceof Delivered.Happened(var event, var hands)) {
        assertThat(event.repository()).isEqualTo("gogs");
        assertThat(hands).isNotEmpty();
        if (event.happening() instanceof Happening.PullRequest request) {
          String text = new String(body, StandardCharsets.UTF_8);
          boolean saidOfHead = text.split("\"id\":140", -1).length > 3;
          assertThat(request.fork() || saidOfHead).as(text).isTrue();
        }
      }
    }
  }
}
