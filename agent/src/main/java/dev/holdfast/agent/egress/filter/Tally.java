package dev.holdfast.agent.egress.filter;

import dev.holdfast.agent.egress.rule.Ip;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel counted of one job.
 *
 * @param destinations the first 2048, and one a second after
 * @param allowedPackets of all that got out, also to destinations that are not listed
 * @param refusedPackets of all that did not
 */
public record Tally(List<Counted> destinations, long allowedPackets, long refusedPackets) {

  /** One destination. */
  public record Counted(
      Ip address, String protocol, int port, long packets, long bytes, boolean allowed) {}

  public Tally {
    destinations = List.copyOf(destinations);
  }

  static Tally of(List<Listing.Element> elements) {
    var destinations = new ArrayList<Counted>();
    long allowed = 0;
    long refused = 0;
    for (Listing.Element element : elements) {
      switch (element.set()) {
        case "allowedsum" -> allowed += element.packets();
        case "refusedsum" -> refused += element.packets();
        case "allowed4", "allowed6" -> destinations.add(counted(element, true));
        case "refused4", "refused6" -> destinations.add(counted(element, false));
        default -> {
          // What stands in the other sets was not counted.
        }
      }
    }
    return new Tally(destinations, allowed, refused);
  }

  private static Counted counted(Listing.Element element, boolean allowed) {
    int number = Integer.parseInt(element.parts().get(1));
    String protocol =
        switch (number) {
          case 6 -> "tcp";
          case 17 -> "udp";
          case 1, 58 -> "icmp";
          default -> Integer.toString(number);
        };
    boolean ports = number == 6 || number == 17;
    return new Counted(
        Ip.of(element.parts().get(0)),
        protocol,
        ports ? Integer.parseInt(element.parts().get(2)) : 0,
        element.packets(),
        element.bytes(),
        allowed);
  }
}
