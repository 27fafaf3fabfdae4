package dev.holdfast.agent.egress.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A part of a job's rules in the form that the kernel's sets have: no two boxes of one job meet, so
 * that their order does not matter.
 *
 * @param open whether what is in it is opened, or blocked
 */
public record Box(boolean open, Range range, Protocol protocol, Ports.Span ports) {
  /** More would make each job's start slow; nobody writes so many by hand. */
  private static final int MOST = 2048;

  /** What {@code rules} say of the addresses of a family by themselves, whatever their names. */
  public static List<Box> of(JobRules rules, boolean v6) {
    return rules.isNone()
        ? List.of()
        : boxes(rules.rules(), Range.everything(v6), Optional.empty());
  }

  /**
   * What opens {@code address} to the job because it was answered for {@code name}, and would not
   * without.
   */
  public static List<Box> learned(JobRules rules, String name, Ip address) {
    if (rules.isNone() || rules.blocked().of(address).isPresent()) {
      return List.of();
    }
    return boxes(rules.rules(), Range.single(address), Optional.of(name)).stream()
        .filter(Box::open)
        .filter(b -> !openAnyway(rules, address, b))
        .toList();
  }

  /** Whether anything of {@code address} is opened by a rule that names it as an address. */
  static boolean opened(JobRules rules, Ip address) {
    return !rules.isNone()
        && boxes(rules.rules(), Range.single(address), Optional.empty()).stream()
            .anyMatch(Box::open);
  }

  private static boolean openAnyway(JobRules rules, Ip address, Box box) {
    // Its first port stands for all only where no rule about addresses has a say.
    boolean ruled =
        rules.rules().stream().anyMatch(p -> JobRules.isAbout(p.rule(), address, Optional.empty()));
    return !ruled
        && rules
            .decide(new Destination(address, Optional.empty(), box.protocol, box.ports.first()))
            .open();
  }

  private static List<Box> boxes(
      List<JobRules.Placed> placed, Range universe, Optional<String> name) {
    var boxes = new ArrayList<Box>();
    for (Protocol protocol : Protocol.values()) {
      List<Rule> rules =
          placed.stream()
              .map(JobRules.Placed::rule)
              .filter(r -> r.protocols().contains(protocol))
              .filter(r -> about(r, universe, name))
              .toList();
      boxes.addAll(of(protocol, rules, universe, name));
    }
    if (boxes.size() > MOST) {
      throw new BadRule(
          "the egress rules of one job overlap into more than "
              + MOST
              + " parts; write fewer or larger ranges");
    }
    return List.copyOf(boxes);
  }

  private static boolean about(Rule rule, Range universe, Optional<String> name) {
    return switch (rule.target()) {
      case Target.Addresses(Range range) -> range.meets(universe);
      case Target.HostName host -> name.map(host::matches).orElse(false);
    };
  }

  private static List<Box> of(
      Protocol protocol, List<Rule> rules, Range universe, Optional<String> name) {
    var starts = new TreeSet<Ip>();
    starts.add(universe.first());
    for (Rule rule : rules) {
      if (rule.target() instanceof Target.Addresses(Range range)) {
        if (universe.contains(range.first())) {
          starts.add(range.first());
        }
        if (universe.contains(range.last()) && !range.last().equals(universe.last())) {
          starts.add(range.last().plus(1));
        }
      }
    }
    var boxes = new ArrayList<Box>();
    for (Ip start : starts) {
      Ip next = starts.higher(start);
      Ip end = next == null ? universe.last() : next.plus(-1);
      List<Rule> here = rules.stream().filter(r -> JobRules.isAbout(r, start, name)).toList();
      for (Decided decided : ports(protocol, here)) {
        join(boxes, new Box(decided.open, new Range(start, end), protocol, decided.ports));
      }
    }
    return boxes;
  }

  private record Decided(boolean open, Ports.Span ports) {}

  private static List<Decided> ports(Protocol protocol, List<Rule> rules) {
    if (protocol == Protocol.ICMP) {
      return rules.stream().limit(1).map(r -> new Decided(r.opens(), Ports.EVERY)).toList();
    }
    var starts = new TreeSet<Integer>();
    rules.stream()
        .flatMap(r -> r.ports().ranges().stream())
        .flatMap(s -> Stream.of(s.first(), s.last() + 1))
        .filter(p -> p <= 65535)
        .forEach(starts::add);
    var decided = new ArrayList<Decided>();
    for (int start : starts) {
      Integer next = starts.higher(start);
      int end = next == null ? 65535 : next - 1;
      rules.stream()
          .filter(r -> r.ports().contains(start))
          .findFirst()
          .ifPresent(r -> append(decided, new Decided(r.opens(), new Ports.Span(start, end))));
    }
    return decided;
  }

  private static void append(List<Decided> list, Decided next) {
    if (!list.isEmpty()
        && list.getLast().open == next.open
        && list.getLast().ports.last() + 1 == next.ports.first()) {
      Decided last = list.removeLast();
      list.add(new Decided(next.open, new Ports.Span(last.ports.first(), next.ports.last())));
    } else {
      list.add(next);
    }
  }

  /** Adds {@code next}, to a box that it continues if there is one. */
  private static void join(List<Box> boxes, Box next) {
    for (int i = boxes.size() - 1; i >= 0; i--) {
      Box box = boxes.get(i);
      if (box.open == next.open
          && box.protocol == next.protocol
          && box.ports.equals(next.ports)
          && box.range.last().compareTo(next.range.first()) < 0
          && box.range.last().plus(1).equals(next.range.first())) {
        boxes.set(
            i,
            new Box(
                box.open,
                new Range(box.range.first(), next.range.last()),
                box.protocol,
                box.ports));
        return;
      }
    }
    boxes.add(next);
  }
}
