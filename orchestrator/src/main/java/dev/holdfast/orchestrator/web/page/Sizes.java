package dev.holdfast.orchestrator.web.page;

import java.util.Locale;

/** Sizes as pages write them. */
final class Sizes {
  private Sizes() {}

  static String of(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double size = bytes;
    for (String unit : new String[] {"kB", "MB", "GB"}) {
      size /= 1000;
      if (size < 1000) {
        return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, unit);
      }
    }
    return String.format(Locale.ROOT, "%.1f TB", size / 1000);
  }
}
