package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.RunView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A run's jobs as a picture: each right of what it needs. Many combinations of one matrix are one
 * box.
 *
 * @param edges as paths
 */
record Graph(int width, int height, List<Node> nodes, List<String> edges, boolean edgesLeftOut) {
  private static final int WIDE = 212;
  private static final int HIGH = 44;
  private static final int ACROSS = 56;
  private static final int BETWEEN = 12;
  private static final int MARGIN = 10;
  private static final int MOST_IN_A_COLUMN = 12;
  private static final int MOST_APART = 4;
  private static final int MOST_EDGES = 1000;
  private static final int TITLE = 24;

  /**
   * A box.
   *
   * @param whole its title, not cut
   * @param state of its job, or what stands out of its jobs'
   * @param says how it stands, in words
   * @param counts how many of its jobs stand how; empty where it is one job
   */
  record Node(
      String whole,
      String title,
      String state,
      String says,
      String path,
      int x,
      int y,
      Map<String, Integer> counts) {
    int wide() {
      return WIDE;
    }

    int high() {
      return HIGH;
    }

    /** The parts of its bar: state, where it begins and how wide it is, of the box. */
    List<Part> parts() {
      int all = counts.values().stream().mapToInt(Integer::intValue).sum();
      var out = new ArrayList<Part>();
      int at = 0;
      for (var each : counts.entrySet()) {
        int to = at + each.getValue();
        out.add(new Part(each.getKey(), at * WIDE / all, (to - at) * WIDE / all));
        at = to;
      }
      return out;
    }
  }

  record Part(String state, int x, int width) {}

  private static final class Box {
    final List<RunView.ShownJob> jobs = new ArrayList<>();
    final Set<String> needs = new LinkedHashSet<>();
    int layer;
    double order;
    int x;
    int y;
  }

  static Graph of(List<RunView.ShownJob> jobs) {
    Map<String, Box> boxes = boxes(jobs);
    layers(boxes);
    rootsBesideOthers(boxes);
    int height = place(boxes);
    int width = boxes.values().stream().mapToInt(b -> b.x + WIDE + MARGIN).max().orElse(0);
    var nodes = boxes.values().stream().map(Graph::node).toList();
    var edges = new ArrayList<String>();
    int all = boxes.values().stream().mapToInt(b -> b.needs.size()).sum();
    if (all <= MOST_EDGES) {
      for (Box to : boxes.values()) {
        for (String need : to.needs) {
          edges.add(path(Objects.requireNonNull(boxes.get(need)), to));
        }
      }
    }
    return new Graph(width, height, nodes, edges, all > MOST_EDGES);
  }

  private static String name(String key) {
    int bracket = key.indexOf('[');
    return bracket < 0 ? key : key.substring(0, bracket);
  }

  private static Map<String, Box> boxes(List<RunView.ShownJob> jobs) {
    var sizes = new HashMap<String, Integer>();
    jobs.forEach(job -> sizes.merge(name(job.key()), 1, Integer::sum));
    var boxOf = new HashMap<String, String>();
    var boxes = new LinkedHashMap<String, Box>();
    for (RunView.ShownJob job : jobs) {
      String name = name(job.key());
      boolean together = Objects.requireNonNullElse(sizes.get(name), 1) > MOST_APART;
      String key = together ? name + "[" : job.key();
      boxOf.put(job.key(), key);
      boxes.computeIfAbsent(key, _ -> new Box()).jobs.add(job);
    }
    for (RunView.ShownJob job : jobs) {
      Box box = Objects.requireNonNull(boxes.get(boxOf.get(job.key())));
      job.needs()
          .forEach(need -> {
            String other = boxOf.get(need);
            if (other != null) {
              box.needs.add(other);
            }
          });
    }
    return boxes;
  }

