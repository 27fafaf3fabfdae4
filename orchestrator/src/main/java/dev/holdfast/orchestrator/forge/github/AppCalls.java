package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Fields;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Token;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What Holdfast asks a GitHub as an app. Thread-safe. */
public final class AppCalls {
  private static final Pattern FULL_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9._-]{1,100}");

  /** What the app has to be let do, and nothing more is asked for. */
  private static final Map<String, String> NEEDS =
      Map.of("contents", "read", "metadata", "read", "pull_requests", "write", "checks", "write");

  private static final List<String> EVENTS = List.of("push", "pull_request", "issue_comment");
  private static final List<String> RISING = List.of("none", "read", "write", "admin");

  private final Calls calls;

  public AppCalls(Calls calls) {
    this.calls = calls;
  }

  /**
   * An app that shows who it is.
   *
   * @param api where the forge's calls start
   * @param number GitHub's
   */
  public record Self(URI api, long number, AppKey key) {}

  /**
   * How GitHub knows the app.
   *
   * @param missing what it is not let do or not told of and should, in words
   */
  public record Known(String name, List<String> missing) {}

  /**
   * Where the app is installed.
   *
   * @param missing what it is not let do there and should, in words
   */
  public record Installation(long number, List<String> missing) {}

  /** A token for one repository, and when it ends. */
  public record Minted(Token token, Instant until) {}

  /** Whether it is the app that it says, and what it lacks. */
  public Known known(Self self, Instant now) throws ForgeUnavailable {
    Fields app = ask("GET", self, "/app", Optional.empty(), now, "no app has this number and key");
    return reading(() -> {
      if (app.id("id") != self.number()) {
        throw app.wrong("id", "is not the number of the app");
      }
      var missing = new ArrayList<>(permissions(app));
      List<String> told = app.texts("events");
      EVENTS.stream()
          .filter(event -> !told.contains(event))
          .forEach(event -> missing.add("the event " + event));
      return new Known(app.text("name"), missing);
    });
  }

  /**
   * Where it is installed for a repository.
   *
   * @param fullName as {@code owner/name}
   */
  public Installation installation(Self self, String fullName, Instant now)
      throws ForgeUnavailable {
    if (!FULL_NAME.matcher(fullName).matches() || fullName.contains("..")) {
      throw new ForgeUnavailable("give the repository as OWNER/NAME");
    }
    Fields there =
        ask(
            "GET",
            self,
            "/repos/" + fullName + "/installation",
            Optional.empty(),
            now,
            "the app is not installed for " + fullName + "; install it there");
    return reading(() -> new Installation(there.id("id"), permissions(there)));
  }

  /** A token that is good for one repository and for what Holdfast does there. */
  public Minted mint(Self self, long installation, Scope scope, Instant now)
      throws ForgeUnavailable {
    var asked = new LinkedHashMap<String, Json>();
    switch (scope) {
      case Scope.Named(var name) ->
          asked.put("repositories", new Json.Arr(List.of(new Json.Str(name))));
      case Scope.Numbered(var id) ->
          asked.put("repository_ids", new Json.Arr(List.of(Json.Num.of(id))));
    }
    var permissions = new LinkedHashMap<String, Json>();
    NEEDS.forEach((what, level) -> permissions.put(what, new Json.Str(level)));
    asked.put("permissions", new Json.Obj(permissions));
    Fields made =
        ask(
            "POST",
            self,
            "/app/installations/" + installation + "/access_tokens",
            Optional.of(new Json.Obj(asked)),
            now,
            "the app is not installed there any more; install it, and add the repository again");
    return reading(() -> new Minted(new Token(made.text("token"), true), made.time("expires_at")));
  }

  /** The one repository that a token is for. */
  public sealed interface Scope {
    /** By its name, without its owner's. */
    record Named(String name) implements Scope {}

    /** By GitHub's number. */
    record Numbered(long id) implements Scope {}
  }

  private static List<String> permissions(Fields answer) {
    Fields given = answer.object("permissions");
    return NEEDS.entrySet().stream()
        .filter(need ->
            RISING.indexOf(given.has(need.getKey()) ? given.text(need.getKey()) : "none")
                < RISING.indexOf(need.getValue()))
        .map(need -> "the permission " + need.getKey() + ": " + need.getValue())
        .sorted()
        .toList();
  }

  private Fields ask(
      String method, Self self, String path, Optional<Json> body, Instant now, String missing)
      throws ForgeUnavailable {
    Calls.Answer answer =
        calls.call(
            method,
            URI.create(self.api() + path),
            Optional.of(new Token(self.key().signed(self.number(), now), true)),
            body,
            GitHub.JSON);
    return switch (answer) {
      case Calls.Answer.Good(var good) -> reading(() -> Fields.of(good));
      case Calls.Answer.Missing() -> throw new ForgeUnavailable(missing);
      case Calls.Answer.Failed(var why, var after) -> throw new ForgeUnavailable(why);
    };
  }

  private interface Reader<T> {
    T read();
  }

  private static <T> T reading(Reader<T> reader) throws ForgeUnavailable {
    try {
      return reader.read();
    } catch (MalformedJson e) {
      throw new ForgeUnavailable("GitHub does not answer as it should: " + e.getMessage(), e);
    }
  }
}
