package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.filter.FilterTable;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.Box;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Ports.Span;
import dev.holdfast.agent.egress.rule.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What names have opened to one job. Two names can have one address, and open different ports of
 * it: then all of these are open as long as the longer lives. Thread-safe.
 */
final class LearnedAddresses {
  /** What a job can make us put into the kernel's sets. */
  private static final int MOST = 4096;

  private static final long SECOND = 1_000_000_000L;

  private record Opened(List<Box> boxes, long until) {}

  private final FilterTable table;
  private final String link;
  private JobRules rules;
  private final Map<Ip, Opened> opened = new HashMap<>();
  private boolean closed;

  LearnedAddresses(FilterTable table, String link, JobRules rules) {
    this.table = table;
    this.link = link;
    this.rules = rules;
  }

  /**
   * Opens what the rules open of {@code addresses} under {@code name}.
   *
   * @return false if there are too many, or the job has ended
   */
  synchronized boolean learn(String name, Collection<Ip> addresses, long seconds)
      throws EgressUnavailable {
    long now = System.nanoTime();
    for (Ip address : addresses) {
      List<Box> boxes = Box.learned(rules, name, address);
      if (!boxes.isEmpty()) {
        if (closed || (!opened.containsKey(address) && opened.size() >= MOST)) {
          return false;
        }
        Opened before = opened.getOrDefault(address, new Opened(List.of(), now));
        long left = Math.max(0, before.until - now);
        List<Box> all = left > 0 ? union(before.boxes, boxes) : boxes;
        // A moment longer than the answer, so that who connects at its last second gets through.
        long longer = Math.max(seconds + 30, left / SECOND);
        table.learn(link, before.boxes, all, longer);
        opened.put(address, new Opened(all, now + longer * SECOND));
      }
    }
    return true;
  }

  /** Closes what names have opened, and opens by {@code other} from now on. */
  synchronized void become(JobRules other) throws EgressUnavailable {
    for (Opened before : opened.values()) {
      table.learn(link, before.boxes, List.of(), 0);
    }
    opened.clear();
    rules = other;
  }

  synchronized void close() {
    closed = true;
  }

  /** Both, as boxes that do not meet. */
  private static List<Box> union(List<Box> one, List<Box> other) {
    var all = new ArrayList<Box>();
    for (Protocol protocol : Protocol.values()) {
      var sorted = new ArrayList<>(one);
      sorted.addAll(other);
      sorted.removeIf(b -> b.protocol() != protocol);
      sorted.sort(Comparator.comparingInt(b -> b.ports().first()));
      Box last = null;
      for (Box box : sorted) {
        if (last != null && box.ports().first() <= last.ports().last() + 1) {
          int end = Math.max(last.ports().last(), box.ports().last());
          last = new Box(true, box.range(), protocol, new Span(last.ports().first(), end));
        } else {
          if (last != null) {
            all.add(last);
          }
          last = box;
        }
      }
      if (last != null) {
        all.add(last);
      }
    }
    return all;
  }
}
