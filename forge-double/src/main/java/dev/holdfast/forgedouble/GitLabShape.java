package dev.holdfast.forgedouble;

import static dev.holdfast.forgedouble.Shape.obj;

import dev.holdfast.model.json.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What GitLab's objects look like in its webhooks and its API, after its documentation. No base of
 * a merge request, no word on rewritten history, and times in two ways.
 */
final class GitLabShape {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  private GitLabShape() {}

  static Json.Obj account(Account account) {
    return obj(
        "id",
        account.id(),
        "username",
        account.login(),
        "name",
        account.login(),
        "state",
        "active");
  }

  /** As a member with what GitLab makes of that permission. */
  static Json.Obj member(Account account, String permission) {
    var fields = new LinkedHashMap<String, Json>(account(account).fields());
    fields.put(
        "access_level",
        Json.Num.of(
            switch (permission) {
              case "admin" -> 40;
              case "write" -> 30;
              default -> 20;
            }));
    return new Json.Obj(fields);
  }

  static Json.Obj project(Repo repo, String url) {
    return obj(
        "id",
        repo.id,
        "name",
        repo.name,
        "path_with_namespace",
        repo.fullName(),
        "visibility",
        repo.hidden ? "private" : "public",
        "http_url_to_repo",
        url + "/" + repo.fullName() + ".git",
        "default_branch",
        "main");
  }

  private static Json.Obj inEvents(Repo repo) {
    return obj(
        "id",
        repo.id,
        "name",
        repo.name,
        "path_with_namespace",
        repo.fullName(),
        "visibility_level",
        repo.hidden ? 0 : 20,
        "default_branch",
        "main");
  }

  static Json.Obj push(Repo repo, String ref, String before, String after, Account by) {
    String kind = ref.startsWith("refs/tags/") ? "tag_push" : "push";
    return obj(
        "object_kind",
        kind,
        "event_name",
        kind,
        "before",
        before,
        "after",
        after,
        "ref",
        ref,
        "checkout_sha",
        after.matches("0+") ? null : after,
        "user_id",
        by.id(),
        "user_name",
        by.login(),
        "user_username",
        by.login(),
        "project_id",
        repo.id,
        "project",
        inEvents(repo),
        "total_commits_count",
        1);
  }

  static Json.Obj mergeRequest(String action, Pull pull, Account by) {
    var attributes =
        new LinkedHashMap<String, Json>(
            obj(
                    "id",
                    1_000_000 + pull.number,
                    "iid",
                    pull.number,
                    "title",
                    "a merge request",
                    "author_id",
                    pull.by.id(),
                    "state",
                    pull.open ? "opened" : "closed",
                    "source_branch",
                    pull.headBranch,
                    "source_project_id",
                    pull.from
                        .map(from -> Json.Num.of(from.id))
                        .map(Json.class::cast)
                        .orElse(Json.NULL),
                    "target_branch",
                    pull.baseBranch,
                    "target_project_id",
                    pull.base.id,
                    "last_commit",
                    obj("id", pull.head, "message", "a commit"),
                    "created_at",
                    TIME.format(pull.created),
                    "updated_at",
                    TIME.format(pull.updated),
                    "action",
                    switch (action) {
                      case "opened" -> "open";
                      case "reopened" -> "reopen";
                      case "closed" -> "close";
                      default -> "update";
                    })
                .fields());
    if (action.equals("synchronize")) {
      attributes.put("oldrev", new Json.Str(ForgeDouble.NOTHING.replace('0', '1')));
    }
    Json changes =
        switch (action) {
          case "edited" -> obj("target_branch", obj("previous", "?", "current", pull.baseBranch));
          case "labeled" ->
              obj(
                  "labels",
                  obj(
                      "previous",
                      new Json.Arr(List.of()),
                      "current",
                      new Json.Arr(List.of(obj("id", 1, "title", "a label")))));
          default -> obj();
        };
    return obj(
        "object_kind",
        "merge_request",
        "event_type",
        "merge_request",
        "user",
        account(by),
        "project",
        inEvents(pull.base),
        "object_attributes",
        new Json.Obj(attributes),
        "labels",
        new Json.Arr(List.of()),
        "changes",
        changes);
  }

  static Json.Obj note(
      String action,
      Pull pull,
      long id,
      Account by,
      Account sender,
      Instant made,
      Instant changed,
      String text) {
    return obj(
        "object_kind",
        "note",
        "event_type",
        "note",
        "user",
        account(sender),
        "project_id",
        pull.base.id,
        "project",
        inEvents(pull.base),
        "object_attributes",
        obj(
            "id",
            id,
            "note",
            text,
            "noteable_type",
            "MergeRequest",
            "author_id",
            by.id(),
            "created_at",
            TIME.format(made),
            "updated_at",
            TIME.format(changed),
            "action",
            action.equals("created") ? "create" : "update",
            "system",
            false),
        "merge_request",
        obj("iid", pull.number, "target_project_id", pull.base.id));
  }
}
