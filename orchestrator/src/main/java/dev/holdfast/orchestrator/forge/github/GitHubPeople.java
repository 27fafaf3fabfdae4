package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What GitHub says of people and repositories, by numeric ids. GitHub tells a permission by name
 * only; so the id is turned into its present name, and the answer has to be about that id again.
 */
public final class GitHubPeople implements People {
  private static final String ACCEPT = "application/vnd.github+json";
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final int MOST_KEPT = 1000;

  private final Calls calls;
  private final Credentials credentials;
  private final InstantSource clock;
  private final Map<Key, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > MOST_KEPT;
        }
      };
  // Counts up with each forgetting: what was asked before it is not kept after it.
  private long forgotten;

  private record Key(String forge, String repository, String person) {}

  private record Kept(Lookup<?> answer, Instant until) {}

  public GitHubPeople(Calls calls, Credentials credentials, InstantSource clock) {
    this.calls = calls;
    this.credentials = credentials;
    this.clock = clock;
  }

  @Override
  public Lookup<Visibility> visibility(Repository repository) {
    if (!(repository.location() instanceof Repository.Location.AtForge at)) {
      return new Lookup.Failed<>("the repository is at no forge");
    }
    return kept(
        new Key(at.host().name(), repository.id(), ""),
        () -> {
          Lookup<Fields> found = repository(repository, at);
          return switch (found) {
            case Lookup.Known<Fields>(var fields) ->
                new Lookup.Known<>(fields.flag("private") ? Visibility.PRIVATE : Visibility.PUBLIC);
            case Lookup.Absent<Fields>() ->
                new Lookup.Failed<>("the token does not see the repository");
            case Lookup.Failed<Fields>(var why) -> new Lookup.Failed<>(why);
          };
        });
  }

  @Override
  public Lookup<ForgePermission> permission(Repository repository, Contributor contributor) {
    if (!(repository.location() instanceof Repository.Location.AtForge at)
        || !at.host().name().equals(contributor.forge())
        || !contributor.id().matches("[1-9][0-9]{0,18}")) {
      return new Lookup.Failed<>("the contributor is not of the repository's forge");
    }
    return kept(
        new Key(at.host().name(), repository.id(), contributor.id()),
        () -> asked(repository, at, contributor.id()));
  }

  private Lookup<ForgePermission> asked(
      Repository repository, Repository.Location.AtForge at, String id) {
    Lookup<Fields> account = get(repository, at, "/user/" + id);
    if (!(account instanceof Lookup.Known<Fields>(var person))) {
      return account instanceof Lookup.Failed<Fields>(var why)
          ? new Lookup.Failed<>(why)
          : new Lookup.Failed<>("there is no account " + id + " any more");
    }
    Lookup<Fields> found = repository(repository, at);
    if (!(found instanceof Lookup.Known<Fields>(var there))) {
      return found instanceof Lookup.Failed<Fields>(var why)
          ? new Lookup.Failed<>(why)
          : new Lookup.Failed<>("the token does not see the repository");
    }
    if (person.id("id") != Long.parseLong(id)) {
      return new Lookup.Failed<>("asked for the account " + id + ", another was answered");
    }
    Lookup<Fields> answer =
        get(
            repository,
            at,
            "/repos/"
                + name(there.text("full_name"))
                + "/collaborators/"
                + name(person.text("login"))
                + "/permission");
    return switch (answer) {
      case Lookup.Known<Fields>(var fields)
          when fields.object("user").id("id") != Long.parseLong(id) ->
          new Lookup.Failed<>("the name of the account " + id + " changed hands just now");
      case Lookup.Known<Fields>(var fields) ->
          new Lookup.Known<>(permission(fields.text("permission")));
      // GitHub answers so for who is no collaborator of a private repository.
      case Lookup.Absent<Fields>() -> new Lookup.Known<>(ForgePermission.NONE);
      case Lookup.Failed<Fields>(var why) -> new Lookup.Failed<>(why);
    };
  }

  /** GitHub folds its finer roles into these four words; one that is not known is the least. */
  private static ForgePermission permission(String word) {
    return switch (word) {
      case "admin" -> ForgePermission.ADMIN;
      case "write" -> ForgePermission.WRITE;
      case "read" -> ForgePermission.READ;
      default -> ForgePermission.NONE;
    };
  }

  private static String name(String said) {
    if (!said.matches("[A-Za-z0-9][A-Za-z0-9_.\\-\\[\\]]*(/[A-Za-z0-9_.-]+)?")
        || said.contains("..")) {
      throw new MalformedJson("", "a name that is none");
    }
    return said.replace("[", "%5B").replace("]", "%5D");
  }

  private Lookup<Fields> repository(Repository repository, Repository.Location.AtForge at) {
    Lookup<Fields> found = get(repository, at, "/repositories/" + at.id());
    return found instanceof Lookup.Known<Fields>(var fields) && fields.id("id") != at.id()
        ? new Lookup.Failed<>("asked for the repository " + at.id() + ", another was answered")
        : found;
  }

  private Lookup<Fields> get(Repository repository, Repository.Location.AtForge at, String path) {
    Calls.Answer answer =
        calls.call(
            "GET",
            URI.create(at.host().api() + path),
            credentials.token(repository),
            Optional.<Json>empty(),
            ACCEPT);
    return switch (answer) {
      case Calls.Answer.Good(var body) -> new Lookup.Known<>(Fields.of(body));
      case Calls.Answer.Missing() -> new Lookup.Absent<>();
      case Calls.Answer.Failed(var why, var after) -> new Lookup.Failed<>(why);
    };
  }

  @SuppressWarnings("unchecked") // A key is asked with one type of answer only.
  private <T> Lookup<T> kept(Key key, Supplier<Lookup<T>> ask) {
    long before;
    synchronized (kept) {
      Kept known = kept.get(key);
      if (known != null && clock.instant().isBefore(known.until())) {
        return (Lookup<T>) known.answer();
      }
      before = forgotten;
    }
    Lookup<T> answer;
    try {
      answer = ask.get();
    } catch (MalformedJson e) {
      return new Lookup.Failed<>("GitHub answered what it should not: " + e.getMessage());
    }
    if (answer instanceof Lookup.Known<T>) {
      synchronized (kept) {
        if (forgotten == before) {
          kept.put(key, new Kept(answer, clock.instant().plus(KEPT)));
        }
      }
    }
    return answer;
  }

  @Override
  public void forget(String forge, Optional<String> person) {
    synchronized (kept) {
      forgotten++;
      kept.keySet()
          .removeIf(key ->
              key.forge().equals(forge)
                  && (person.isEmpty()
                      || key.person().isEmpty()
                      || key.person().equals(person.get())));
    }
  }
}
