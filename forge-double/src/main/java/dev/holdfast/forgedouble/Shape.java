package dev.holdfast.forgedouble;

import dev.holdfast.model.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** What the forge's objects look like in JSON, to its API and in its webhooks. */
final class Shape {
  private final Kind kind;
  private final String url;

  Shape(Kind kind, String url) {
    this.kind = kind;
    this.url = url;
  }

  String url() {
    return url;
  }

  /** Fields in turn with their values: text, numbers, truth values, JSON, or {@code null}. */
  static Json.Obj obj(@org.jspecify.annotations.Nullable Object... fields) {
    var all = new LinkedHashMap<String, Json>();
    for (int i = 0; i < fields.length; i += 2) {
      all.put(String.valueOf(fields[i]), json(fields[i + 1]));
    }
    return new Json.Obj(all);
  }

  private static Json json(@org.jspecify.annotations.Nullable Object value) {
    return switch (value) {
      case null -> Json.NULL;
      case Json json -> json;
      case String text -> new Json.Str(text);
      case Boolean flag -> new Json.Bool(flag);
      case Number number -> Json.Num.of(number.longValue());
      case Instant at -> new Json.Str(at.toString());
      default -> throw new IllegalArgumentException(String.valueOf(value));
    };
  }

  Json.Obj account(Account account) {
    if (kind == Kind.GITLAB) {
      return GitLabShape.account(account);
    }
    return kind == Kind.GITHUB
        ? obj("login", account.login(), "id", account.id(), "type", "User", "site_admin", false)
        : obj("id", account.id(), "login", account.login(), "username", account.login());
  }

  Json.Obj repository(Repo repo) {
    return obj(
        "id",
        repo.id,
        "name",
        repo.name,
        "full_name",
        repo.fullName(),
        "owner",
        account(repo.owner),
        "private",
        repo.hidden,
        "clone_url",
        url + "/" + repo.fullName() + ".git",
        "default_branch",
        "main");
  }

  private Json.Obj branch(String name, String commit, Optional<Repo> repo) {
    return obj(
        "label",
        repo.map(r -> r.owner.login()).orElse("unknown") + ":" + name,
        "ref",
        name,
        "sha",
        commit,
        "repo",
        repo.map(this::repository).map(Json.class::cast).orElse(Json.NULL));
  }

  Json.Obj pull(Pull pull, String base) {
    return obj(
        "id",
        1_000_000 + pull.number,
        "number",
        pull.number,
        "state",
        pull.open ? "open" : "closed",
        "title",
        "a pull request",
        "user",
        account(pull.by),
        "created_at",
        pull.created,
        "updated_at",
        pull.updated,
        "head",
        branch(pull.headBranch, pull.head, pull.from),
        "base",
        branch(pull.baseBranch, base, Optional.of(pull.base)));
  }

  Json.Obj push(Repo repo, String ref, String before, String after, boolean forced, Account by) {
    if (kind == Kind.GITLAB) {
      return GitLabShape.push(repo, ref, before, after, by);
    }
    return kind == Kind.GITHUB
        ? obj(
            "ref",
            ref,
            "before",
            before,
            "after",
            after,
            "repository",
            repository(repo),
            "pusher",
            obj("name", by.login(), "email", by.login() + "@example.org"),
            "sender",
            account(by),
            "created",
            before.matches("0+"),
            "deleted",
            after.matches("0+"),
            "forced",
            forced)
        : obj(
            "ref",
            ref,
            "before",
            before,
            "after",
            after,
            "total_commits",
            1,
            "repository",
            repository(repo),
            "pusher",
            account(by),
            "sender",
            account(by));
  }

  /**
   * What happened to a pull request.
   *
   * @param action in GitHub's words
   */
  Json.Obj pullEvent(String action, Pull pull, String base, Account by) {
    if (kind == Kind.GITLAB) {
      return GitLabShape.mergeRequest(action, pull, by);
    }
    return obj(
        "action",
        action(action),
        "number",
        pull.number,
        "pull_request",
        pull(pull, base),
        "repository",
        repository(pull.base),
        "sender",
        account(by));
  }

  /** GitHub's words for what happens to a pull request, or Gitea's. */
  private String action(String github) {
    return kind == Kind.GITHUB
        ? github
        : switch (github) {
          case "synchronize" -> "synchronized";
          case "labeled" -> "label_updated";
          default -> github;
        };
  }

  Json.Obj commentEvent(
      String action,
      Pull pull,
      long id,
      Account by,
      Account sender,
      Instant made,
      Instant changed,
      String text) {
    if (kind == Kind.GITLAB) {
      return GitLabShape.note(action, pull, id, by, sender, made, changed, text);
    }
    Json.Obj comment =
        obj("id", id, "user", account(by), "created_at", made, "updated_at", changed, "body", text);
    Json.Obj issue =
        obj(
            "number",
            pull.number,
            "title",
            "a pull request",
            "user",
            account(pull.by),
            "state",
            pull.open ? "open" : "closed",
            "pull_request",
            kind == Kind.GITHUB ? obj("url", url) : obj("merged", false));
    var fields = new LinkedHashMap<String, Json>();
    fields.put("action", new Json.Str(action));
    fields.put("issue", issue);
    fields.put("comment", comment);
    fields.put("repository", repository(pull.base));
    fields.put("sender", account(sender));
    if (kind == Kind.GITEA) {
      fields.put("is_pull", new Json.Bool(true));
    }
    return new Json.Obj(fields);
  }

  Json.Obj checkEvent(Repo repo, CheckRuns.Kept check, Account by, Instant at) {
    return obj(
        "action",
        "rerequested",
        "check_run",
        obj(
            "id",
            check.id(),
            "name",
            check.text("name"),
            "head_sha",
            check.text("head_sha"),
            "external_id",
            check.text("external_id"),
            "status",
            check.text("status"),
            "started_at",
            at),
        "repository",
        repository(repo),
        "sender",
        account(by));
  }

  static Json.Arr list(List<? extends Json> items) {
    return new Json.Arr(List.copyOf(items));
  }
}
