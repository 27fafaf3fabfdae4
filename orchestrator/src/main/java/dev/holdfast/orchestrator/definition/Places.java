package dev.holdfast.orchestrator.definition;

import java.util.HashMap;
import java.util.Map;

/**
 * Where the parts of one workflow stand in its file. A part has the path that {@link
 * dev.holdfast.model.json.Records} names in errors ({@code jobs[0].needs[1]}) and, where it has a
 * name, the one that {@link dev.holdfast.model.definition.Validation} does ({@code
 * jobs[test].needs[1]}).
 */
final class Places {
  private record Place(int line, String spoken) {}

  private final Map<String, Place> places = new HashMap<>();

  /**
   * @param spoken what an author calls it, as {@code jobs.test.needs}
   */
  void put(String path, int line, String spoken) {
    places.put(path, new Place(line, spoken));
  }

  /** The line of what encloses {@code path} most closely; 0 if nothing does. */
  int line(String path) {
    return nearest(path).line();
  }

  /** What the author calls it; empty for the workflow itself. */
  String spoken(String path) {
    return nearest(path).spoken();
  }

  private Place nearest(String path) {
    // Names in a path may hold dots and brackets, so each prefix is tried, the longest first.
    for (int end = path.length(); end > 0; end--) {
      boolean whole = end == path.length() || path.charAt(end) == '.' || path.charAt(end) == '[';
      Place place = whole ? places.get(path.substring(0, end)) : null;
      if (place != null) {
        return place;
      }
    }
    return places.getOrDefault("", new Place(0, ""));
  }
}
