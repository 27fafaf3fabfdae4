package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Scope;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Changes.Work;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A token that somebody asks for. It is good for no more than the token that asks, and lives no
 * longer. For somebody else it names what it is good for, which whoever asks has too; and since
 * approvals count people, only an owner makes one for somebody else that can approve.
 *
 * @param user whose; empty for one's own
 * @param permissions what it is good for; empty for as much as the token that asks
 * @param repository the only one where; empty for as many as the token that asks
 * @param expires empty for {@link Tokens#LIFE}
 */
public record NewToken(
    Name name,
    Optional<Name> user,
    Optional<Set<Permission>> permissions,
    Optional<Repository> repository,
    Optional<Instant> expires) {

  public NewToken {
    permissions = permissions.map(Set::copyOf);
  }

  Tokens.Token token(Work work, String id, Instant now, Optional<Instant> makersEnd) {
    User target = user.map(asked -> Members.user(work.now(), asked)).orElse(work.by().user());
    Scope scope =
        target.id().equals(work.by().user().id()) ? own(work) : others(work, target.name());
    return new Tokens.Token(
        id,
        Tokens.Kind.PERSON,
        name.value(),
        Optional.of(target.id()),
        scope,
        now,
        Optional.of(end(now, makersEnd)));
  }

  private Scope own(Work work) {
    Scope makers = work.by().scope();
    var scope =
        new Scope(
            permissions.or(makers::permissions),
            repository.map(Repository::id).or(makers::repository));
    if (!scope.within(makers)) {
      throw AccessRefused.forbidden(
          "a token is good for no more than the one that makes it; use one with a wider scope");
    }
    for (Permission permission : permissions.map(TreeSet::new).orElseGet(TreeSet::new)) {
      fits(permission);
      boolean has =
          scope.repository().isPresent()
              ? work.by().may(permission, scope.repository())
              : work.by().maySomewhere(permission);
      if (!has) {
        throw lacking(permission);
      }
    }
    return scope;
  }

  private Scope others(Work work, Name target) {
    work.needs(Permission.MANAGE_TOKENS);
    boolean owner = work.by().may(Permission.MANAGE_OWNERS, Optional.empty());
    if (permissions.isEmpty() && !owner) {
      throw AccessRefused.forbidden(
          "a token for "
              + target
              + " names what it is good for, as --scope view; only an owner makes one without");
    }
    var scope = new Scope(permissions, repository.map(Repository::id));
    if (!scope.within(work.by().scope())) {
      throw AccessRefused.forbidden(
          "a token is good for no more than the one that makes it; use one with a wider scope");
    }
    for (Permission permission : permissions.map(TreeSet::new).orElseGet(TreeSet::new)) {
      fits(permission);
      if (permission == Permission.APPROVE && !owner) {
        throw AccessRefused.forbidden(
            "a token that approves is for "
                + target
                + " alone to make, since approvals count people; only an owner makes one for"
                + " somebody else");
      }
      if (!work.by().may(permission, scope.repository())) {
        throw lacking(permission);
      }
    }
    return scope;
  }

  private void fits(Permission permission) {
    if (repository.isPresent() && !permission.inRepository()) {
      throw AccessRefused.conflict(
          permission.word()
              + " is for the installation, never for one repository; leave the repository out");
    }
  }

  private static AccessRefused lacking(Permission permission) {
    return AccessRefused.forbidden(
        "you do not have "
            + permission.word()
            + " there, so no token that you make has it; an owner gives it with holdfast user"
            + " grant");
  }

  private Instant end(Instant now, Optional<Instant> makersEnd) {
    Instant end =
        expires.orElseGet(() -> {
          Instant usual = now.plus(Tokens.LIFE);
          return makersEnd.filter(makers -> makers.isBefore(usual)).orElse(usual);
        });
    if (!end.isAfter(now)) {
      throw AccessRefused.conflict("a token that expires " + end + " is over already");
    }
    if (makersEnd.filter(end::isAfter).isPresent()) {
      throw AccessRefused.forbidden(
          "a token lives no longer than the one that makes it, which expires "
              + makersEnd.get()
              + "; use one that lives longer");
    }
    return end;
  }

  List<String> reasons() {
    return List.of(
        "the token " + name + user.map(u -> " for " + u).orElse(""),
        "good for "
            + permissions
                .map(some ->
                    String.join(", ", new TreeSet<>(some).stream().map(Permission::word).toList()))
                .orElse("as much as the token that made it")
            + repository.map(r -> " in the repository " + r.name()).orElse(""));
  }
}
