package dev.holdfast.orchestrator.access;

import static dev.holdfast.orchestrator.access.Ground.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may give what to whom, tried from below. */
class AccessTest {
  private static final Contributor ANN_AT_FORGE =
      new Contributor("github:api.github.com", "583231", "ann");

  @TempDir Path data = Path.of("");
  private Ground ground;

  @BeforeEach
  void open() {
    ground = new Ground(data);
  }

  @AfterEach
  void close() {
    ground.close();
  }

  private static Name name(String name) {
    return new Name(name);
  }

  private static void refused(AccessRefused.Kind kind, String says, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(AccessRefused.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(says);
  }

  private static void forbidden(String says, ThrowingCallable call) {
    refused(AccessRefused.Kind.FORBIDDEN, says, call);
  }

  private boolean may(String user, Permission permission) {
    String id = ground.access.directory().user(name(user)).orElseThrow().id();
    return ground.access.directory().may(id, permission, Optional.of(ground.app.id()));
  }

  @Test
  void aNewUserMayNothing() {
    Caller ann = ground.user("ann");
    for (Permission permission : Permission.values()) {
      assertThat(ann.may(permission, Optional.empty())).isFalse();
      assertThat(ann.maySomewhere(permission)).isFalse();
    }
    forbidden("manage-users", () -> ground.access.members().add(ann, name("bob")));
    forbidden("manage-agents", () -> ground.access.tokens().makeForAgent(ann, "build-1"));
  }

  @Test
  void nobodyGrantsWhatTheyDoNotHave() {
    Caller ann = ground.user("ann", "admin");
    ground.user("bob");
    ground.grant(ann, "bob", "developer", Optional.empty());
    assertThat(may("bob", Permission.DEVELOP)).isTrue();
    forbidden("manage-owners", () -> ground.grant(ann, "bob", "owner", Optional.empty()));
    forbidden("manage-owners", () -> ground.grant(ann, "ann", "manage-owners", Optional.empty()));
    forbidden("manage-owners", () -> ground.revoke(ann, "admin", "owner"));

    // One who manages users and has nothing else gives nothing else.
    Caller eve = ground.user("eve", "manage-users");
    forbidden("approve", () -> ground.grant(eve, "eve", "approver", Optional.empty()));
    forbidden("view", () -> ground.grant(eve, "bob", "viewer", Optional.empty()));
    assertThat(may("eve", Permission.APPROVE)).isFalse();
  }

  @Test
  void aGrantInOneRepositoryGivesNothingElsewhere() {
    ground.user("ann");
    ground.user("bob");
    ground.grant(ground.admin(), "ann", "admin", Optional.of(ground.app));
    Caller ann = ground.as("ann");
    ground.grant(ann, "bob", "approver", Optional.of(ground.app));
    assertThat(may("bob", Permission.APPROVE)).isTrue();
    forbidden("manage-users", () -> ground.grant(ann, "bob", "viewer", Optional.of(ground.other)));
    forbidden("manage-users", () -> ground.grant(ann, "bob", "viewer", Optional.empty()));
    forbidden("manage-users", () -> ground.access.members().add(ann, name("eve")));
    refused(
        AccessRefused.Kind.CONFLICT,
        "is for the installation",
        () -> ground.grant(ground.admin(), "bob", "manage-agents", Optional.of(ground.app)));
  }

  /** A team that has more is a way up, by letting oneself in. */
  @Test
  void nobodyLetsSomebodyIntoATeamThatMayMoreThanThey() {
    ground.access.members().addTeam(ground.admin(), name("core"));
    ground.grant(ground.admin(), "core", "owner", Optional.empty());
    Caller ann = ground.user("ann", "admin");
    forbidden(
        "core may do more than you",
        () -> ground.access.members().join(ann, name("core"), name("ann")));
    forbidden(
        "core may do more than you", () -> ground.access.members().removeTeam(ann, name("core")));
    assertThat(may("ann", Permission.MANAGE_OWNERS)).isFalse();

    ground.access.members().join(ground.admin(), name("core"), name("ann"));
    assertThat(may("ann", Permission.MANAGE_OWNERS)).isTrue();
    ground.access.members().leave(ground.admin(), name("core"), name("ann"));
    assertThat(may("ann", Permission.MANAGE_OWNERS)).isFalse();
  }

  @Test
  void aTeamsGrantsAreItsMembers() {
    ground.access.members().addTeam(ground.admin(), name("reviewers"));
    ground.user("ann");
    ground.access.members().join(ground.admin(), name("reviewers"), name("ann"));
    ground.grant(ground.admin(), "reviewers", "approver", Optional.of(ground.app));
    assertThat(may("ann", Permission.APPROVE)).isTrue();
    ground.access.members().removeTeam(ground.admin(), name("reviewers"));
    assertThat(may("ann", Permission.APPROVE)).isFalse();
  }

  @Test
  void theLastOwnerStays() {
    Caller admin = ground.admin();
    String left = "nobody would be left who is owner";
    refused(AccessRefused.Kind.CONFLICT, left, () -> ground.revoke(admin, "admin", "owner"));
    refused(
        AccessRefused.Kind.CONFLICT,
        left,
        () -> ground.access.members().disable(admin, name("admin")));

    // A second one by way of a team; then the team is what must stay.
    ground.user("ann");
    ground.access.members().addTeam(admin, name("core"));
    ground.grant(admin, "core", "owner", Optional.empty());
    ground.access.members().join(admin, name("core"), name("ann"));
    Caller ann = ground.as("ann");
    ground.access.members().disable(ann, name("admin"));
    for (ThrowingCallable way :
        List.<ThrowingCallable>of(
            () -> ground.access.members().removeTeam(ann, name("core")),
            () -> ground.access.members().leave(ann, name("core"), name("ann")),
            () -> ground.revoke(ann, "core", "owner"),
            () -> ground.access.members().disable(ann, name("ann")))) {
      refused(AccessRefused.Kind.CONFLICT, left, way);
    }
    assertThat(may("ann", Permission.MANAGE_OWNERS)).isTrue();
  }

  @Test
  void nobodyDisablesOrEnablesWhoMayMore() {
    Caller ann = ground.user("ann", "admin");
    ground.user("bob", "owner");
    forbidden("bob may do more", () -> ground.access.members().disable(ann, name("bob")));
    ground.access.members().disable(ground.admin(), name("bob"));
    forbidden("bob may do more", () -> ground.access.members().enable(ann, name("bob")));
    assertThat(may("bob", Permission.VIEW)).isFalse();
    ground.access.members().enable(ground.admin(), name("bob"));
    assertThat(may("bob", Permission.VIEW)).isTrue();
  }

  @Test
  void nothingOfADisabledUserCounts() {
    Caller ann = ground.user("ann", "approver");
    ground.access.identities().link(ann, "github:api.github.com", "583231", "ann");
    Rights rights = ground.access.rights();
    String id = ann.user().id();
    Tokens.Made made = ground.access.tokens().make(ann, token("mine").ask());
    assertThat(rights.linked(ANN_AT_FORGE)).isEqualTo(new Lookup.Known<>(id));
    assertThat(rights.of(id, ground.app)).isEqualTo(new Lookup.Known<>(Right.DEVELOP));
    assertThat(rights.approvers(ground.app).known().orElseThrow()).contains(id);

    ground.access.members().disable(ground.admin(), name("ann"));
    assertThat(rights.linked(ANN_AT_FORGE)).isEqualTo(new Lookup.Absent<>());
    assertThat(rights.of(id, ground.app)).isEqualTo(new Lookup.Known<>(Right.NONE));
    assertThat(rights.approvers(ground.app).known().orElseThrow()).doesNotContain(id);
    assertThat(
            ground
                .access
                .tokens()
                .check(made.secret())
                .flatMap(t -> ground.access.caller(t, Optional.empty())))
        .isEmpty();
    // What they began before it, and finish after.
    forbidden("was disabled", () -> ground.access.tokens().make(ann, token("late").ask()));
  }

  @Test
  void rightsAreAskedForByIdAlone() {
    Caller ann = ground.user("ann", "developer");
    ground.access.identities().link(ann, "github:api.github.com", "583231", "ann");
    Rights rights = ground.access.rights();
    for (Contributor stranger :
        List.of(
            new Contributor("github:api.github.com", "583232", "ann"),
            new Contributor("github:other.example", "583231", "ann"),
            new Contributor("gitea:api.github.com", "583231", "ann"),
            new Contributor("github:api.github.com", "", "ann"),
            new Contributor("holdfast", "583231", "ann"),
            new Contributor("holdfast", "ann", "ann"))) {
      assertThat(rights.linked(stranger)).as("%s", stranger).isEqualTo(new Lookup.Absent<>());
    }
    assertThat(rights.linked(new Contributor("holdfast", ann.user().id(), "whoever")))
        .isEqualTo(new Lookup.Known<>(ann.user().id()));
    assertThat(rights.of("usr_nobody", ground.app)).isEqualTo(new Lookup.Known<>(Right.NONE));
    assertThat(rights.approvers(ground.app).known().orElseThrow())
        .isEqualTo(Set.of(ground.admin().user().id()));
  }

  @Test
  void anAccountIsOneUsersAndNobodyUnlinksTheirOwn() {
    Caller ann = ground.user("ann", "admin");
    Caller bob = ground.user("bob", "developer");
    Identity linked = ground.access.identities().link(ann, "github:api.github.com", "1", "ann");
    refused(
        AccessRefused.Kind.CONFLICT,
        "is another user's",
        () -> ground.access.identities().link(bob, "github:api.github.com", "1", "ann"));
    assertThat(ground.access.identities().link(ann, "github:api.github.com", "1", "renamed"))
        .isEqualTo(linked);
    // Else an author could hide that the change is theirs, and approve it.
    forbidden("one's own", () -> ground.access.identities().unlink(ann, linked.id()));
    forbidden("manage-users", () -> ground.access.identities().unlink(bob, linked.id()));
    ground.access.identities().unlink(ground.admin(), linked.id());
    assertThat(ground.access.identities().link(bob, "github:api.github.com", "1", "ann").user())
        .isEqualTo(bob.user().id());
  }

  @Test
  void whatIsNotOnRecordDoesNotHappen() {
    Caller admin = ground.admin();
    ground.auditFails = true;
    assertThatThrownBy(() -> ground.access.members().add(admin, name("ann")))
        .hasMessageContaining("the audit log is full");
    assertThatThrownBy(() -> ground.access.tokens().make(admin, token("t").ask()))
        .hasMessageContaining("the audit log is full");
    ground.auditFails = false;
    assertThat(ground.access.directory().user(name("ann"))).isEmpty();
    ground.restart();
    assertThat(ground.access.directory().user(name("ann"))).isEmpty();
    assertThat(ground.access.tokens().list(Tokens.Kind.PERSON)).hasSize(1);
  }

  @Test
  void everyChangeIsOnRecordAndSoIsEveryRefusal() {
    Caller ann = ground.user("ann", "admin");
    ground.audited.clear();
    ground.grant(ann, "ann", "auditor", Optional.of(ground.app));
    forbidden("manage-owners", () -> ground.grant(ann, "ann", "owner", Optional.empty()));
    assertThat(ground.audited)
        .extracting(Audit.Entry::actor, Audit.Entry::action, Audit.Entry::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(ann.user().id(), "grant.add", Audit.Outcome.DONE),
            org.assertj.core.groups.Tuple.tuple(
                ann.user().id(), "grant.add", Audit.Outcome.REFUSED));
    assertThat(ground.audited.getFirst().from()).contains("192.0.2.1");
    assertThat(ground.audited.getFirst().reasons())
        .containsExactly("auditor to ann in the repository app");
  }

  @Test
  void allOfItOutlivesARestart() {
    Caller ann = ground.user("ann", "admin");
    ground.access.members().addTeam(ann, name("team"));
    ground.access.members().join(ann, name("team"), name("ann"));
    ground.grant(ann, "team", "viewer", Optional.of(ground.app));
    Tokens.Made made =
        ground.access.tokens().make(ann, token("t").scope(Permission.VIEW).in(ground.app).ask());
    var held = ground.access.directory().held();
    ground.restart();
    assertThat(ground.access.directory().held()).isEqualTo(held);
    assertThat(ground.access.directory().users()).hasSize(2);
    assertThat(ground.access.tokens().check(made.secret())).contains(made.token());
    assertThat(AdminToken.ensure(ground.access, data)).as("somebody is in").isEmpty();
  }

  @Test
  void tokensFromBeforeThereWereUsersAreTheFirstOwners() throws Exception {
    Path old = data.resolve("old");
    java.nio.file.Files.createDirectory(old);
    String url = "jdbc:sqlite:" + old.resolve(Database.FILE);
    Flyway.configure()
        .dataSource(url, null, null)
        .placeholders(java.util.Map.of("json", "TEXT"))
        .target("6")
        .load()
        .migrate();
    String admins = "hft_of-an-earlier-release";
    String agents = "hfa_of-an-earlier-release";
    try (var connection = DriverManager.getConnection(url);
        var insert =
            connection.prepareStatement(
                "INSERT INTO token (id, kind, name, hash, created_at) VALUES (?, ?, 'old', ?, 1)")) {
      for (var token :
          List.of(List.of("tok_1", "ADMIN", admins), List.of("tok_2", "AGENT", agents))) {
        insert.setString(1, token.get(0));
        insert.setString(2, token.get(1));
        insert.setString(3, Sha256.hex(token.get(2)));
        insert.executeUpdate();
      }
    }
    try (var upgraded = new Ground(old)) {
      Access access = upgraded.access;
      Caller admin =
          access
              .caller(access.tokens().check(admins).orElseThrow(), Optional.empty())
              .orElseThrow();
      assertThat(admin.user().name()).isEqualTo(name("admin"));
      assertThat(admin.may(Permission.MANAGE_OWNERS, Optional.empty())).isTrue();
      Tokens.Token agent = access.tokens().check(agents).orElseThrow();
      assertThat(agent.kind()).isEqualTo(Tokens.Kind.AGENT);
      assertThat(access.caller(agent, Optional.empty())).as("an agent is no user").isEmpty();
      assertThat(AdminToken.ensure(access, old)).as("somebody is in").isEmpty();
    }
  }

  @Test
  void anOwnerWithoutATokenGetsOneAtTheNextStart() {
    Caller admin = ground.admin();
    ground.access.tokens().make(admin, token("narrow").scope(Permission.VIEW).ask());
    ground.access.tokens().revoke(admin, admin.token());
    ground.restart();
    String secret = AdminToken.ensure(ground.access, data).orElseThrow();
    assertThat(ground.access.tokens().check(secret).orElseThrow().user())
        .contains(admin.user().id());
    ground.now = ground.now.plus(Duration.ofDays(4000));
    assertThat(AdminToken.ensure(ground.access, data)).isEmpty();
  }
}
