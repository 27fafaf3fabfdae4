package dev.holdfast.agent.egress.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a job reaches a destination that an operator writes down, and what decides it: first
 * whether it learns the address, then whether packets get there.
 *
 * @param open whether it gets there under at least one address
 * @param steps in order, one line each
 */
public record Explanation(boolean open, List<Decision> steps) {
  private static final Pattern ASKED =
      Pattern.compile(
          "(?:\\[([0-9a-fA-F:.]+)]|([^\\[\\]:/ ]+)|([0-9a-fA-F:.]+))"
              + "(?::([0-9]{1,5}))?(?:/(tcp|udp|icmp))?");
  private static final int USUAL_PORT = 443;

  public Explanation {
    steps = List.copyOf(steps);
  }

  /**
   * Explains {@code asked}: {@code registry.example.org}, {@code 10.0.0.5:5432}, {@code
   * [2001:db8::1]:53/udp} or {@code 1.1.1.1/icmp}. Without a port, 443 is meant; without a
   * protocol, TCP.
   *
   * @param lookup what a name is known to have; asked only for a name that the job may look up
   * @throws BadRule if {@code asked} is nothing of that kind
   */
  public static Explanation of(JobRules rules, String asked, Function<String, List<Ip>> lookup) {
    Matcher parts = ASKED.matcher(asked.strip());
    if (!parts.matches()) {
      throw bad(asked);
    }
    Protocol protocol =
        Optional.ofNullable(parts.group(5)).flatMap(Protocol::parse).orElse(Protocol.TCP);
    int port =
        protocol == Protocol.ICMP
            ? 0
            : Optional.ofNullable(parts.group(4)).map(Integer::parseInt).orElse(USUAL_PORT);
    String host =
        Optional.ofNullable(parts.group(1))
            .or(() -> Optional.ofNullable(parts.group(2)))
            .orElseGet(() -> parts.group(3));
    Optional<Ip> address = Ip.parse(host);
    if (address.isPresent()) {
      Decision decision =
          rules.decide(new Destination(address.get(), Optional.empty(), protocol, port));
      return new Explanation(decision.open(), List.of(decision));
    }
    String name = Target.name(host).orElseThrow(() -> bad(asked));
    return ofName(rules, name, protocol, port, lookup);
  }

  private static BadRule bad(String asked) {
    return new BadRule(
        "\""
            + asked
            + "\" is no destination; write name:443, 10.0.0.5:5432, [2001:db8::1]:53/udp or"
            + " 1.1.1.1/icmp");
  }

  private static Explanation ofName(
      JobRules rules, String name, Protocol protocol, int port, Function<String, List<Ip>> lookup) {
    var steps = new ArrayList<Decision>();
    Decision mayAsk = rules.decideName(name);
    steps.add(mayAsk);
    if (!mayAsk.open()) {
      return new Explanation(false, steps);
    }
    List<Ip> addresses = lookup.apply(name);
    if (addresses.isEmpty()) {
      steps.add(new Decision(false, "names", name + " has no address that is known here"));
      return new Explanation(false, steps);
    }
    boolean open = false;
    boolean told = true;
    for (Ip address : addresses) {
      Decision answer = rules.decideAnswer(name, address);
      told &= answer.open();
      Decision decision =
          answer.open()
              ? rules.decide(new Destination(address, Optional.of(name), protocol, port))
              : answer;
      open |= decision.open();
      steps.add(decision);
    }
    // One answer that must not be given spoils all of them.
    return new Explanation(open && told, steps);
  }
}
