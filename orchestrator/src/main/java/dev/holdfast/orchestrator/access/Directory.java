package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** All users, teams, grants and identities at one moment. Immutable. */
public final class Directory {
  private final Map<String, User> users;
  private final Map<String, Team> teams;
  private final List<Held> held;
  private final List<Identity> identities;
  private final Map<String, List<Grant>> grants;
  private final Map<Account, String> accounts;

  private record Account(String forge, String id) {}

  private Directory(
      Map<String, User> users,
      Map<String, Team> teams,
      List<Held> held,
      List<Identity> identities) {
    this.users = users;
    this.teams = teams;
    this.held = List.copyOf(held);
    this.identities = List.copyOf(identities);
    this.grants = grants(users, teams, held);
    this.accounts = new HashMap<>();
    identities.forEach(i -> accounts.put(new Account(i.forge(), i.account()), i.user()));
  }

  /** What {@code session} sees. */
  static Directory load(Session session) throws SQLException {
    var users = new LinkedHashMap<String, User>();
    for (User user : session.list("SELECT * FROM person ORDER BY name", Directory::user)) {
      users.put(user.id(), user);
    }
    var members = new HashMap<String, Set<String>>();
    session.list(
        "SELECT * FROM membership",
        row ->
            members
                .computeIfAbsent(row.text("team_id"), _ -> new HashSet<>())
                .add(row.text("person_id")));
    var teams = new LinkedHashMap<String, Team>();
    for (Team team :
        session.list(
            "SELECT * FROM team ORDER BY name",
            row ->
                new Team(
                    row.text("id"),
                    new Name(row.text("name")),
                    members.getOrDefault(row.text("id"), Set.of())))) {
      teams.put(team.id(), team);
    }
    return new Directory(
        users,
        teams,
        session.list("SELECT * FROM role_grant ORDER BY id", Directory::held),
        session.list("SELECT * FROM identity ORDER BY id", Directory::identity));
  }

  private static User user(Row row) throws SQLException {
    return new User(
        row.text("id"),
        new Name(row.text("name")),
        row.time("created_at"),
        row.maybeTime("disabled_at"));
  }

  private static Held held(Row row) throws SQLException {
    String what = row.text("what");
    Grantable grantable =
        Grantable.of(what)
            .orElseThrow(() ->
                new SQLException(
                    "the grant of "
                        + what
                        + " is none that this release knows; run the newer release"));
    Optional<String> person = row.maybeText("person_id");
    return new Held(
        row.text("id"),
        person.isPresent() ? person.get() : row.text("team_id"),
        new Grant(grantable, row.maybeText("repository_id")));
  }

  private static Identity identity(Row row) throws SQLException {
    return new Identity(
        row.text("id"),
        row.text("forge"),
        row.text("account"),
        row.text("name"),
        row.text("person_id"),
        row.time("linked_at"));
  }

  private static Map<String, List<Grant>> grants(
      Map<String, User> users, Map<String, Team> teams, List<Held> held) {
    var out = new HashMap<String, List<Grant>>();
    for (Held one : held) {
      Team team = teams.get(one.holder());
      Set<String> holders = team == null ? Set.of(one.holder()) : team.members();
      for (String holder : holders) {
        User user = users.get(holder);
        if (user != null && user.enabled()) {
          out.computeIfAbsent(holder, _ -> new ArrayList<>()).add(one.grant());
        }
      }
    }
    return out;
  }

  /** All users, by name. */
  public List<User> users() {
    return List.copyOf(users.values());
  }

  /** All teams, by name. */
  public List<Team> teams() {
    return List.copyOf(teams.values());
  }

  /** All grants, oldest first. */
  public List<Held> held() {
    return held;
  }

  /** All accounts at forges that are linked, oldest first. */
  public List<Identity> identities() {
    return identities;
  }

  public Optional<User> user(String id) {
    return Optional.ofNullable(users.get(id));
  }

  public Optional<User> user(Name name) {
    return users.values().stream().filter(user -> user.name().equals(name)).findFirst();
  }

  public Optional<Team> team(Name name) {
    return teams.values().stream().filter(team -> team.name().equals(name)).findFirst();
  }

  /** The name of the user or team with this id. */
  public String nameOf(String holder) {
    User user = users.get(holder);
    Team team = teams.get(holder);
    return user != null ? user.name().value() : team != null ? team.name().value() : holder;
  }

  /** What was granted to a user and to their teams; nothing for one who is disabled or unknown. */
  public List<Grant> grants(String user) {
    return List.copyOf(grants.getOrDefault(user, List.of()));
  }

  /** Whether a user may do this there; see {@link Grant#allowed}. */
  public boolean may(String user, Permission permission, Optional<String> repository) {
    return Grant.allowed(grants.getOrDefault(user, List.of()), permission, repository);
  }

  /** The ids of the users who may do this there. */
  public Set<String> whoMay(Permission permission, Optional<String> repository) {
    var out = new TreeSet<String>();
    grants.forEach((user, theirs) -> {
      if (Grant.allowed(theirs, permission, repository)) {
        out.add(user);
      }
    });
    return out;
  }

  /** The id of the enabled user whose account this is. */
  Optional<String> linked(String forge, String account) {
    return Optional.ofNullable(accounts.get(new Account(forge, account)))
        .filter(id -> user(id).filter(User::enabled).isPresent());
  }
}
