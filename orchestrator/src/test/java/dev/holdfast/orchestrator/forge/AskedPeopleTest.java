package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.Fault;
import dev.holdfast.forgedouble.ForgeDouble;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.gitea.Gitea;
import dev.holdfast.orchestrator.forge.github.GitHub;
import dev.holdfast.orchestrator.forge.gitlab.GitLab;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What all kinds of forge say of people, and what Holdfast makes of it. */
@SuppressWarnings("NullAway.Init") // each test opens the forge of its kind first
class AskedPeopleTest {
  @TempDir Path folder;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Calls calls = new Calls(Duration.ofSeconds(2));
  private ForgeDouble forge;
  private Account owner;
  private Account writer;
  private Repo app;
  private Repository repository;
  private AskedPeople people;

  private void open(Kind kind, boolean hidden) throws Exception {
    forge = ForgeDouble.start(kind, folder);
    owner = forge.account("owner");
    writer = forge.account("writer");
    app = forge.repository(owner, "app", hidden);
    forge.permit(app, writer, "write");
    Repository.Kind ours = Repository.Kind.valueOf(kind.name());
    var host = new Repository.Host(ours, URI.create(forge.api()));
    repository =
        new Repository(
            "repo_1",
            new Name("app"),
            new Repository.Location.AtForge(
                host, app.id(), URI.create(forge.url() + "/owner/app.git")));
    Dialect dialect =
        switch (kind) {
          case GITHUB -> new GitHub(calls);
          case GITEA -> new Gitea(calls);
          case GITLAB -> new GitLab(calls);
        };
    people = new AskedPeople(_ -> dialect, _ -> Optional.of(new Token(owner.token())), now::get);
  }

  @AfterEach
  void close() {
    forge.close();
    calls.close();
  }

  private Contributor contributor(Account account) {
    return new Contributor(
        ((Repository.Location.AtForge) repository.location()).host().name(),
        Long.toString(account.id()),
        "whatever they are called");
  }

  private Lookup<ForgePermission> permission(Account account) {
    return people.permission(repository, contributor(account));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aPermissionIsLookedUpByNumber(Kind kind) throws Exception {
    open(kind, false);
    assertThat(permission(owner)).isEqualTo(new Lookup.Known<>(ForgePermission.ADMIN));
    assertThat(permission(writer)).isEqualTo(new Lookup.Known<>(ForgePermission.WRITE));
    assertThat(permission(forge.account("reader")))
        .isEqualTo(new Lookup.Known<>(ForgePermission.READ));
    assertThat(people.visibility(repository)).isEqualTo(new Lookup.Known<>(Visibility.PUBLIC));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoTakesOverANameHasNothingOfIt(Kind kind) throws Exception {
    open(kind, true);
    Account renamed = forge.rename(writer, "writer-of-late");
    Account taker = forge.account("writer");
    assertThat(permission(taker)).isEqualTo(new Lookup.Known<>(ForgePermission.NONE));
    assertThat(permission(renamed)).isEqualTo(new Lookup.Known<>(ForgePermission.WRITE));
    assertThat(people.visibility(repository)).isEqualTo(new Lookup.Known<>(Visibility.PRIVATE));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatFailsIsNoAnswerAndIsNotKept(Kind kind) throws Exception {
    open(kind, false);
    for (Fault fault : Fault.values()) {
      if (fault == Fault.ANOTHER) {
        continue; // below: only answers that name somebody can name another
      }
      forge.fail(kind == Kind.GITLAB ? "/members/" : "/collaborators/", fault, 9);
      assertThat(permission(writer)).as(fault.name()).isInstanceOf(Lookup.Failed.class);
      forge.mend();
      people.forget(contributor(writer).forge(), Optional.empty());
      assertThat(permission(writer)).as("control").isInstanceOf(Lookup.Known.class);
      people.forget(contributor(writer).forge(), Optional.empty());
    }
    String people =
        switch (kind) {
          case GITHUB -> "/user/";
          case GITEA -> "/users/search";
          case GITLAB -> "/members/";
        };
    forge.fail(people, Fault.ANOTHER, 1);
    assertThat(permission(writer)).isInstanceOf(Lookup.Failed.class);
    assertThat(permission(writer)).isInstanceOf(Lookup.Known.class);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anAnswerIsKeptForAMinuteOrUntilAccessChanges(Kind kind) throws Exception {
    open(kind, true);
    assertThat(permission(writer)).isEqualTo(new Lookup.Known<>(ForgePermission.WRITE));
    forge.forbid(app, writer);
    assertThat(permission(writer)).as("kept").isEqualTo(new Lookup.Known<>(ForgePermission.WRITE));
    people.forget(contributor(writer).forge(), Optional.of(contributor(writer).id()));
    assertThat(permission(writer)).isEqualTo(new Lookup.Known<>(ForgePermission.NONE));

    forge.permit(app, writer, "write");
    now.updateAndGet(time -> time.plus(Duration.ofSeconds(61)));
    assertThat(permission(writer)).isEqualTo(new Lookup.Known<>(ForgePermission.WRITE));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nobodyOfAnotherForgeIsAskedAbout(Kind kind) throws Exception {
    open(kind, false);
    var other = new Contributor("github:elsewhere.example", Long.toString(writer.id()), "writer");
    assertThat(people.permission(repository, other)).isInstanceOf(Lookup.Failed.class);
    var odd = new Contributor(contributor(writer).forge(), "../" + writer.id(), "writer");
    assertThat(people.permission(repository, odd)).isInstanceOf(Lookup.Failed.class);
    assertThat(forge.asked("/repositories/") + forge.asked("/projects/")).isZero();
  }
}
