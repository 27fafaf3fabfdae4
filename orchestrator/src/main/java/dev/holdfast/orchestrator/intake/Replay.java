package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.Hands;
import dev.holdfast.orchestrator.hold.PolicyScope;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Says what events that were would come to under another policy. Everything else is looked up as it
 * is now. Nothing is changed. Thread-safe.
 */
public final class Replay {
  private final Database database;
  private final Repositories repositories;
  private final Deciding deciding;
  private final Reading reading;

  public Replay(
      Database database,
      Repositories repositories,
      Forge forge,
      Function<DefinitionFiles, Definitions> reader,
      Deciding deciding) {
    this.database = database;
    this.repositories = repositories;
    this.deciding = deciding;
    this.reading = new Reading(forge, reader);
  }

  /**
   * An event that would come to something else.
   *
   * @param now what it comes to under the policy that applies
   * @param then what it would come to
   */
  public record Difference(
      String event, String repository, String what, String commit, String now, String then) {}

  /** How many events were looked at, and which differ. */
  public record Result(long events, List<Difference> differences) {}

  private record Past(String id, String repository, Event event, List<Lookup<Contributor>> hands) {}

  /**
   * The newest events under {@code policy}.
   *
   * @param scope whose policy it is to be
   * @param most how many events are looked at
   */
  public Result under(Policy policy, PolicyScope scope, int most) throws ForgeUnavailable {
    List<Past> past =
        database.read(s -> {
          var covered = new ArrayList<Past>();
          for (Past event :
              s.list(
                  "SELECT * FROM event WHERE state = 'DONE' AND hands IS NOT NULL AND"
                      + " (repository_id = ? OR ? = '') ORDER BY id DESC LIMIT ?",
                  row ->
                      new Past(
                          row.text("id"),
                          row.text("repository_id"),
                          Records.read(Event.class, row.text("body")),
                          Hands.read(row.text("hands"))),
                  only(scope),
                  only(scope),
                  most)) {
            if (scope.covers(s, event.repository())) {
              covered.add(event);
            }
          }
          return covered;
        });
    var differences = new ArrayList<Difference>();
    for (Past event : past) {
      Repository of = repositories.byId(event.repository()).orElseThrow();
      Deciding.Case asked = deciding.of(of, event.event(), event.hands(), reading);
      Decision now = asked.whole();
      Decision then = asked.under(effective(policy, scope, of)).whole();
      if (!words(now).equals(words(then))) {
        differences.add(
            new Difference(
                event.id(),
                of.name().value(),
                event.event().happening().getClass().getSimpleName(),
                event.event().happening().commit().value(),
                words(now),
                words(then)));
      }
    }
    return new Result(past.size(), differences);
  }

  private static String only(PolicyScope scope) {
    return scope instanceof PolicyScope.OfRepository(var id) ? id : "";
  }

  private Lookup<Policy> effective(Policy policy, PolicyScope scope, Repository repository) {
    return database.read(s -> PolicyStore.effective(s, repository.id(), scope, policy));
  }

  private static String words(Decision decision) {
    return switch (decision) {
      case Decision.Run run when run.limits().equals(Limits.NONE) ->
          "runs, in tier " + run.floor().word() + " or stronger";
      case Decision.Run run ->
          "runs at once within limits, in tier "
              + run.floor().word()
              + " or stronger; jobs that ask for more wait";
      case Decision.Hold hold ->
          "waits for "
              + release(hold.release())
              + ", in tier "
              + hold.released().floor().word()
              + " or stronger: "
              + reasons(hold.reasons());
      case Decision.Refuse refuse -> "is refused: " + reasons(refuse.reasons());
    };
  }

  private static String release(Release release) {
    return switch (release) {
      case Release.Mend(var mend) -> mend;
      case Release.Approval(int count, boolean own) ->
          count + " approvals" + (own ? ", one's own among them" : "");
    };
  }

  private static String reasons(List<Reason> reasons) {
    return reasons.stream().map(Reason::text).collect(Collectors.joining("; "));
  }
}
