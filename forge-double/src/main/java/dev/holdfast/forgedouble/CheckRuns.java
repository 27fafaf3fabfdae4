package dev.holdfast.forgedouble;

import static dev.holdfast.forgedouble.Shape.obj;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The check runs of GitHub, which only apps may write. Thread-safe. */
final class CheckRuns {
  private final Book book;
  private final Map<Long, Kept> all = new LinkedHashMap<>();

  /** A check run of a commit in a repository. */
  record Kept(long id, long repo, Map<String, Json> fields) {
    String text(String name) {
      return fields.get(name) instanceof Json.Str(var value) ? value : "";
    }

    String title() {
      return fields.get("output") instanceof Json.Obj(var output)
              && output.get("title") instanceof Json.Str(var title)
          ? title
          : "";
    }

    Json.Obj json() {
      var out = new LinkedHashMap<>(fields);
      out.put("id", Json.Num.of(id));
      return new Json.Obj(out);
    }
  }

  CheckRuns(Book book) {
    this.book = book;
  }

  synchronized Rest.Answer handle(
      String method, Repo repo, String path, String query, byte[] body) {
    if (method.equals("POST") && path.equals("/check-runs")) {
      return fields(body)
          .map(said -> {
            var kept = new Kept(book.nextId(), repo.id, new LinkedHashMap<>(said));
            all.put(kept.id(), kept);
            return new Rest.Answer(201, kept.json());
          })
          .orElse(Rest.MISSING);
    }
    if (method.equals("PATCH") && path.matches("/check-runs/[0-9]+")) {
      Kept kept = all.get(Long.parseLong(path.substring("/check-runs/".length())));
      if (kept == null || kept.repo() != repo.id) {
        return Rest.MISSING;
      }
      kept.fields().putAll(fields(body).orElse(Map.of()));
      return new Rest.Answer(200, kept.json());
    }
    if (method.equals("GET") && path.matches("/commits/[0-9a-f]{40}/check-runs")) {
      String commit = path.split("/", -1)[2];
      List<Json.Obj> found =
          of(repo, commit).stream()
              .filter(one -> query.contains("check_name=" + encoded(one.text("name"))))
              .map(Kept::json)
              .toList();
      return new Rest.Answer(
          200, obj("total_count", found.size(), "check_runs", Shape.list(found)));
    }
    return Rest.MISSING;
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  /** The newest of each name. */
  synchronized List<Kept> of(Repo repo, String commit) {
    var newest = new LinkedHashMap<String, Kept>();
    all.values().stream()
        .filter(one -> one.repo() == repo.id && one.text("head_sha").equals(commit))
        .forEach(one -> newest.put(one.text("name"), one));
    return List.copyOf(newest.values());
  }

  private static Optional<Map<String, Json>> fields(byte[] body) {
    return JsonText.parse(body) instanceof Json.Obj(var fields)
        ? Optional.of(fields)
        : Optional.empty();
  }
}