  /** A plan names a job after those that it needs, so one pass is enough. */
  private static void layers(Map<String, Box> boxes) {
    for (int pass = 0; pass < boxes.size(); pass++) {
      boolean moved = false;
      for (Box box : boxes.values()) {
        int layer =
            box.needs.stream()
                .mapToInt(n -> Objects.requireNonNull(boxes.get(n)).layer + 1)
                .max()
                .orElse(0);
        moved |= layer != box.layer;
        box.layer = layer;
      }
      if (!moved) {
        return;
      }
    }
  }

  /** What needs nothing stands left of the first that needs it, so that lines are short. */
  private static void rootsBesideOthers(Map<String, Box> boxes) {
    boxes.forEach((key, box) -> {
      if (box.needs.isEmpty()) {
        boxes.values().stream()
            .filter(other -> other.needs.contains(key))
            .mapToInt(other -> other.layer - 1)
            .min()
            .ifPresent(layer -> box.layer = layer);
      }
    });
  }

  /** Gives each its place; answers how high it all is. */
  private static int place(Map<String, Box> boxes) {
    var layers = new TreeMap<Integer, List<Box>>();
    boxes.values().forEach(b -> layers.computeIfAbsent(b.layer, _ -> new ArrayList<>()).add(b));
    int highest =
        Math.min(MOST_IN_A_COLUMN, layers.values().stream().mapToInt(List::size).max().orElse(0));
    int height = 2 * MARGIN + highest * (HIGH + BETWEEN) - BETWEEN;
    int x = MARGIN;
    for (List<Box> layer : layers.values()) {
      // Beside what they need, so that lines cross little.
      for (Box box : layer) {
        box.order =
            box.needs.stream()
                .mapToDouble(n -> Objects.requireNonNull(boxes.get(n)).order)
                .average()
                .orElse(0);
      }
      layer.sort(Comparator.comparingDouble(b -> b.order));
      int columns = Math.ceilDiv(layer.size(), MOST_IN_A_COLUMN);
      int rows = Math.ceilDiv(layer.size(), columns);
      for (int i = 0; i < layer.size(); i++) {
        Box box = layer.get(i);
        int inColumn = Math.min(rows, layer.size() - i / rows * rows);
        int top = (height - inColumn * (HIGH + BETWEEN) + BETWEEN) / 2;
        box.x = x + i / rows * (WIDE + BETWEEN);
        box.y = top + i % rows * (HIGH + BETWEEN);
        box.order = box.y;
      }
      x += columns * (WIDE + BETWEEN) - BETWEEN + ACROSS;
    }
    return height;
  }

  private static String path(Box from, Box to) {
    int x1 = from.x + WIDE;
    int y1 = from.y + HIGH / 2;
    int x2 = to.x;
    int y2 = to.y + HIGH / 2;
    int bend = Math.max(24, (x2 - x1) / 2);
    return "M"
        + x1
        + " "
        + y1
        + "C"
        + (x1 + bend)
        + " "
        + y1
        + " "
        + (x2 - bend)
        + " "
        + y2
        + " "
        + x2
        + " "
        + y2;
  }

  private static Node node(Box box) {
    RunView.ShownJob first = box.jobs.getFirst();
    if (box.jobs.size() == 1) {
      String state = Http.word(first.state());
      return new Node(
          first.key(),
          Visible.line(first.key(), TITLE),
          state,
          state,
          Jobs.anchor(first.key()),
          box.x,
          box.y,
          Map.of());
    }
    var counts = new LinkedHashMap<String, Integer>();
    for (String state : Jobs.BY_WEIGHT) {
      int count = (int) box.jobs.stream().filter(j -> Http.word(j.state()).equals(state)).count();
      if (count > 0) {
        counts.put(state, count);
      }
    }
    String name = name(first.key());
    var says = new ArrayList<String>();
    counts.forEach((state, count) -> says.add(count + " " + state));
    return new Node(
        name,
        Visible.line(name, TITLE - 5) + " \u00d7" + box.jobs.size(),
        counts.keySet().iterator().next(),
        String.join(", ", says),
        Jobs.anchor(first.key()),
        box.x,
        box.y,
        counts);
  }
}
