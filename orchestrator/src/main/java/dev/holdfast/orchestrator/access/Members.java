package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.AccessRefused.Kind;
import dev.holdfast.orchestrator.access.Changes.Done;
import dev.holdfast.orchestrator.access.Changes.Work;
import java.sql.SQLException;
import java.util.List;

/** Users and teams. Nobody gives or takes what they do not have themselves. Thread-safe. */
public final class Members {
  private final Changes changes;

  Members(Changes changes) {
    this.changes = changes;
  }

  /** Adds a user, who may do nothing yet. */
  public User add(Caller by, Name name) {
    return changes.make(
        by,
        "user.add",
        work -> {
          work.needs(Permission.MANAGE_USERS);
          if (work.now().user(name).isPresent()) {
            throw AccessRefused.conflict("there is a user " + name + " already");
          }
          if (work.now().team(name).isPresent()) {
            throw AccessRefused.conflict("there is a team " + name + "; choose another name");
          }
          var user =
              new User(
                  changes.database().ids().next("usr"),
                  name,
                  changes.clock().instant(),
                  java.util.Optional.empty());
          work.session()
              .update(
                  "INSERT INTO person (id, name, created_at) VALUES (?, ?, ?)",
                  user.id(),
                  name.value(),
                  user.created());
          return new Done<>(user, user.id(), List.of("the user " + name));
        });
  }

  /** From now on nothing of theirs counts: no token, no approval, no account at a forge. */
  public User disable(Caller by, Name name) {
    return changes.make(
        by,
        "user.disable",
        work -> {
          User user = mine(work, name);
          work.session()
              .update(
                  "UPDATE person SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL",
                  changes.clock().instant(),
                  user.id());
          return new Done<>(
              Directory.load(work.session()).user(user.id()).orElse(user),
              user.id(),
              List.of("the user " + name));
        });
  }

  /** Undoes {@link #disable}. */
  public User enable(Caller by, Name name) {
    return changes.make(
        by,
        "user.enable",
        work -> {
          work.needs(Permission.MANAGE_USERS);
          User user = user(work.now(), name);
          work.session().update("UPDATE person SET disabled_at = NULL WHERE id = ?", user.id());
          Directory then = Directory.load(work.session());
          // While they are disabled they have nothing; what counts is what they would have again.
          if (!work.by().has(then.grants(user.id()))) {
            throw more(name);
          }
          return new Done<>(
              then.user(user.id()).orElse(user), user.id(), List.of("the user " + name));
        });
  }

  /** Adds a team without members. */
  public Team addTeam(Caller by, Name name) {
    return changes.make(
        by,
        "team.add",
        work -> {
          work.needs(Permission.MANAGE_USERS);
          if (work.now().team(name).isPresent()) {
            throw AccessRefused.conflict("there is a team " + name + " already");
          }
          if (work.now().user(name).isPresent()) {
            throw AccessRefused.conflict("there is a user " + name + "; choose another name");
          }
          var team = new Team(changes.database().ids().next("team"), name, java.util.Set.of());
          work.session()
              .update(
                  "INSERT INTO team (id, name, created_at) VALUES (?, ?, ?)",
                  team.id(),
                  name.value(),
                  changes.clock().instant());
          return new Done<>(team, team.id(), List.of("the team " + name));
        });
  }

  /** Removes a team, and with it what was granted to it. */
  public void removeTeam(Caller by, Name name) {
    changes.make(
        by,
        "team.remove",
        work -> {
          Team team = team(work, name);
          work.session().update("DELETE FROM role_grant WHERE team_id = ?", team.id());
          work.session().update("DELETE FROM membership WHERE team_id = ?", team.id());
          work.session().update("DELETE FROM team WHERE id = ?", team.id());
          return new Done<>(true, team.id(), List.of("the team " + name));
        });
  }

  /** Makes a user a member of a team, which is to grant them what the team has. */
  public void join(Caller by, Name teamName, Name userName) {
    changes.make(
        by,
        "team.join",
        work -> {
          Team team = team(work, teamName);
          User user = user(work.now(), userName);
          work.session()
              .update(
                  "INSERT INTO membership (team_id, person_id, added_at) VALUES (?, ?, ?) ON"
                      + " CONFLICT (team_id, person_id) DO NOTHING",
                  team.id(),
                  user.id(),
                  changes.clock().instant());
          return new Done<>(
              true, team.id(), List.of("the user " + userName + " in the team " + teamName));
        });
  }

  /** Ends a membership. */
  public void leave(Caller by, Name teamName, Name userName) {
    changes.make(
        by,
        "team.leave",
        work -> {
          Team team = team(work, teamName);
          User user = user(work.now(), userName);
          int gone =
              work.session()
                  .update(
                      "DELETE FROM membership WHERE team_id = ? AND person_id = ?",
                      team.id(),
                      user.id());
          if (gone == 0) {
            throw AccessRefused.unknown(
                "the user " + userName + " is no member of the team " + teamName);
          }
          return new Done<>(
              true, team.id(), List.of("the user " + userName + " in the team " + teamName));
        });
  }

  static User user(Directory now, Name name) {
    return now.user(name)
        .orElseThrow(() ->
            AccessRefused.unknown(
                "there is no user " + name + "; holdfast user list shows who there is"));
  }

  /** A user who may do nothing that the caller may not. */
  private static User mine(Work work, Name name) throws SQLException {
    work.needs(Permission.MANAGE_USERS);
    User user = user(work.now(), name);
    if (!work.by().has(work.now().grants(user.id()))) {
      throw more(name);
    }
    return user;
  }

  /** A team to which nothing was granted that the caller does not have. */
  private static Team team(Work work, Name name) {
    work.needs(Permission.MANAGE_USERS);
    Team team =
        work.now()
            .team(name)
            .orElseThrow(() ->
                AccessRefused.unknown(
                    "there is no team " + name + "; holdfast team list shows which there are"));
    boolean within =
        work.now().held().stream()
            .filter(held -> held.holder().equals(team.id()))
            .allMatch(held -> work.by().has(held.grant()));
    if (!within) {
      throw more(name);
    }
    return team;
  }

  static AccessRefused more(Name name) {
    return new AccessRefused(
        Kind.FORBIDDEN,
        name + " may do more than you, so this is for somebody who may do as much; ask an owner");
  }
}
