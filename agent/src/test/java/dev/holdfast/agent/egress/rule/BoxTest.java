package dev.holdfast.agent.egress.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.egress.rule.EgressPolicy.Part;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What is put into the kernel's sets says the same as the rules. */
class BoxTest {
  private static final JobScope JOB = new JobScope("pool", "shop", "release");
  private static final List<Protocol> PROTOCOLS = List.of(Protocol.values());

  @RepeatedTest(200)
  void boxesSayWhatTheRulesSay(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    JobRules rules = rules(random);
    List<Box> boxes = Box.of(rules, false);

    for (int i = 0; i < boxes.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(meet(boxes.get(i), boxes.get(j)))
            .as(boxes.get(i) + " " + boxes.get(j))
            .isFalse();
      }
    }
    for (int i = 0; i < 300; i++) {
      Ip address = Ip.of("8.0.0." + random.nextInt(20));
      Protocol protocol = PROTOCOLS.get(random.nextInt(PROTOCOLS.size()));
      int port = protocol == Protocol.ICMP ? 0 : random.nextInt(1, 12);
      Optional<Boolean> byBox =
          boxes.stream()
              .filter(b ->
                  b.protocol() == protocol
                      && b.range().contains(address)
                      && b.ports().contains(port))
              .map(Box::open)
              .findFirst();
      Decision decision = rules.decide(new Destination(address, Optional.empty(), protocol, port));
      assertThat(byBox.orElse(rules.mode() == Mode.PUBLIC))
          .as(rules.rules() + " " + address + " " + protocol + " " + port)
          .isEqualTo(decision.open());
    }
  }

  @RepeatedTest(100)
  void whatANameOpensIsWhatTheRulesSayOfTheName(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    JobRules rules = rules(random);
    Ip address = Ip.of("8.0.0.5");
    List<Box> byAddress = Box.of(rules, false);
    List<Box> learned = Box.learned(rules, "a.example.org", address);

    for (Protocol protocol : Protocol.values()) {
      for (int port = 1; port < 12; port++) {
        int asked = protocol == Protocol.ICMP ? 0 : port;
        boolean open =
            holds(learned, protocol, address, asked).isPresent()
                || holds(byAddress, protocol, address, asked).orElse(rules.mode() == Mode.PUBLIC);
        boolean said =
            rules
                .decide(new Destination(address, Optional.of("a.example.org"), protocol, asked))
                .open();
        boolean blockedName =
            rules.rules().stream()
                .anyMatch(p -> !p.rule().opens() && p.rule().target() instanceof Target.HostName);
        // A name is blocked where it is looked up, so that no address was answered for it.
        assertThat(blockedName || open == said)
            .as(rules.rules() + " " + rules.mode() + " " + protocol + " " + port)
            .isTrue();
      }
    }
  }

  private static Optional<Boolean> holds(List<Box> boxes, Protocol protocol, Ip address, int port) {
    return boxes.stream()
        .filter(b ->
            b.protocol() == protocol && b.range().contains(address) && b.ports().contains(port))
        .map(Box::open)
        .findFirst();
  }

  private static boolean meet(Box a, Box b) {
    return a.protocol() == b.protocol()
        && a.range().meets(b.range())
        && a.ports().first() <= b.ports().last()
        && b.ports().first() <= a.ports().last();
  }

  private static JobRules rules(Random random) {
    var parts = new ArrayList<Part>();
    for (Scope scope :
        List.of(
            Scope.everyJob(),
            new Scope(Optional.of("pool"), Optional.empty(), Optional.empty()),
            new Scope(Optional.empty(), Optional.of("shop"), Optional.empty()))) {
      var rules = new ArrayList<String>();
      for (int i = random.nextInt(4); i > 0; i--) {
        int from = random.nextInt(20);
        int port = random.nextInt(1, 12);
        String ports =
            switch (random.nextInt(4)) {
              case 0 -> "any";
              case 1 -> port + "-" + (port + random.nextInt(4)) + "/tcp";
              case 2 -> port + "," + (port + 2) + "/udp";
              default -> "icmp";
            };
        String range = "8.0.0." + from + "-8.0.0." + (from + random.nextInt(5));
        boolean opens = random.nextBoolean();
        rules.add((opens ? "open " : "block ") + range + " " + ports);
        if (random.nextInt(5) == 0) {
          rules.add(opens ? "open a.example.org " + ports : "block a.example.org");
        }
      }
      parts.add(Part.parse(scope, Optional.of(random.nextBoolean() ? "public" : "listed"), rules));
    }
    return new EgressPolicy(parts, List.of()).forJob(JOB, Blocked.standard());
  }

  @Test
  void nothingIsLearnedInABlockedRange() {
    JobRules rules =
        new EgressPolicy(
                List.of(
                    Part.parse(
                        Scope.everyJob(),
                        Optional.of("listed"),
                        List.of("open *.example.org any"))),
                List.of())
            .forJob(JOB, Blocked.standard());

    assertThat(Box.learned(rules, "a.example.org", Ip.of("10.0.0.1"))).isEmpty();
    assertThat(Box.learned(rules, "a.example.org", Ip.of("127.0.0.1"))).isEmpty();
    assertThat(Box.learned(rules, "example.org", Ip.of("8.8.8.8"))).isEmpty();
    assertThat(Box.learned(rules, "a.example.org", Ip.of("8.8.8.8"))).hasSize(3);
  }

  @Test
  void blockedRangesAreDisjointForTheKernel() {
    for (boolean v6 : List.of(false, true)) {
      for (boolean never : List.of(false, true)) {
        List<Range> ranges = Blocked.standard().disjoint(v6, never);
        assertThat(ranges).isNotEmpty();
        for (int i = 1; i < ranges.size(); i++) {
          assertThat(ranges.get(i - 1).last()).isLessThan(ranges.get(i).first());
        }
        Blocked.standard().ranges().stream()
            .filter(r -> r.range().v6() == v6 && r.never() == never)
            .forEach(r -> assertThat(ranges).anyMatch(m -> m.contains(r.range())));
      }
    }
  }
}
