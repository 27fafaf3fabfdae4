package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Held;
import dev.holdfast.orchestrator.access.NewToken;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What people see of grants and tokens and do with them, however they ask for it. */
public record AccessActions(Gate gate, Access access, Repositories repositories) {
  /**
   * A token that somebody asks for, as they say it.
   *
   * @param scope permissions; empty for as much as the token that asks
   */
  public record Ask(
      Name name,
      Optional<Name> user,
      List<String> scope,
      Optional<Name> repository,
      Optional<Instant> expires) {}

  /** Those grants that the caller may give and take. */
  public List<Held> grants(Context ctx) {
    Caller caller = gate.caller(ctx);
    return access.directory().held().stream()
        .filter(held -> caller.may(Permission.MANAGE_USERS, held.grant().repository()))
        .toList();
  }

  /** Gives a role or a permission, in one repository or everywhere. */
  public Held grant(Context ctx, Name to, String what, Optional<Name> repository) {
    return access.granting().grant(gate.caller(ctx), to, grantable(what), managed(ctx, repository));
  }

  /** Takes one back. */
  public void revoke(Context ctx, Name from, String what, Optional<Name> repository) {
    access.granting().revoke(gate.caller(ctx), from, grantable(what), managed(ctx, repository));
  }

  private static Grantable grantable(String what) {
    return Grantable.of(what)
        .orElseThrow(() ->
            new Problem(
                400,
                "what: is "
                    + Quote.of(what)
                    + "; expected a role ("
                    + Arrays.stream(Role.values()).map(Role::word).collect(Collectors.joining(", "))
                    + ") or a permission ("
                    + Arrays.stream(Permission.values())
                        .map(Permission::word)
                        .collect(Collectors.joining(", "))
                    + ")"));
  }

  /** The repository asked for; who may not grant there learns not whether there is one. */
  private Optional<Repository> managed(Context ctx, Optional<Name> asked) {
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    Name name = asked.get();
    Optional<Repository> found = repositories.byName(name);
    boolean may = gate.caller(ctx).may(Permission.MANAGE_USERS, found.map(Repository::id));
    if (!may) {
      throw new Problem(
          403, "this needs the permission manage-users in " + name + "; ask an owner for it");
    }
    return Optional.of(
        found.orElseThrow(() ->
            new Problem(404, "there is no repository " + name + "; holdfast repo add makes one")));
  }

  /**
   * Tokens and sessions in force: the caller's own, or with the right to, everybody's.
   *
   * @param all everybody's
   */
  public List<Tokens.Token> tokens(Context ctx, boolean all) {
    Caller caller = gate.caller(ctx);
    if (all) {
      gate.installation(ctx, Permission.MANAGE_TOKENS);
    }
    return Stream.of(Tokens.Kind.PERSON, Tokens.Kind.SESSION)
        .flatMap(kind -> access.tokens().list(kind).stream())
        .filter(token -> all || token.user().equals(Optional.of(caller.user().id())))
        .toList();
  }

  /** Makes one. */
  public Tokens.Made make(Context ctx, Ask asked) {
    return access
        .tokens()
        .make(
            gate.caller(ctx),
            new NewToken(
                asked.name(),
                asked.user(),
                asked.scope().isEmpty()
                    ? Optional.empty()
                    : Optional.of(permissions(asked.scope())),
                asked.repository().map(name -> seen(ctx, name)),
                asked.expires()));
  }

  private static Set<Permission> permissions(List<String> words) {
    var out = new LinkedHashSet<Permission>();
    for (String word : words) {
      out.add(
          Permission.named(word)
              .orElseThrow(() ->
                  new Problem(
                      400,
                      "scope: is "
                          + Quote.of(word)
                          + "; expected one of "
                          + Arrays.stream(Permission.values())
                              .map(Permission::word)
                              .collect(Collectors.joining(", ")))));
    }
    return out;
  }

  private Repository seen(Context ctx, Name name) {
    Caller caller = gate.caller(ctx);
    return repositories
        .byName(name)
        .filter(found -> caller.may(Permission.VIEW, Optional.of(found.id())))
        .orElseThrow(
            () -> new Problem(404, "there is no repository " + name + " that you may see"));
  }
}
