package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.wire.agent.Contact;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rules that an agent's operator may want for a repository, from what its jobs reached: what
 * {@code holdfast egress learn} proposes. The rules themselves are the agent's, which nothing here
 * may use; that both propose the same is tried where both can be.
 */
public final class EgressProposal {
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Set<String> KNOWN = Set.of("tcp", "udp", "icmp");

  /** A job that tried very many ports of one host gets no list of them proposed. */
  private static final int MOST_PORTS = 16;

  private EgressProposal() {}

  /** One rule for each name or, where the job knew none, each address, and its packets. */
  public record Rule(String text, long packets) {}

  /** What got out; what was refused is for an operator to open, not for us to propose. */
  public static List<Rule> of(Collection<Contact> contacts) {
    Map<String, TreeSet<Integer>> ports = new TreeMap<>();
    Map<String, Long> packets = new TreeMap<>();
    for (Contact contact : contacts) {
      if (contact.allowed()
          && KNOWN.contains(contact.protocol())
          && (contact.port() > 0 || contact.protocol().equals("icmp"))) {
        String key =
            contact.name().flatMap(EgressProposal::name).orElse(contact.address())
                + " "
                + contact.protocol();
        ports.computeIfAbsent(key, _ -> new TreeSet<>()).add(contact.port());
        packets.merge(key, contact.packets(), Long::sum);
      }
    }
    return ports.entrySet().stream()
        .map(entry -> {
          String[] of = entry.getKey().split(" ", 2);
          return new Rule(
              "open " + of[0] + " " + ports(of[1], entry.getValue()),
              packets.getOrDefault(entry.getKey(), 0L));
        })
        .toList();
  }

  /** As the agent's file has them. */
  static String yaml(String repository, List<Rule> rules) {
    var text =
        new StringBuilder("- repository: ")
            .append(repository)
            .append("\n  default: listed\n  rules:\n");
    rules.forEach(rule ->
        text.append("    - \"")
            .append(rule.text())
            .append("\"  # ")
            .append(rule.packets())
            .append(" packets\n"));
    return text.toString();
  }

  /** A name that a rule may name, in the form in which names are compared. */
  private static Optional<String> name(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    return NAME.matcher(name).matches() ? Optional.of(name) : Optional.empty();
  }

  private static String ports(String protocol, Set<Integer> ports) {
    if (protocol.equals("icmp")) {
      return "icmp";
    }
    return (ports.size() > MOST_PORTS
            ? "any"
            : ports.stream().map(String::valueOf).collect(Collectors.joining(",")))
        + "/"
        + protocol;
  }
}
