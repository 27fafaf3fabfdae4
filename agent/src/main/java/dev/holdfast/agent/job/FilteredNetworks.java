package dev.holdfast.agent.job;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressRecord;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Mode;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.use.Doorway;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.Contact;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks behind the egress filter: an interface of its own for each job, put into its sandbox
 * from outside once the rules for it are in place.
 */
public final class FilteredNetworks implements JobNetworks {
  private static final Logger LOG = LoggerFactory.getLogger(FilteredNetworks.class);

  private final Egress egress;
  private final String pool;
  private final HttpsReach reach;

  /**
   * @param pool that this agent is of, for the policy's rules
   */
  public FilteredNetworks(Egress egress, String pool) {
    this(egress, pool, HttpsReach.ofHost());
  }

  /**
   * As {@link #FilteredNetworks(Egress, String)}.
   *
   * @param reach by which the agent makes requests in jobs' stead
   */
  public FilteredNetworks(Egress egress, String pool, HttpsReach reach) {
    this.egress = egress;
    this.pool = pool;
    this.reach = reach;
  }

  /** By this agent's policy, and no more than what let the job start lets it have. */
  private JobRules rules(Lease lease) {
    Mode most =
        switch (lease.limits().egress()) {
          case PUBLIC -> Mode.PUBLIC;
          case LISTED -> Mode.LISTED;
          case NONE -> Mode.NONE;
        };
    return egress
        .rulesFor(new JobScope(pool, lease.source().name(), lease.workflow().value()))
        .within(most, "as the orchestrator cleared the job");
  }

  @Override
  public Optional<String> nameserver(Lease lease) {
    return rules(lease).isNone() ? Optional.empty() : Optional.of(egress.resolver().toString());
  }

  @Override
  public Network open(Lease lease, Sandbox sandbox) throws SandboxUnavailable {
    try {
      JobRules rules = rules(lease);
      boolean installs = lease.job().job().installs();
      EgressSession session =
          egress.open(
              lease.attempt(), sandbox.process(), installs ? egress.installing(rules) : rules);
      join(sandbox, session);
      return new Network() {
        @Override
        public List<Contact> close() throws SandboxUnavailable {
          return FilteredNetworks.close(lease.attempt(), session);
        }

        @Override
        public void installed() throws SandboxUnavailable {
          try {
            session.become(rules);
          } catch (EgressUnavailable e) {
            throw new SandboxUnavailable(
                "the job's network cannot be opened after the steps that install: "
                    + e.getMessage(),
                e);
          }
        }

        @Override
        public Optional<Doorway> doorway() {
          return session
              .address4()
              .map(job -> new FilteredDoorway(egress, session, job, rules, reach));
        }

        @Override
        public Optional<String> link() {
          return session.link();
        }
      };
    } catch (EgressUnavailable e) {
      throw new SandboxUnavailable(
          "the job's network cannot be filtered, so there is no job: " + e.getMessage(), e);
    }
  }

  private static void join(Sandbox sandbox, EgressSession session)
      throws SandboxUnavailable, EgressUnavailable {
    if (session.link().isEmpty()) {
      return;
    }
    try {
      sandbox.networkIsOpen();
    } catch (SandboxUnavailable e) {
      try {
        session.close();
      } catch (EgressUnavailable f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  private static List<Contact> close(String attempt, EgressSession session)
      throws SandboxUnavailable {
    try {
      EgressRecord record = session.close();
      if (record.contacts().size() > Contact.MOST || record.unlistedPackets() > 0) {
        LOG.warn("{}: it had more contacts than are recorded", attempt);
      }
      return record.contacts().stream()
          .limit(Contact.MOST)
          .map(c ->
              new Contact(
                  c.address().toString(),
                  c.name(),
                  c.protocol(),
                  c.port(),
                  c.packets(),
                  c.bytes(),
                  c.allowed()))
          .toList();
    } catch (EgressUnavailable e) {
      throw new SandboxUnavailable("the job's network is not all gone: " + e.getMessage(), e);
    }
  }
}
