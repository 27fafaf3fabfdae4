package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.json.Json;
import dev.holdfast.orchestrator.forge.Api;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Fields;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A status as a check run, which only apps may write: with a button to run it again, and with
 * "action required" for what waits. Thread-safe.
 */
final class Checks {
  private final Api api;

  Checks(Api api) {
    this.api = api;
  }

  /**
   * Tells it. Which check run it is about is looked up by name and run, so that nothing has to be
   * remembered and telling the same twice is telling it once.
   */
  Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token) {
    return api.inside(
        at,
        token,
        root -> {
          Calls.Answer there =
              call(
                  "GET",
                  root
                      + "/commits/"
                      + status.commit().value()
                      + "/check-runs?filter=latest&per_page=100&check_name="
                      + URLEncoder.encode(status.context(), StandardCharsets.UTF_8),
                  token,
                  Optional.empty());
          if (!(there instanceof Calls.Answer.Good(var all))) {
            return there;
          }
          Optional<Fields> mine =
              Fields.of(all).list("check_runs").stream()
                  .filter(
                      run -> run.has("external_id") && run.text("external_id").equals(status.key()))
                  .max(Comparator.comparingLong(run -> run.id("id")));
          // What is completed is not taken back: something new takes its place.
          return mine.isPresent()
                  && (completed(status) || !mine.get().text("status").equals("completed"))
              ? call(
                  "PATCH",
                  root + "/check-runs/" + mine.get().id("id"),
                  token,
                  Optional.of(body(status, false)))
              : call("POST", root + "/check-runs", token, Optional.of(body(status, true)));
        });
  }

  private Calls.Answer call(String method, String uri, Optional<Token> token, Optional<Json> body) {
    return api.calls().call(method, URI.create(uri), token, body, api.accept());
  }

  private static boolean completed(Status status) {
    return switch (status.state()) {
      case PENDING, RUNNING -> false;
      case HELD, SUCCESS, FAILURE, ERROR -> true;
    };
  }

  private static Json body(Status status, boolean fresh) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("name", new Json.Str(status.context()));
    if (fresh) {
      fields.put("head_sha", new Json.Str(status.commit().value()));
      fields.put("external_id", new Json.Str(status.key()));
    }
    status.link().ifPresent(link -> fields.put("details_url", new Json.Str(link.toString())));
    switch (status.state()) {
      case PENDING -> fields.put("status", new Json.Str("queued"));
      case RUNNING -> fields.put("status", new Json.Str("in_progress"));
      case HELD -> conclude(fields, "action_required");
      case SUCCESS -> conclude(fields, "success");
      case FAILURE -> conclude(fields, "failure");
      case ERROR -> conclude(fields, "cancelled");
    }
    var output = new LinkedHashMap<String, Json>();
    output.put("title", new Json.Str(status.description()));
    output.put("summary", new Json.Str("`holdfast show " + status.key() + "` shows all of it."));
    fields.put("output", new Json.Obj(output));
    return new Json.Obj(fields);
  }

  private static void conclude(Map<String, Json> fields, String how) {
    fields.put("status", new Json.Str("completed"));
    fields.put("conclusion", new Json.Str(how));
  }
}
