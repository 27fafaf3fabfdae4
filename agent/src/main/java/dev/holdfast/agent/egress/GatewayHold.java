package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.dns.Resolver;
import dev.holdfast.agent.egress.dns.Upstream;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.link.Gateway;
import dev.holdfast.agent.egress.link.Numbers;
import dev.holdfast.agent.egress.rule.Ip;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * This agent's resolver, at the first of the host's resolver addresses that no other agent has.
 *
 * @param agent which of them: an agent's number on its host
 */
record GatewayHold(int agent, List<Ip> addresses, Gateway gateway, Resolver resolver) {
  private static final int PORT = 53;

  static GatewayHold take(Gateway gateway, Numbers numbers, boolean six, Upstream upstream)
      throws EgressUnavailable {
    String last = "";
    for (int agent = 1; agent <= Numbers.GATEWAYS; agent++) {
      var addresses = new ArrayList<Ip>();
      addresses.add(numbers.gateway4(agent));
      if (six) {
        addresses.add(numbers.gateway6(agent));
      }
      for (Ip address : addresses) {
        gateway.hold(address);
      }
      try {
        Resolver resolver =
            Resolver.listen(
                addresses.stream().map(a -> new InetSocketAddress(a.inet(), PORT)).toList(),
                upstream);
        return new GatewayHold(agent, List.copyOf(addresses), gateway, resolver);
      } catch (BindException e) {
        // Another agent of this host listens there: the address is its to give back.
        last = numbers.gateway4(agent) + ": " + e.getMessage();
      } catch (IOException e) {
        throw new EgressUnavailable(
            "the jobs' resolver cannot listen at " + addresses + ": " + e.getMessage(), e);
      }
    }
    throw new EgressUnavailable(
        "the jobs' resolver cannot listen on port 53 of any address from "
            + numbers.gateway4(1)
            + " on ("
            + last
            + "); if a name server of this host listens on all addresses, let it listen only on its own"
            + " (ss -lunp 'sport = :53' shows it)");
  }

  Ip address4() {
    return addresses.getFirst();
  }

  void close() throws EgressUnavailable {
    resolver.close();
    for (Ip address : addresses) {
      gateway.release(address);
    }
  }
}
