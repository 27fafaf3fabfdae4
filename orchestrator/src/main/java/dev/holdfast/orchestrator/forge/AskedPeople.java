package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What forges say when they are asked, kept for a minute. */
public final class AskedPeople implements People {
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final int MOST_KEPT = 1000;

  private final Function<Repository.Kind, Dialect> dialects;
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

  private interface Ask<T> {
    Lookup<T> ask() throws ForgeUnavailable;
  }

  private record Kept(Lookup<?> answer, Instant until) {}

  public AskedPeople(
      Function<Repository.Kind, Dialect> dialects, Credentials credentials, InstantSource clock) {
    this.dialects = dialects;
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
        () -> dialects.apply(at.host().kind()).visibility(at, credentials.token(repository)));
  }

  @Override
  public Lookup<ForgePermission> permission(Repository repository, Contributor contributor) {
    if (!(repository.location() instanceof Repository.Location.AtForge at)
        || !at.host().name().equals(contributor.forge())
        || !contributor.id().matches("[1-9][0-9]{0,14}")) {
      return new Lookup.Failed<>("the contributor is not of the repository's forge");
    }
    return kept(
        new Key(at.host().name(), repository.id(), contributor.id()),
        () ->
            dialects
                .apply(at.host().kind())
                .permission(at, contributor.id(), credentials.token(repository)));
  }

  @SuppressWarnings("unchecked") // A key is asked with one type of answer only.
  private <T> Lookup<T> kept(Key key, Ask<T> ask) {
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
      answer = ask.ask();
    } catch (ForgeUnavailable e) {
      return new Lookup.Failed<>(String.valueOf(e.getMessage()));
    } catch (MalformedJson e) {
      return new Lookup.Failed<>("the forge answered what it should not: " + e.getMessage());
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
