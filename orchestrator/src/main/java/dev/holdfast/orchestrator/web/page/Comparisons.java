package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.decision.DefinitionDiff;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.intake.Differences;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares commits for pages. Commits may have to be fetched first, so a page waits a while and no
 * longer; the newest answers are kept, since a commit never changes. What could not be told is not
 * kept. Thread-safe.
 */
final class Comparisons {
  private static final Logger LOG = LoggerFactory.getLogger(Comparisons.class);
  private static final int MOST_KEPT = 200;
  private static final int MOST_AT_ONCE = 4;

  private final Differences differences;
  private final Duration patience;
  private final AtomicInteger underWay = new AtomicInteger();
  private final Map<Key, CompletableFuture<Comparison>> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CompletableFuture<Comparison>> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private record Key(String repository, CommitId from, CommitId to) {}

  Comparisons(Differences differences, Duration patience) {
    this.differences = differences;
    this.patience = patience;
  }

  /** How {@code to} differs from {@code from}, as far as can be told now. */
  Comparison of(Repository repository, CommitId from, CommitId to) throws InterruptedException {
    var key = new Key(repository.id(), from, to);
    CompletableFuture<Comparison> asked;
    synchronized (kept) {
      asked = kept.get(key);
      if (asked == null) {
        if (underWay.incrementAndGet() > MOST_AT_ONCE) {
          underWay.decrementAndGet();
          return Comparison.untold(from, to, "others are being compared; load the page again");
        }
        asked = begin(repository, from, to);
        kept.put(key, asked);
      }
    }
    try {
      Comparison told = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!told.whole()) {
        forget(key, asked);
      }
      return told;
    } catch (TimeoutException e) {
      return Comparison.untold(from, to, "the commits are being fetched; load the page again");
    } catch (ExecutionException e) {
      forget(key, asked);
      LOG.error("compare {} and {} of {}", from, to, repository.name(), e.getCause());
      return Comparison.untold(from, to, "something went wrong; the orchestrator's log says what");
    }
  }

  private void forget(Key key, CompletableFuture<Comparison> told) {
    synchronized (kept) {
      kept.remove(key, told);
    }
  }

  private CompletableFuture<Comparison> begin(Repository repository, CommitId from, CommitId to) {
    var answer = new CompletableFuture<Comparison>();
    Thread.ofVirtual()
        .name("compare")
        .start(() -> {
          try {
            answer.complete(compare(repository, from, to));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          } finally {
            underWay.decrementAndGet();
          }
        });
    return answer;
  }

  private Comparison compare(Repository repository, CommitId from, CommitId to) {
    try {
      return new Comparison(
          from,
          to,
          switch (differences.defined(repository, from, to)) {
            case Lookup.Known<DefinitionDiff>(var diff) -> Comparison.Part.Told.of(diff.changes());
            case Lookup.Absent<DefinitionDiff>() ->
                new Comparison.Part.Untold("it was not looked at");
            case Lookup.Failed<DefinitionDiff>(var why) -> new Comparison.Part.Untold(why);
          },
          switch (differences.files(repository, from, to)) {
            case ChangedFiles.Known(var paths) -> Comparison.Part.Told.of(paths);
            case ChangedFiles.Unknown(var why) -> new Comparison.Part.Untold(why);
          });
    } catch (ForgeUnavailable e) {
      return Comparison.untold(from, to, String.valueOf(e.getMessage()));
    }
  }
}
