package dev.holdfast.agent.job;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.use.Doorway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/**
 * Behind the egress filter: one port of the agent's address at a time for one job's interface, and
 * outward nothing that the job's own rules refuse.
 */
record FilteredDoorway(
    Egress egress, EgressSession session, Ip address, JobRules rules, HttpsReach reach)
    implements Doorway {
  @Override
  public InetAddress agent() {
    return egress.resolver().inet();
  }

  @Override
  public InetAddress job() {
    return address.inet();
  }

  @Override
  public void open(int port) throws IOException {
    try {
      session.door(port, true);
    } catch (EgressUnavailable e) {
      throw new IOException("no request can be made for the job: " + e.getMessage(), e);
    }
  }

  @Override
  public void shut(int port) throws IOException {
    try {
      session.door(port, false);
    } catch (EgressUnavailable e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public Socket reach(String host, int port) throws IOException {
    return reach.connect(host, port, rules);
  }
}
