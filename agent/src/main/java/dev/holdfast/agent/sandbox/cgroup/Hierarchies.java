package dev.holdfast.agent.sandbox.cgroup;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where each controller is mounted on this host. Pure: what the kernel says is given as text.
 *
 * @param places by controller: {@code memory}, {@code cpu}, {@code pids}
 */
record Hierarchies(Map<String, Place> places) {
  static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");

  /**
   * @param root where the hierarchy is mounted
   * @param version 1 or 2
   */
  record Place(Path root, int version) {}

  Hierarchies {
    places = Map.copyOf(places);
  }

  /**
   * Reads {@code /proc/self/mountinfo}.
   *
   * @param unified the controllers that the v2 hierarchy has, as its {@code cgroup.controllers}
   *     says; asked with its mount point
   */
  static Hierarchies of(List<String> mountinfo, java.util.function.Function<Path, String> unified) {
    var found = new LinkedHashMap<String, Place>();
    for (String line : mountinfo) {
      // ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS [TAGS...] - TYPE SOURCE SUPEROPTIONS
      int dash = line.indexOf(" - ");
      String[] before = line.split(" ");
      if (dash < 0 || before.length < 6) {
        continue;
      }
      String[] after = line.substring(dash + 3).split(" ");
      Path point = Path.of(before[4].replace("\\040", " "));
      List<String> has =
          switch (after[0]) {
            case "cgroup" -> after.length > 2 ? List.of(after[2].split(",")) : List.<String>of();
            case "cgroup2" -> List.of(unified.apply(point).strip().split(" "));
            default -> List.<String>of();
          };
      int version = after[0].equals("cgroup2") ? 2 : 1;
      for (String controller : CONTROLLERS) {
        if (has.contains(controller)) {
          found.putIfAbsent(controller, new Place(point, version));
        }
      }
    }
    return new Hierarchies(found);
  }

  /** The first controller that this host does not have. */
  Optional<String> missing() {
    return CONTROLLERS.stream().filter(c -> !places.containsKey(c)).findFirst();
  }
}
