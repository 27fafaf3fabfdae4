package dev.holdfast.agent.keep;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** One thing that is kept for later jobs. */
public record Kept(String name, long bytes, Instant used) {
  private static final double MIB = 1L << 20;

  /**
   * Which of {@code all} are to go so that the rest is at most {@code most} bytes: the least
   * recently used first.
   *
   * @param busy what a running job uses, which counts and stays, even if the rest is too much
   */
  public static List<Kept> beyond(long most, List<Kept> all, Predicate<String> busy) {
    long sum = all.stream().mapToLong(Kept::bytes).sum();
    var going = new ArrayList<Kept>();
    for (Kept one :
        all.stream().sorted(Comparator.comparing(Kept::used).thenComparing(Kept::name)).toList()) {
      if (sum <= most) {
        break;
      }
      if (!busy.test(one.name())) {
        going.add(one);
        sum -= one.bytes();
      }
    }
    return going;
  }

  /** For the log. */
  public String shown() {
    return String.format(Locale.ROOT, "%s (%d bytes, %.1f MiB)", name, bytes, bytes / MIB);
  }
}
