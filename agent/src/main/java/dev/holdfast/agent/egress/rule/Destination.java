package dev.holdfast.agent.egress.rule;

import java.util.Optional;

/**
 * Where a packet of a job goes.
 *
 * @param name under which the job's resolver has answered the address, if it has
 * @param port 0 for ICMP
 */
public record Destination(Ip address, Optional<String> name, Protocol protocol, int port) {
  public Destination {
    name = name.map(n -> Target.name(n).orElseThrow(() -> new BadRule("\"" + n + "\" is no name")));
    if (port < 0 || port > 65535) {
      throw new BadRule(port + " is no port");
    }
  }

  @Override
  public String toString() {
    String where = name.map(n -> n + " (" + address + ")").orElseGet(address::toString);
    return protocol == Protocol.ICMP ? where + " icmp" : where + " " + port + "/" + protocol;
  }
}
