package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.model.access.Scope;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who may call what. */
public final class Gate {
  private static final String TOKEN = "holdfast.token";
  private static final String CALLER = "holdfast.caller";
  private static final int MOST_NAMES = 3;

  /** The parts of paths that lead to a repository, and how. */
  private static final Map<String, String> REPOSITORY_OF =
      Map.of(
          "name",
          "SELECT id AS repository_id FROM repository WHERE name = ? AND removed_at IS NULL",
          "hold",
          "SELECT repository_id FROM hold WHERE id = ?",
          "run",
          "SELECT repository_id FROM run WHERE id = ?",
          "attempt",
          "SELECT run.repository_id FROM attempt JOIN run ON run.id = attempt.run_id WHERE"
              + " attempt.id = ?");

  private final Access access;
  private final Sessions sessions;
  private final Agents agents;
  private final Database database;
  private final Refusals refusals;

  Gate(Access access, Agents agents, Database database, Refusals refusals) {
    this.refusals = refusals;
    this.access = access;
    this.sessions = new Sessions(access.tokens());
    this.agents = agents;
    this.database = database;
  }

  /** Lets a call with a token of this kind through; refuses all others. */
  void check(Context ctx, Tokens.Kind kind) {
    if (Router.isPage(ctx)) {
      // Never by a token: what a browser is told to send along is a session's cookie alone.
      let(ctx, sessions.checkPage(ctx));
      return;
    }
    String header = ctx.header("Authorization");
    if (header == null && kind == Tokens.Kind.PERSON && Sessions.sent(ctx)) {
      let(ctx, sessions.check(ctx));
      return;
    }
    if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Problem(401, "no token was sent; send one as Authorization: Bearer TOKEN");
    }
    Tokens.Token token =
        access
            .tokens()
            .check(header.substring(7).trim())
            .orElseThrow(() -> new Problem(401, "the token is unknown, is over or was revoked"));
    if (token.kind() != kind) {
      throw new Problem(
          403,
          switch (kind) {
            case PERSON, SESSION ->
                "this needs a user's token; the one sent is an agent's or a" + " browser's";
            case AGENT -> "this needs an agent token; the one sent is for people";
          });
    }
    let(ctx, token);
  }

  private void let(Context ctx, Tokens.Token token) {
    ctx.attribute(TOKEN, token);
    if (token.kind() != Tokens.Kind.AGENT) {
      ctx.attribute(
          CALLER,
          access
              .caller(token, Optional.of(ctx.ip()))
              .orElseThrow(
                  () -> new Problem(401, "the user whose token it is was disabled; ask an owner")));
    }
  }

  /** Lets who has {@code needs} for the whole installation through. */
  void installation(Context ctx, Permission needs) {
    check(ctx, Tokens.Kind.PERSON);
    if (!caller(ctx).may(needs, Optional.empty())) {
      throw forbidden(caller(ctx), needs, "", grants -> grants.may(needs, Optional.empty()));
    }
  }

  /** Lets who has {@code needs} anywhere through. */
  void somewhere(Context ctx, Permission needs) {
    check(ctx, Tokens.Kind.PERSON);
    if (!caller(ctx).maySomewhere(needs)) {
      throw forbidden(
          caller(ctx), needs, " in a repository", unscoped -> unscoped.maySomewhere(needs));
    }
  }

  /**
   * Lets who has {@code needs} in the repository through that {@code part} of the path leads to.
   */
  void repository(Context ctx, Permission needs, String part) {
    repository(ctx, needs, part, ctx.pathParam(part));
  }

  private void repository(Context ctx, Permission needs, String part, String value) {
    check(ctx, Tokens.Kind.PERSON);
    Caller caller = caller(ctx);
    if (caller.may(needs, Optional.empty())) {
      return;
    }
    String sql = REPOSITORY_OF.get(part);
    if (sql == null) {
      throw new IllegalStateException("nothing says how " + part + " leads to a repository");
    }
    Optional<String> repository =
        database.read(s -> s.first(sql, row -> row.text("repository_id"), value));
    // The same answer where there is none: who may not look learns not even whether it exists.
    if (repository.filter(id -> caller.may(needs, Optional.of(id))).isEmpty()) {
      throw forbidden(
          caller,
          needs,
          " in that repository",
          unscoped -> repository.filter(id -> unscoped.may(needs, Optional.of(id))).isPresent());
    }
  }

  /** As {@link #repository} for the one that the query names; without one, the installation. */
  void queried(Context ctx, Permission needs) {
    Optional<String> name = Http.query(ctx, "repository");
    if (name.isEmpty()) {
      installation(ctx, needs);
    } else {
      repository(ctx, needs, "name", name.get());
    }
  }

  /** The part of {@code path} that leads to a repository. */
  String leadsToRepository(String path) {
    return REPOSITORY_OF.keySet().stream()
        .filter(part -> path.contains("{" + part + "}"))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("nothing in " + path + " leads to a repository"));
  }

  private Problem forbidden(
      Caller caller, Permission needs, String where, Predicate<Caller> enough) {
    refusals.note(caller, needs, where);
    var unscoped =
        new Caller(caller.user(), caller.token(), Scope.ALL, caller.grants(), caller.from());
    if (enough.test(unscoped)) {
      return new Problem(
          403,
          "this needs the permission "
              + needs.word()
              + where
              + ", which you have and this token does not; make one that has it: holdfast token"
              + " make --scope "
              + needs.word());
    }
    String roles =
        Arrays.stream(Role.values())
            .filter(role -> role.permissions().contains(needs))
            .map(Role::word)
            .collect(Collectors.joining(", "));
    return new Problem(
        403,
        "this needs the permission "
            + needs.word()
            + where
            + ", which the roles "
            + roles
            + " have; "
            + givers()
            + " can give it, with holdfast user grant");
  }

  /** Some who manage users, by name. */
  private String givers() {
    Directory now = access.directory();
    List<String> names =
        now.whoMay(Permission.MANAGE_USERS, Optional.empty()).stream()
            .limit(MOST_NAMES)
            .map(now::nameOf)
            .toList();
    return String.join(", ", names);
  }

  /** The user whose call it is. */
  public Caller caller(Context ctx) {
    Caller caller = ctx.attribute(CALLER);
    if (caller == null) {
      throw new Problem(401, "no user's token was sent");
    }
    return caller;
  }

  /** The user whose call it is, where that came out before it was refused. */
  public static Optional<Caller> known(Context ctx) {
    return Optional.ofNullable(ctx.attribute(CALLER));
  }

  /** Those of {@code all} in which the caller has {@code needs}. */
  public List<Repository> among(Context ctx, Permission needs, List<Repository> all) {
    Caller caller = caller(ctx);
    return all.stream().filter(r -> caller.may(needs, Optional.of(r.id()))).toList();
  }

  /** The ids of the repositories of which the caller sees something. */
  public List<String> viewable(Context ctx) {
    Caller caller = caller(ctx);
    return Stream.concat(
            caller.scope().repository().stream(),
            caller.grants().stream().flatMap(grant -> grant.repository().stream()))
        .filter(id -> caller.may(Permission.VIEW, Optional.of(id)))
        .distinct()
        .toList();
  }

  /** What people call the user with this id; the id where it is nobody's. */
  public String nameOf(String user) {
    return access.directory().nameOf(user);
  }

  /** The id of the user of this name; the word itself where nobody is called so. */
  String idOf(String name) {
    try {
      return access.directory().user(new Name(name)).map(User::id).orElse(name);
    } catch (IllegalArgumentException e) {
      return name; // an id has signs that no name has
    }
  }

  /** Whether a call that goes on for long would still be let through: its user and token stand. */
  public boolean stands(Context ctx) {
    Caller caller = caller(ctx);
    return access.tokens().stands(caller.token())
        && access.directory().grants(caller.user().id()).containsAll(caller.grants());
  }

  /** The token that came with the call. */
  public Tokens.Token token(Context ctx) {
    Tokens.Token token = ctx.attribute(TOKEN);
    if (token == null) {
      throw new Problem(401, "no token was sent");
    }
    return token;
  }

  /** The agent whose call it is. */
  Agent agent(Context ctx, String id) {
    String name = token(ctx).name();
    Agent agent =
        agents
            .of(id, name)
            .orElseThrow(
                () -> new Problem(403, "the token is the agent " + name + "'s; register as it"));
    agents.seen(agent);
    return agent;
  }

  /** The agent whose token came with the call, where the call does not name it. */
  Agent agent(Context ctx) {
    String name = token(ctx).name();
    return agents
        .byName(name)
        .orElseThrow(() -> new Problem(403, "the agent " + name + " is not registered"));
  }
}
