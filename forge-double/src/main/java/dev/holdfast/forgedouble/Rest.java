package dev.holdfast.forgedouble;

import com.sun.net.httpserver.HttpExchange;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The forge's API, version 3 of GitHub's REST API, version 1 of Gitea's or, by {@link GitLabRest},
 * version 4 of GitLab's, and git over HTTP. Like the real ones it hides what a token may not see,
 * and tells permissions by name only.
 */
final class Rest {
  private static final Pattern GIT = Pattern.compile("/([^/]+/[^/]+)\\.git(/.*)");
  private static final Pattern REPO = Pattern.compile("/repos/([^/]+/[^/]+)(/.*)?");

  private final Kind kind;
  private final Book book;
  private final Shape shape;
  private final SignIn signIn;
  private final GitLabRest gitlab;

  Rest(Kind kind, Book book, Shape shape) {
    this.gitlab = new GitLabRest(book, shape.url());
    this.signIn = new SignIn(book);
    this.kind = kind;
    this.book = book;
    this.shape = shape;
  }

  record Answer(int status, Json body) {}

  static final Answer MISSING = new Answer(404, Shape.obj("message", "Not Found"));
  static final Answer FORBIDDEN = new Answer(403, Shape.obj("message", "Forbidden"));

  void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Optional<Account> caller = caller(exchange);
      Optional<Fault> fault = book.ask(exchange.getRequestMethod() + " " + path);
      if (path.startsWith("/login/oauth/") || path.startsWith("/oauth/")) {
        signIn.handle(exchange);
        return;
      }
      Matcher git = GIT.matcher(path);
      boolean answers = fault.filter(f -> f != Fault.ANOTHER && f != Fault.LOST).isEmpty();
      if (!answers) {
        fail(exchange, fault.orElseThrow());
      } else if (git.matches()) {
        git(exchange, git.group(1), git.group(2), caller);
      } else {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean another = fault.equals(Optional.of(Fault.ANOTHER));
        Answer answer =
            path.startsWith(kind.api)
                ? api(exchange, path.substring(kind.api.length()), body, caller, another)
                : MISSING;
        if (fault.equals(Optional.of(Fault.LOST))) {
          fail(exchange, Fault.HALF);
        } else {
          answer(exchange, answer);
        }
      }
    }
  }

  /** Who holds the token that was shown, as a bearer's or as a password. */
  private Optional<Account> caller(HttpExchange exchange) {
    String header =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
    if (header.startsWith("Bearer ")) {
      return book.holding(header.substring(7));
    }
    if (header.startsWith("Basic ")) {
      String login =
          new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
      return book.holding(login.substring(login.indexOf(':') + 1));
    }
    return Optional.empty();
  }

  private void git(HttpExchange exchange, String fullName, String inside, Optional<Account> caller)
      throws IOException {
    Optional<Repo> repo = book.repository(fullName).filter(r -> sees(r, caller));
    if (repo.isPresent()) {
      GitHttp.serve(exchange, repo.get().git.path(), inside);
    } else {
      exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
      answer(exchange, new Answer(401, Shape.obj("message", "Unauthorized")));
    }
  }

  static boolean sees(Repo repo, Optional<Account> caller) {
    return !repo.hidden || caller.map(c -> repo.permissions.containsKey(c.id())).orElse(false);
  }

  static boolean writes(Repo repo, Optional<Account> caller) {
    return caller.map(c -> List.of("write", "admin").contains(permission(repo, c))).orElse(false);
  }

  private static String permission(Repo repo, Account account) {
    return repo.permissions.getOrDefault(account.id(), repo.hidden ? "none" : "read");
  }

  private Answer api(
      HttpExchange exchange, String path, byte[] body, Optional<Account> caller, boolean another)
      throws IOException {
    if (kind == Kind.GITLAB) {
      return gitlab.api(exchange.getRequestMethod(), path, body, caller, another);
    }
    Optional<AppAt> app = book.app().filter(one -> one.signed(bearer(exchange)));
    if (app.isPresent()) {
      return asApp(app.get(), path, body);
    }
    if (path.equals("/user")) {
      return caller.map(a -> new Answer(200, shape.account(a))).orElse(FORBIDDEN);
    }
    if (kind == Kind.GITHUB && path.matches("/user/[0-9]+")) {
      return account(Long.parseLong(path.substring(6)), another)
          .map(a -> new Answer(200, shape.account(a)))
          .orElse(MISSING);
    }
    if (kind == Kind.GITEA && path.equals("/users/search")) {
      String query = exchange.getRequestURI().getRawQuery();
      List<Json.Obj> found =
          account(Long.parseLong(query.substring("uid=".length())), another)
              .map(shape::account)
              .stream()
              .toList();
      return new Answer(200, Shape.obj("ok", true, "data", Shape.list(found)));
    }
    if (path.matches("/repositories/[0-9]+")) {
      return book.repository(Long.parseLong(path.substring(14)))
          .filter(r -> sees(r, caller))
          .map(r -> new Answer(200, shape.repository(r)))
          .orElse(MISSING);
    }
    Matcher named = REPO.matcher(path);
    Optional<Repo> repo =
        named.matches()
            ? book.repository(named.group(1)).filter(r -> sees(r, caller))
            : Optional.empty();
    String inside = Optional.ofNullable(named.matches() ? named.group(2) : null).orElse("");
    if (repo.isPresent() && inside.contains("/check-runs")) {
      // Nobody but an app writes checks, and it only where its token is for.
      return book.app().filter(one -> one.holds(bearer(exchange), repo.get())).isPresent()
          ? book.checks.handle(
              exchange.getRequestMethod(),
              repo.get(),
              inside,
              Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""),
              body)
          : FORBIDDEN;
    }
    return repo.isPresent()
        ? inside(
            exchange.getRequestMethod(),
            repo.get(),
            Optional.ofNullable(named.group(2)).orElse(""),
            body,
            caller)
        : MISSING;
  }

  /** What only the app itself may ask, by what it signed. */
  private Answer asApp(AppAt app, String path, byte[] body) {
    if (path.equals("/app")) {
      return app.self();
    }
    Matcher named = REPO.matcher(path);
    if (named.matches() && "/installation".equals(named.group(2))) {
      return book.repository(named.group(1)).map(app::installation).orElse(MISSING);
    }
    return path.matches("/app/installations/[0-9]+/access_tokens")
        ? app.mint(Long.parseLong(path.split("/", -1)[3]), body, book)
        : MISSING;
  }

  private static String bearer(HttpExchange exchange) {
    String header =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
    return header.startsWith("Bearer ") ? header.substring(7) : "";
  }

  private Optional<Account> account(long id, boolean another) {
    return another ? book.other(id) : book.account(id);
  }

  private Answer inside(
      String method, Repo repo, String path, byte[] body, Optional<Account> caller) {
    String[] parts = path.split("/", -1);
    if (path.isEmpty()) {
      return new Answer(200, shape.repository(repo));
    }
    if (path.matches("/collaborators/[^/]+/permission")) {
      if (!writes(repo, caller)) {
        return FORBIDDEN;
      }
      return book.named(parts[2])
          .map(a ->
              new Answer(
                  200, Shape.obj("permission", permission(repo, a), "user", shape.account(a))))
          .orElse(MISSING);
    }
    if (method.equals("POST") && path.matches("/statuses/[0-9a-f]{40}")) {
      if (!writes(repo, caller)) {
        return FORBIDDEN;
      }
      book.status(
          repo,
          parts[2],
          new Book.Told(
              text(body, "context"),
              text(body, "state"),
              text(body, "description"),
              text(body, "target_url")));
      return new Answer(201, Shape.obj("id", book.nextId(), "state", text(body, "state")));
    }
    if (path.matches("/issues/[0-9]+/comments")) {
      return comments(method, repo, Long.parseLong(parts[2]), body, caller);
    }
    return MISSING;
  }

  private Answer comments(
      String method, Repo repo, long number, byte[] body, Optional<Account> caller) {
    Optional<Pull> pull = book.pull(repo, number);
    if (pull.isEmpty()) {
      return MISSING;
    }
    if (method.equals("POST")) {
      if (caller.isEmpty()) {
        return FORBIDDEN;
      }
      long id = book.comment(pull.get(), caller.get(), text(body, "body"));
      return new Answer(
          201,
          Shape.obj("id", id, "user", shape.account(caller.get()), "body", text(body, "body")));
    }
    var all = new ArrayList<Json>();
    book.said(pull.get())
        .forEach((id, said) ->
            all.add(Shape.obj("id", id, "user", shape.account(said.by()), "body", said.text())));
    return new Answer(200, new Json.Arr(all));
  }

  static String text(byte[] body, String name) {
    return JsonText.parse(body) instanceof Json.Obj(var fields)
            && fields.get(name) instanceof Json.Str(var value)
        ? value
        : "";
  }

  private static void fail(HttpExchange exchange, Fault fault) throws IOException {
    switch (fault) {
      case BROKEN -> answer(exchange, new Answer(500, Shape.obj("message", "broken")));
      case BUSY -> {
        exchange.getResponseHeaders().add("Retry-After", "1");
        answer(exchange, new Answer(429, Shape.obj("message", "busy")));
      }
      case HALF -> {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write("{\"id\":".getBytes(StandardCharsets.US_ASCII));
        // Closing with less than was announced breaks the connection off.
      }
      case SILENT -> {
        try {
          TimeUnit.SECONDS.sleep(30); // longer than any caller's patience
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      case ANOTHER, LOST -> throw new IllegalArgumentException("answered elsewhere");
    }
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = JsonText.utf8(answer.body());
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }
}
