package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.dns.Upstream;
import dev.holdfast.agent.egress.filter.FilterSpec;
import dev.holdfast.agent.egress.filter.FilterTable;
import dev.holdfast.agent.egress.filter.JobElements;
import dev.holdfast.agent.egress.filter.Tally;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.link.Forwarding;
import dev.holdfast.agent.egress.link.Gateway;
import dev.holdfast.agent.egress.link.Links;
import dev.holdfast.agent.egress.link.Numbers;
import dev.holdfast.agent.egress.link.OtherFirewalls;
import dev.holdfast.agent.egress.rule.Blocked;
import dev.holdfast.agent.egress.rule.Box;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Mode;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import dev.holdfast.agent.sandbox.Protection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives jobs a network behind the filter. One for each agent, as root; see "Walls" in {@code
 * docs/architecture.md}.
 *
 * <p>In this order: {@link #start}; for each job {@link #open}, once its namespace exists and
 * before it is sent anything; {@link EgressSession#close} when its processes have ended; in
 * between, every some seconds, {@link #verify}; {@link #close} when no session is open.
 * Thread-safe.
 */
public final class Egress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Egress.class);
  private static final int TRIES = 16;

  /** Of the wall, what is built here. */
  private static final Set<Protection> PARTS =
      Set.of(Protection.EGRESS_FILTER, Protection.EGRESS_SOURCE_CHECK, Protection.EGRESS_RESOLVER);

  private final EgressSettings settings;
  private final Numbers numbers;
  private final Blocked blocked;
  private final FilterTable table;
  private final Links links;
  private final GatewayHold gateway;
  private final String prefix;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, EgressSession.Live> sessions = new ConcurrentHashMap<>();
  private final Object changing = new Object();
  private volatile List<String> remarks = List.of();
  private volatile boolean six;

  private Egress(EgressSettings settings) throws EgressUnavailable {
    boolean reduced =
        settings.documentationIsPublic() || !PARTS.stream().allMatch(settings.wall()::has);
    if (reduced && !LabCheck.isInLab()) {
      throw new EgressUnavailable(
          "egress with less than the whole wall is for labs; this process is not in one");
    }
    this.settings = settings;
    prefix = LinkNames.prefix(settings.agent());
    numbers = Numbers.of(settings.jobs4(), HostIdentity.read());
    Blocked standard =
        settings.documentationIsPublic() ? Blocked.withoutDocumentation() : Blocked.standard();
    blocked = standard.andJobs(List.of(numbers.jobs4(), numbers.jobs6()));
    table =
        new FilterTable(
            new FilterSpec(
                settings.wall(),
                blocked,
                numbers.jobs4(),
                numbers.gateways4(),
                numbers.jobs6(),
                numbers.gateways6()));
    links = new Links();
    reconcile();
    verify();
    gateway = GatewayHold.take(new Gateway(), numbers, six, new Upstream(upstreams(settings)));
  }

  /**
   * Removes what a killed agent of this id has left, installs the table, and listens for names.
   *
   * @throws EgressUnavailable with the mend, if this host cannot give jobs a filtered network
   */
  public static Egress start(EgressSettings settings) throws EgressUnavailable {
    return new Egress(settings);
  }

  private static List<InetSocketAddress> upstreams(EgressSettings settings)
      throws EgressUnavailable {
    try {
      List<InetSocketAddress> servers =
          settings.upstreams().isEmpty() ? Upstream.ofHost() : settings.upstreams();
      if (servers.isEmpty()) {
        throw new EgressUnavailable(
            "/etc/resolv.conf names no server; name some in the agent's egress settings");
      }
      return servers;
    } catch (IOException e) {
      throw new EgressUnavailable(
          "cannot read /etc/resolv.conf ("
              + e.getMessage()
              + "); name the servers in the agent's egress settings",
          e);
    }
  }

  private void reconcile() throws EgressUnavailable {
    new Gateway().refuseIfTaken(numbers);
    for (String stale : links.of(prefix)) {
      LOG.info("removing {}, which an earlier agent has left", stale);
      links.remove(stale);
    }
    table.purge(prefix);
    boolean othersLive = !links.of(LinkNames.EVERY).isEmpty();
    if (othersLive && table.exists() && !table.isIntact(List.of())) {
      throw new EgressUnavailable(
          "the table inet holdfast is not this agent's, and jobs of another agent live by it; give"
              + " both agents the same version and the same range for jobs, or end the other one");
    }
  }

  /** What jobs write into their {@code resolv.conf}. */
  public Ip resolver() {
    return gateway.address4();
  }

  /** What was changed on this host, and what jobs do without, one line each. */
  public List<String> remarks() {
    return remarks;
  }

  /** What {@code job} may reach by this agent's policy. */
  public JobRules rulesFor(JobScope job) {
    return settings.policy().forJob(job, blocked);
  }

  /** What a job that may reach {@code rules} reaches while its steps install. */
  public JobRules installing(JobRules rules) {
    return settings.policy().installing(rules);
  }

  /**
   * Makes sure that the table is ours word for word, and that this host lets jobs' packets through;
   * puts it right where it is not.
   *
   * @return whether the table had to be installed
   * @throws EgressUnavailable if it cannot be put right: then no job may start
   */
  public boolean verify() throws EgressUnavailable {
    synchronized (changing) {
      boolean installed = ensureTable();
      var said = new ArrayList<>(OtherFirewalls.makeRoom());
      Forwarding forwarding = Forwarding.ensure();
      table.onlyForJobs(forwarding.guarded4(), forwarding.guarded6());
      six = forwarding.six();
      said.addAll(forwarding.remarks());
      remarks = List.copyOf(said);
      return installed;
    }
  }

  private boolean ensureTable() throws EgressUnavailable {
    Collection<JobElements> live =
        sessions.values().stream().map(EgressSession.Live::elements).toList();
    if (table.isIntact(live)) {
      return false;
    }
    if (table.exists()) {
      LOG.warn("the table inet holdfast was not as this agent installs it: installed again");
    }
    table.install(live);
    return true;
  }

  /**
   * Gives the namespace of {@code pid} an interface, behind the filter from its first instant.
   *
   * @param pid of a process that the caller knows to be the sandbox's, in a namespace of its own
   * @throws EgressUnavailable having left nothing: then the job must not start
   */
  public EgressSession open(String attempt, long pid, JobRules rules) throws EgressUnavailable {
    if (rules.isNone()) {
      return new EgressSession(this, attempt, Optional.empty());
    }
    String namespace = links.namespaceOf(pid);
    if (sessions.values().stream().anyMatch(l -> l.namespace().equals(namespace))) {
      throw new EgressUnavailable("process " + pid + " is in the network namespace of another job");
    }
    List<Box> boxes = boxes(rules);
    EgressUnavailable last = new EgressUnavailable("no address is free for another job");
    for (int i = 0; i < TRIES; i++) {
      String name = LinkNames.any(prefix, random);
      var plan = new Links.Plan(name, numbers, gateway.agent(), numbers.any(random), six);
      var elements =
          new JobElements(
              name, plan.address4(), plan.address6(), rules.mode() == Mode.PUBLIC, boxes);
      var live =
          new EgressSession.Live(
              elements, namespace, new AskedNames(), new LearnedAddresses(table, name, rules));
      try {
        add(live);
        links.make(plan, pid, namespace);
        Forwarding.allow(name);
        know(live, rules);
        return new EgressSession(this, attempt, Optional.of(live));
      } catch (EgressUnavailable e) {
        undo(live, e);
        last = e;
        // Only an address or a name that another agent has taken since is worth another try.
        if (!String.valueOf(e.getMessage()).contains("File exists")) {
          throw e;
        }
      }
    }
    throw last;
  }

  private static List<Box> boxes(JobRules rules) {
    var boxes = new ArrayList<>(Box.of(rules, false));
    boxes.addAll(Box.of(rules, true));
    return boxes;
  }

  /** As {@link EgressSession#become}, for a job that has a network before and after. */
  void become(EgressSession.Live first, JobRules rules) throws EgressUnavailable {
    String link = first.elements().link();
    synchronized (changing) {
      EgressSession.Live now = sessions.get(link);
      if (now == null || rules.isNone()) {
        throw new EgressUnavailable("the job's network is gone, or is to be");
      }
      var other =
          new JobElements(
              link,
              now.elements().address4(),
              now.elements().address6(),
              rules.mode() == Mode.PUBLIC,
              boxes(rules));
      if (ensureTable()) {
        verify();
      }
      // Names first: what is learned meanwhile is by the new rules, and is let through with them.
      now.learned().become(rules);
      table.change(now.elements(), other);
      sessions.put(link, now.with(other));
      know(now, rules);
    }
  }

  /** As {@link EgressSession#door}. */
  void door(EgressSession.Live live, int port, boolean open) throws EgressUnavailable {
    String link = live.elements().link();
    synchronized (changing) {
      if (!sessions.containsKey(link)) {
        throw new EgressUnavailable("the job's network is gone");
      }
      if (ensureTable()) {
        verify();
      }
      table.door(link, gateway.address4(), port, open);
    }
  }

  private void add(EgressSession.Live live) throws EgressUnavailable {
    synchronized (changing) {
      if (ensureTable()) {
        // Whoever flushed ours may have flushed more.
        verify();
      }
      sessions.put(live.elements().link(), live);
      table.add(live.elements());
    }
  }

  private void know(EgressSession.Live live, JobRules rules) {
    var asker =
        new JobAsker(
            rules, live.names(), live.learned(), settings.wall().has(Protection.EGRESS_RESOLVER));
    gateway
        .resolver()
        .know(
            live.elements().address4(),
            asker,
            live.elements().address6().stream().toArray(Ip[]::new));
  }

  private void undo(EgressSession.Live live, EgressUnavailable why) {
    try {
      takeDown(live);
    } catch (EgressUnavailable e) {
      why.addSuppressed(e);
    }
  }

  Tally takeDown(EgressSession.Live live) throws EgressUnavailable {
    JobElements elements = live.elements();
    gateway.resolver().forget(elements.address4());
    elements.address6().ifPresent(gateway.resolver()::forget);
    live.learned().close();
    links.remove(elements.link());
    // No packet comes any more, and no name is learned: what is removed now stays away.
    synchronized (changing) {
      Tally tally = table.remove(elements.link());
      sessions.remove(elements.link());
      return tally;
    }
  }

  /** Gives back the resolver's addresses. The table stays: it speaks of jobs only. */
  @Override
  public void close() throws EgressUnavailable {
    gateway.close();
  }
}
