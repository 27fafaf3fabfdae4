package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What the APIs of GitHub and Gitea have in common. Both tell a permission by name only; so an id
 * is turned into its present name, and the answer has to be about that id again. Thread-safe.
 *
 * @param accept what is asked for
 */
public record Api(Calls calls, String accept) {
  private static final Pattern FULL_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9._-]{1,100}");

  /** See {@link Dialect#find}. */
  public Repository.Location.AtForge find(
      Repository.Host host, String fullName, Optional<Token> token) throws ForgeUnavailable {
    if (!FULL_NAME.matcher(fullName).matches() || fullName.contains("..")) {
      throw new ForgeUnavailable("give the repository as OWNER/NAME");
    }
    Calls.Answer answer =
        calls.call(
            "GET", URI.create(host.api() + "/repos/" + fullName), token, Optional.empty(), accept);
    return switch (answer) {
      case Calls.Answer.Good(var body) -> {
        try {
          Fields there = Fields.of(body);
          yield Repository.Location.AtForge.found(
              host, there.id("id"), URI.create(there.text("clone_url")));
        } catch (MalformedJson | IllegalArgumentException e) {
          throw new ForgeUnavailable(
              host.api() + " does not answer as this kind of forge does: " + e.getMessage(), e);
        }
      }
      case Calls.Answer.Missing() ->
          throw new ForgeUnavailable(
              host.name()
                  + " has no repository "
                  + fullName
                  + ", or the token may not see it; give one that may read it");
      case Calls.Answer.Failed(var why, var after) ->
          throw new ForgeUnavailable(host.name() + ": " + why);
    };
  }

  /** See {@link Dialect#visibility}. */
  public Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<Token> token) {
    return switch (repository(at, token)) {
      case Lookup.Known<Fields>(var fields) ->
          new Lookup.Known<>(fields.flag("private") ? Visibility.PRIVATE : Visibility.PUBLIC);
      case Lookup.Absent<Fields>() -> new Lookup.Failed<>("the token does not see the repository");
      case Lookup.Failed<Fields>(var why) -> new Lookup.Failed<>(why);
    };
  }

  /**
   * See {@link Dialect#permission}.
   *
   * @param account what the forge says of the account with this id
   * @param words what the forge's words for permissions mean
   */
  public Lookup<ForgePermission> permission(
      Repository.Location.AtForge at,
      String id,
      Optional<Token> token,
      Lookup<Fields> account,
      Function<String, ForgePermission> words) {
    if (!(account instanceof Lookup.Known<Fields>(var person))) {
      return account instanceof Lookup.Failed<Fields>(var why)
          ? new Lookup.Failed<>(why)
          : new Lookup.Failed<>("there is no account " + id + " any more");
    }
    if (!isNumber(person, id)) {
      return new Lookup.Failed<>("asked for the account " + id + ", another was answered");
    }
    Lookup<Fields> found = repository(at, token);
    if (!(found instanceof Lookup.Known<Fields>(var there))) {
      return found instanceof Lookup.Failed<Fields>(var why)
          ? new Lookup.Failed<>(why)
          : new Lookup.Failed<>("the token does not see the repository");
    }
    Lookup<Fields> answer =
        get(
            at.host(),
            token,
            "/repos/"
                + name(there.text("full_name"))
                + "/collaborators/"
                + name(person.text("login"))
                + "/permission");
    return switch (answer) {
      case Lookup.Known<Fields>(var fields) when !isNumber(fields.object("user"), id) ->
          new Lookup.Failed<>("the name of the account " + id + " changed hands just now");
      case Lookup.Known<Fields>(var fields) ->
          new Lookup.Known<>(words.apply(fields.text("permission")));
      // So both answer for who is no collaborator of a private repository.
      case Lookup.Absent<Fields>() -> new Lookup.Known<>(ForgePermission.NONE);
      case Lookup.Failed<Fields>(var why) -> new Lookup.Failed<>(why);
    };
  }

  private static boolean isNumber(Fields account, String id) {
    return Long.toString(account.id("id")).equals(id);
  }

  private static String name(String said) {
    if (!said.matches("[A-Za-z0-9][A-Za-z0-9_.\\-\\[\\]]*(/[A-Za-z0-9_.-]+)?")
        || said.contains("..")) {
      throw new MalformedJson("", "a name that is none");
    }
    return said.replace("[", "%5B").replace("]", "%5D");
  }

  private Lookup<Fields> repository(Repository.Location.AtForge at, Optional<Token> token) {
    Lookup<Fields> found = get(at.host(), token, "/repositories/" + at.id());
    return found instanceof Lookup.Known<Fields>(var fields) && fields.id("id") != at.id()
        ? new Lookup.Failed<>("asked for the repository " + at.id() + ", another was answered")
        : found;
  }

  /** See {@link Dialect#tell}. */
  public Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("state", new Json.Str(status.state().word()));
    fields.put("context", new Json.Str(status.context()));
    fields.put("description", new Json.Str(status.description()));
    status.link().ifPresent(link -> fields.put("target_url", new Json.Str(link.toString())));
    return inside(
        at,
        token,
        root ->
            calls.call(
                "POST",
                URI.create(root + "/statuses/" + status.commit().value()),
                token,
                Optional.of(new Json.Obj(fields)),
                accept));
  }

  /** See {@link Dialect#say}. */
  public Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<Token> token) {
    return inside(
        at,
        token,
        root -> {
          String thread = root + "/issues/" + remark.pullRequest() + "/comments";
          if (perhaps) {
            // Both know since; each has a word of its own for how many.
            Calls.Answer there =
                calls.call(
                    "GET",
                    URI.create(thread + "?since=" + remark.since() + "&per_page=100&limit=100"),
                    token,
                    Optional.empty(),
                    accept);
            if (!(there instanceof Calls.Answer.Good(var comments)) || remark.isAmong(comments)) {
              return there;
            }
          }
          var fields = new LinkedHashMap<String, Json>();
          fields.put("body", new Json.Str(remark.body()));
          return calls.call(
              "POST", URI.create(thread), token, Optional.of(new Json.Obj(fields)), accept);
        });
  }

  /** Calls within a repository go by its name, which is looked up by its id each time. */
  public Calls.Answer inside(
      Repository.Location.AtForge at, Optional<Token> token, Function<String, Calls.Answer> call) {
    try {
      return switch (repository(at, token)) {
        case Lookup.Known<Fields>(var there) ->
            call.apply(at.host().api() + "/repos/" + name(there.text("full_name")));
        case Lookup.Absent<Fields>() -> new Calls.Answer.Missing();
        case Lookup.Failed<Fields>(var why) -> new Calls.Answer.Failed(why, Optional.empty());
      };
    } catch (MalformedJson e) {
      return new Calls.Answer.Failed(
          "what was answered is no repository: " + e.getMessage(), Optional.empty());
    }
  }

  /** What the forge answers; absent if it says that there is none. */
  public Lookup<Fields> get(Repository.Host host, Optional<Token> token, String path) {
    Calls.Answer answer =
        calls.call("GET", URI.create(host.api() + path), token, Optional.<Json>empty(), accept);
    return switch (answer) {
      case Calls.Answer.Good(var body) -> new Lookup.Known<>(Fields.of(body));
      case Calls.Answer.Missing() -> new Lookup.Absent<>();
      case Calls.Answer.Failed(var why, var after) -> new Lookup.Failed<>(why);
    };
  }
}
