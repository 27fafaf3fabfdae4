package dev.holdfast.model.audit;

import dev.holdfast.model.audit.Finding.Kind;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Goes through a log and finds what is not as it was written, and where. Feed it every entry in the
 * order of their numbers with {@link #next}, then ask {@link #end}. Not thread-safe.
 */
public final class Verification {
  private final TreeMap<Long, Checkpoint> open = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final boolean vouched;
  private Optional<Kept> before = Optional.empty();

  /** The hash that the entry before should have had; its own where it had it. */
  private String computed = Entry.NOTHING;

  private long good;
  private long entries;

  /**
   * @param checkpoints in any order; of several for one number all count
   */
  public Verification(PublicKey key, List<Checkpoint> checkpoints) {
    for (Checkpoint checkpoint : checkpoints) {
      if (!checkpoint.by(key)) {
        findings.add(new Finding(Kind.FORGED_CHECKPOINT, checkpoint.number(), checkpoint.number()));
        continue;
      }
      Checkpoint other = open.putIfAbsent(checkpoint.number(), checkpoint);
      if (other != null && !other.hash().equals(checkpoint.hash())) {
        // Two logs were vouched for in turn, as after an old copy was put in place.
        findings.add(new Finding(Kind.REWRITTEN, checkpoint.number(), checkpoint.number()));
      }
    }
    this.vouched = !open.isEmpty();
  }

  /** The next entry. */
  public void next(Kept kept) {
    entries++;
    long number = kept.entry().number();
    long expected = before.map(b -> b.entry().number() + 1).orElse(1L);
    if (number < expected) {
      findings.add(new Finding(Kind.OUT_OF_ORDER, number, number));
      return;
    }
    if (number > expected) {
      findings.add(new Finding(Kind.MISSING, expected, number - 1));
    } else {
      hangsOn(kept);
    }
    // After a gap there is nothing to hang on: what stands there is taken as it is.
    computed = number > expected ? kept.hash() : kept.entry().hash(stored());
    before = Optional.of(kept);
    vouchedFor(kept);
  }

  private void hangsOn(Kept kept) {
    long number = kept.entry().number();
    if (kept.entry().hash(stored()).equals(kept.hash())) {
      return;
    }
    if (kept.entry().hash(computed).equals(kept.hash())) {
      // So the one before is what it was, and only the hash beside it is not.
      replace(number - 1, Kind.HASH_CHANGED);
      return;
    }
    add(Kind.CHANGED, number);
  }

  private String stored() {
    return before.map(Kept::hash).orElse(Entry.NOTHING);
  }

  private void add(Kind kind, long number) {
    if (!findings.isEmpty()) {
      Finding last = findings.getLast();
      if (last.kind() == kind && last.last() == number - 1) {
        findings.set(findings.size() - 1, new Finding(kind, last.first(), number));
        return;
      }
    }
    findings.add(new Finding(kind, number, number));
  }

  private void replace(long number, Kind kind) {
    if (!findings.isEmpty()) {
      Finding last = findings.getLast();
      if (last.kind() == Kind.CHANGED && last.last() == number) {
        findings.removeLast();
        if (last.first() < number) {
          findings.add(new Finding(Kind.CHANGED, last.first(), number - 1));
        }
      }
    }
    add(kind, number);
  }

  private void vouchedFor(Kept kept) {
    Checkpoint checkpoint = open.remove(kept.entry().number());
    if (checkpoint == null) {
      return;
    }
    long number = kept.entry().number();
    if (!checkpoint.hash().equals(kept.hash())) {
      boolean known =
          findings.stream()
              .anyMatch(
                  f -> f.kind() != Kind.FORGED_CHECKPOINT && f.last() > good && f.last() <= number);
      if (!known) {
        findings.add(new Finding(Kind.REWRITTEN, good + 1, number));
      }
    }
    good = number;
  }

  /**
   * What came of it.
   *
   * @param vouched number of the newest entry that a checkpoint vouches for; 0 if none does
   * @param findings nothing if all is as it was written
   */
  public record Result(long entries, long vouched, List<Finding> findings) {
    public Result {
      findings = List.copyOf(findings);
    }

    public boolean good() {
      return findings.isEmpty();
    }
  }

  /** That was all. */
  public Result end() {
    long last = before.map(b -> b.entry().number()).orElse(0L);
    Map.Entry<Long, Checkpoint> beyond = open.lastEntry();
    if (beyond != null && beyond.getKey() > last) {
      findings.add(new Finding(Kind.CUT, last + 1, beyond.getKey()));
    }
    if (!vouched && entries > 0) {
      findings.add(new Finding(Kind.NOTHING_VOUCHES, 1, last));
    }
    return new Result(entries, good, findings);
  }
}
