package dev.holdfast.forgedouble;

import static dev.holdfast.forgedouble.Shape.obj;

import dev.holdfast.model.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As much of version 4 of GitLab's REST API as Holdfast asks. */
final class GitLabRest {
  private static final Pattern BY_NUMBER = Pattern.compile("/projects/([0-9]+)(/.*)?");
  private static final Pattern BY_NAME = Pattern.compile("/projects/([^/]+/[^/]+)");

  private final Book book;
  private final String url;

  GitLabRest(Book book, String url) {
    this.book = book;
    this.url = url;
  }

  Rest.Answer api(
      String method, String path, byte[] body, Optional<Account> caller, boolean another) {
    if (path.equals("/user")) {
      return caller.map(a -> new Rest.Answer(200, GitLabShape.account(a))).orElse(Rest.FORBIDDEN);
    }
    Matcher number = BY_NUMBER.matcher(path);
    if (number.matches()) {
      Optional<Repo> repo =
          book.repository(Long.parseLong(number.group(1))).filter(r -> Rest.sees(r, caller));
      return repo.isPresent()
          ? inside(
              method,
              repo.get(),
              Optional.ofNullable(number.group(2)).orElse(""),
              body,
              caller,
              another)
          : Rest.MISSING;
    }
    Matcher name = BY_NAME.matcher(path);
    return name.matches()
        ? book.repository(name.group(1))
            .filter(r -> Rest.sees(r, caller))
            .map(r -> new Rest.Answer(200, GitLabShape.project(r, url)))
            .orElse(Rest.MISSING)
        : Rest.MISSING;
  }

  private Rest.Answer inside(
      String method,
      Repo repo,
      String path,
      byte[] body,
      Optional<Account> caller,
      boolean another) {
    String[] parts = path.split("/", -1);
    if (path.isEmpty()) {
      return new Rest.Answer(200, GitLabShape.project(repo, url));
    }
    if (path.matches("/members/all/[0-9]+")) {
      long id = Long.parseLong(parts[3]);
      // Only members are told; what anybody may do is not.
      return book.account(id)
          .filter(a -> repo.permissions.containsKey(id))
          .map(a -> another ? book.other(id).orElseThrow() : a)
          .map(a ->
              new Rest.Answer(
                  200, GitLabShape.member(a, repo.permissions.getOrDefault(id, "read"))))
          .orElse(Rest.MISSING);
    }
    if (path.matches("/repository/commits/[0-9a-f]{40}/statuses")) {
      return new Rest.Answer(200, Shape.list(statuses(repo, parts[3])));
    }
    if (method.equals("POST") && path.matches("/statuses/[0-9a-f]{40}")) {
      return status(repo, parts[2], body, caller);
    }
    return path.matches("/merge_requests/[0-9]+/notes")
        ? notes(method, repo, Long.parseLong(parts[2]), body, caller)
        : Rest.MISSING;
  }

  /** All contexts that there are, each as it was told last. */
  private List<Json.Obj> statuses(Repo repo, String commit) {
    var all = new ArrayList<Json.Obj>();
    long id = 1000;
    for (Book.Told told : book.told(repo, commit)) {
      all.add(obj("id", --id, "name", told.context(), "status", told.state()));
    }
    return all;
  }

  private Rest.Answer status(Repo repo, String commit, byte[] body, Optional<Account> caller) {
    if (!Rest.writes(repo, caller)) {
      return Rest.FORBIDDEN;
    }
    String name = Rest.text(body, "name");
    String state = Rest.text(body, "state");
    boolean same =
        book.told(repo, commit).stream()
            .filter(told -> told.context().equals(name))
            .findFirst()
            .filter(told -> told.state().equals(state))
            .isPresent();
    if (same) {
      return new Rest.Answer(
          400, obj("message", "Cannot transition status from " + state + " to " + state));
    }
    book.status(
        repo,
        commit,
        new Book.Told(name, state, Rest.text(body, "description"), Rest.text(body, "target_url")));
    return new Rest.Answer(201, obj("id", book.nextId(), "status", state));
  }

  private Rest.Answer notes(
      String method, Repo repo, long number, byte[] body, Optional<Account> caller) {
    Optional<Pull> pull = book.pull(repo, number);
    if (pull.isEmpty()) {
      return Rest.MISSING;
    }
    if (method.equals("POST")) {
      if (caller.isEmpty()) {
        return Rest.FORBIDDEN;
      }
      long id = book.comment(pull.get(), caller.get(), Rest.text(body, "body"));
      return new Rest.Answer(201, obj("id", id, "body", Rest.text(body, "body")));
    }
    var all = new ArrayList<Json.Obj>();
    book.said(pull.get())
        .forEach((id, said) ->
            all.addFirst(
                obj("id", id, "author", GitLabShape.account(said.by()), "body", said.text())));
    return new Rest.Answer(200, Shape.list(all));
  }
}
