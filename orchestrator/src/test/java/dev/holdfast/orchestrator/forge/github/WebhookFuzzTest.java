package dev.holdfast.orchestrator.forge.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Decisions;
import dev.holdfast.model.decision.DefinitionDiff;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Question;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.model.trust.Standing;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.trust.TrustFacts;
import dev.holdfast.model.trust.TrustRule;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.Delivered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged payloads are refused in words, and never decided more weakly than they were whole. */
class WebhookFuzzTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final int EACH = 400;
  private static final String OURS = "186853002";
  private static final String AUTHOR = "21031067";

  private static final Webhook WEBHOOK =
      new Webhook(
          "github", id -> Long.toString(id).equals(OURS) ? Optional.of("ours") : Optional.empty());

  @ParameterizedTest
  @EnumSource(Trust.class)
  void noneCrashesAndNoneIsDecidedMoreWeakly(Trust author) {
    long seed = 20260102;
    var mutations = new Mutations(seed);
    int refused = 0;
    int decided = 0;
    int stricter = 0;
    for (var payload : payloads().entrySet()) {
      String kind = Payloads.kind(payload.getKey());
      Delivered whole = WEBHOOK.read(kind, payload.getValue(), NOW);
      Optional<Decision> before = decide(whole, whole, author);
      for (int i = 0; i < EACH; i++) {
        byte[] mutated = mutations.of(payload.getValue());
        Delivered damaged = WEBHOOK.read(kind, mutated, NOW);
        Optional<Decision> after = decide(damaged, whole, author);
        // Where there is no decision nothing runs, and nothing is stricter.
        boolean weaker =
            after.isPresent() && (before.isEmpty() || !after.get().noWeakerThan(before.get()));
        assertThat(weaker)
            .as(
                "seed %s, %s, round %s%n%s%n%s%n%s",
                seed,
                payload.getKey(),
                i,
                before,
                after,
                new String(mutated, StandardCharsets.UTF_8))
            .isFalse();
        refused += damaged instanceof Delivered.Refused ? 1 : 0;
        decided += after.isPresent() ? 1 : 0;
        stricter += before.isPresent() && !before.equals(after) ? 1 : 0;
      }
    }
    // The controls: damage was noticed, and some payloads were still good enough to be decided.
    assertThat(refused).isGreaterThan(500);
    assertThat(decided).isGreaterThan(500);
    assertThat(stricter).isGreaterThan(500);
  }

  /** GitHub's, with two more that it sends and the collection lacks. */
  private static Map<String, byte[]> payloads() {
    var all = new TreeMap<>(Payloads.all());
    String opened = new String(Payloads.one("pull_request/opened.json"), StandardCharsets.UTF_8);
    int head = opened.indexOf("\"head\"");
    int base = opened.indexOf("\"base\"", head);
    String fork = opened.substring(head, base).replace(OURS, "77");
    assertThat(fork).contains("77");
    all.put(
        "pull_request/fork.json",
        (opened.substring(0, head) + fork + opened.substring(base))
            .getBytes(StandardCharsets.UTF_8));
    all.put(
        "push/branch.json",
        """
        {"ref":"refs/heads/main","before":"%s","after":"%s","created":false,"deleted":false,
        "forced":true,"repository":{"id":%s},"sender":{"id":%s,"login":"x"}}\
        """
            .formatted("b".repeat(40), "a".repeat(40), OURS, AUTHOR)
            .getBytes(StandardCharsets.UTF_8));
    return all;
  }

  /**
   * In a world where only the author of the whole payload is anybody, and only what that payload
   * compares was ever settled and compared.
   */
  private static Optional<Decision> decide(Delivered delivered, Delivered whole, Trust author) {
    if (!(delivered instanceof Delivered.Happened(var event, var hands))) {
      return Optional.empty();
    }
    Standing standing =
        hands.stream()
            .map(hand -> standing(hand, fork(event.happening()), author))
            .reduce(Standing::and)
            .orElseThrow();
    Optional<CommitId> settled = base(whole);
    Optional<CommitId> head = head(whole);
    boolean compared =
        head.filter(event.happening().commit()::equals).isPresent()
            && base(delivered).equals(settled);
    Lookup<DefinitionDiff> difference =
        compared && settled.isPresent()
            ? new Lookup.Known<>(
                new DefinitionDiff(settled.get(), event.happening().commit(), List.of()))
            : new Lookup.Failed<>("nobody compared these");
    return Optional.of(
        Decisions.decide(
            new Question(
                event,
                true,
                settled,
                standing,
                new Lookup.Known<>(Policy.DEFAULT),
                difference,
                Map.of(),
                Map.of(),
                NOW)));
  }

  private static Standing standing(Lookup<Contributor> hand, boolean fork, Trust author) {
    Optional<String> id = hand.known().map(Contributor::id);
    boolean them = id.filter(AUTHOR::equals).isPresent();
    return TrustRule.of(
        new TrustFacts(
            new Lookup.Known<>(fork),
            new Lookup.Known<>(Visibility.PUBLIC),
            id.<Lookup<String>>map(Lookup.Known::new).orElseGet(Lookup.Absent::new),
            them ? new Lookup.Known<>("ann") : new Lookup.Absent<>(),
            new Lookup.Known<>(
                switch (author) {
                  case TRUSTED -> Right.CHANGE_WORKFLOWS;
                  case KNOWN -> Right.DEVELOP;
                  case UNKNOWN -> Right.NONE;
                }),
            new Lookup.Known<>(
                them && author != Trust.UNKNOWN ? ForgePermission.WRITE : ForgePermission.READ)));
  }

  private static boolean fork(Happening happening) {
    return happening instanceof Happening.PullRequest request && request.fork();
  }

  private static Optional<CommitId> head(Delivered delivered) {
    return delivered instanceof Delivered.Happened happened
        ? Optional.of(happened.event().happening().commit())
        : Optional.empty();
  }

  private static Optional<CommitId> base(Delivered delivered) {
    if (!(delivered instanceof Delivered.Happened happened)) {
      return Optional.empty();
    }
    return switch (happened.event().happening()) {
      case Happening.PullRequest request -> request.baseCommit();
      case Happening.Push push -> push.before();
      case Happening.Tag tag -> Optional.empty();
      case Happening.Manual manual -> Optional.empty();
      case Happening.Schedule schedule -> Optional.empty();
    };
  }
}
