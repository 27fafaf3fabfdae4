package dev.holdfast.agent.egress.rule;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Proposes rules for {@link Mode#LISTED} from what past runs have reached. */
public final class Learn {
  private Learn() {}

  /**
   * A rule and what it rests on.
   *
   * @param packets that past runs sent there
   */
  public record Proposal(Rule rule, long packets) {}

  /**
   * One rule for each name or, where the job knew none, each address. Only what got out counts:
   * what was refused is for an operator to open, not for us to propose.
   */
  public static List<Proposal> propose(Collection<Contact> contacts) {
    record Key(String target, Protocol protocol) {}
    Map<String, Key> keys = new TreeMap<>();
    Map<String, TreeSet<Integer>> ports = new TreeMap<>();
    Map<String, Long> packets = new TreeMap<>();
    for (Contact contact : contacts) {
      Optional<Protocol> protocol = Protocol.parse(contact.protocol());
      if (contact.allowed() && protocol.isPresent()) {
        String target =
            contact.name().flatMap(Target::name).orElseGet(() -> contact.address().toString());
        String id = target + " " + protocol.get();
        keys.put(id, new Key(target, protocol.get()));
        ports.computeIfAbsent(id, _ -> new TreeSet<>()).add(contact.port());
        packets.merge(id, contact.packets(), Long::sum);
      }
    }
    return keys.entrySet().stream()
        .map(e -> {
          Key key = e.getValue();
          String text = portText(key.protocol, ports.getOrDefault(e.getKey(), new TreeSet<>()));
          return new Proposal(
              Rule.parse("open " + key.target + " " + text), packets.getOrDefault(e.getKey(), 0L));
        })
        .toList();
  }

  private static String portText(Protocol protocol, Set<Integer> ports) {
    if (protocol == Protocol.ICMP) {
      return "icmp";
    }
    // A job that tried very many ports of one host gets no list of them proposed.
    String list =
        ports.size() > 16
            ? "any"
            : ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    return list + "/" + protocol;
  }
}
