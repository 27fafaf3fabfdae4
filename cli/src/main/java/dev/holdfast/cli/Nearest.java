package dev.holdfast.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds what somebody who mistyped may have meant. */
final class Nearest {
  /** More than two slips are another word. */
  private static final int MOST_SLIPS = 2;

  private Nearest() {}

  /** At most two of {@code known}, the nearest first; none if nothing is near. */
  static List<String> of(String given, Collection<String> known) {
    int least = known.stream().mapToInt(k -> slips(given, k)).min().orElse(Integer.MAX_VALUE);
    return known.stream()
        .filter(k -> k.startsWith(given) || slips(given, k) <= Math.min(least, MOST_SLIPS))
        .sorted(Comparator.comparingInt(k -> slips(given, k)))
        .limit(2)
        .toList();
  }

  /** Characters to add, take, change or swap with their neighbour to get from one to the other. */
  static int slips(String from, String to) {
    if (from.length() > 40) {
      return Integer.MAX_VALUE;
    }
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int least = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
        least = Math.min(least, cost[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          least = Math.min(least, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = least;
      }
    }
    return cost[from.length()][to.length()];
  }
}
