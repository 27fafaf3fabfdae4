package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.ArrayList;
import java.util.List;

/** Addresses of this host at which jobs meet its resolver. They live on the loopback interface. */
public final class Gateway {
  private final Program ip;

  public Gateway() throws EgressUnavailable {
    ip = Program.need("ip", "iproute2");
  }

  /** Says whether the host uses some of the jobs' addresses for something else. */
  public void refuseIfTaken(Numbers numbers) throws EgressUnavailable {
    String routes =
        ip.must("read the routes", "", "-4", "route", "show", "root", numbers.jobs4().toString());
    for (String route : routes.split("\n")) {
      if (!route.isBlank() && !route.contains(" dev hfj")) {
        throw new EgressUnavailable(
            "this host has a route into "
                + numbers.jobs4()
                + ", where jobs get their addresses ("
                + route.strip()
                + "); give jobs another range in the agent's egress settings");
      }
    }
  }

  public void hold(Ip address) throws EgressUnavailable {
    var arguments = new ArrayList<>(List.of("addr", "replace", address + "/" + address.bits()));
    arguments.addAll(List.of("dev", "lo"));
    if (address.v6()) {
      arguments.add("nodad");
    }
    ip.must("hold the address " + address, "", arguments.toArray(String[]::new));
  }

  public void release(Ip address) throws EgressUnavailable {
    ip.must(
        "give back the address " + address,
        "",
        "addr",
        "delete",
        address + "/" + address.bits(),
        "dev",
        "lo");
  }
}
