package dev.holdfast.agent;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.job.ClassCache;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.JobNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.link.Backoff;
import dev.holdfast.agent.link.OrchestratorClient;
import dev.holdfast.agent.link.Rejected;
import dev.holdfast.agent.link.RemoteReporter;
import dev.holdfast.agent.link.RemoteSecrets;
import dev.holdfast.agent.link.RemoteShelf;
import dev.holdfast.agent.link.StepApprovals;
import dev.holdfast.agent.link.Unreachable;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.policy.Clearing;
import dev.holdfast.agent.policy.EgressRules;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.container.ImageRules;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Held;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent: takes leases from its orchestrator, runs each attempt in a sandbox of its own,
 * reports. Listens on nothing.
 *
 * <p>{@link #open}, then {@link #run} once, which returns after {@link #stop}; {@link #close} last.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** A vault that is away comes back, or the job is better tried elsewhere. */
  private static final Duration SECRETS_PATIENCE = Duration.ofMinutes(1);

  private static final Duration LONG_POLL = Duration.ofSeconds(30);

  /** For what a stopped agent still has to say. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  private final AgentConfig config;
  private final DataDirectory data;
  private final Backends.Chosen chosen;
  private final Workshop workshop;
  private final ScheduledExecutorService timer;
  private final Optional<Egress> egress;
  private final OrchestratorClient client;
  private final SecretSource secrets;
  private final RunningAttempts running;
  private final Backoff backoff = new Backoff(Duration.ofSeconds(15), RandomGenerator.getDefault());
  private final ProbeNews probe;
  private final Thread heart = Thread.ofVirtual().name("heartbeat").unstarted(this::heartbeats);
  private boolean away;
  private volatile boolean stopping;
  private volatile Thread loop = Thread.currentThread();
  private volatile AgentApi.Registered registered =
      new AgentApi.Registered("", Duration.ofSeconds(5), Duration.ofSeconds(30));

  private Agent(
      AgentConfig config,
      DataDirectory data,
      Backends.Chosen chosen,
      Workshop workshop,
      ScheduledExecutorService timer,
      OrchestratorClient client,
      Optional<Egress> egress) {
    this.egress = egress;
    this.config = config;
    this.data = data;
    this.chosen = chosen;
    this.workshop = workshop;
    this.timer = timer;
    this.client = client;
    this.secrets = new RemoteSecrets(client, SECRETS_PATIENCE);
    this.running = new RunningAttempts(config.capacity());
    this.probe = new ProbeNews(new LastProbe(config.data()), client);
  }

  /**
   * Prepares an agent, and removes what an earlier one left in its directory and on its host.
   *
   * @throws AgentUnusable if it cannot run as configured
   */
  public static Agent open(AgentConfig config, Checkout checkout, InstantSource clock)
      throws AgentUnusable, InterruptedException {
    DataDirectory data = DataDirectory.hold(config.data());
    Backends.Chosen chosen =
        Backends.choose(
            config.backend(),
            config.data(),
            data.agent(),
            config.engine(),
            config.runtime(),
            new ImageRules(
                config.image(),
                config.policy().localImages(),
                config.data().resolve("images"),
                config.policy().keep().images()),
            config.ignoreImages(),
            config.limiting(),
            new Backends.OnHost(
                config.policy().process(), config.policy().system(), config.policy().microvm()));
    Tier floor = config.policy().tier().orElse(Tier.NONE);
    if (!chosen.backend().kind().tier().holds(floor)) {
      chosen.backend().close();
      throw new AgentUnusable(
          config.policy().source()
              + " wants the tier "
              + floor.word()
              + " (rule accept.tier), and the backend here is "
              + chosen.what()
              + "; choose a stronger one by --backend, or lower the rule");
    }
    try {
      var directories = new JobDirectories(config.data());
      chosen.backend().reconcile();
      directories.removeAll();
      ScheduledExecutorService timer =
          Executors.newSingleThreadScheduledExecutor(
              task -> Thread.ofPlatform().daemon().name("timer").unstarted(task));
      Optional<Egress> egress = egress(config, data.agent());
      var client = new OrchestratorClient(config.server(), config.token());
      Clearing clearing = Clearing.in(config.data(), clock);
      Bounds usual = Bounds.standard();
      var workshop =
          new Workshop(
              chosen.backend(),
              config.policy(),
              egress.isPresent()
                  ? new FilteredNetworks(egress.get(), config.name().value())
                  : JobNetworks.none(),
              checkout,
              directories,
              RunnerDistribution.of(config.distribution()),
              new ClassCache(config.data(), config.policy().keep().classes(), clock),
              config.policy().limits().orElse(config.limits()),
              new Bounds(
                  config.maxLog(), usual.outputs(), usual.summaries(), usual.summaryLength()),
              Workshop.Patience.standard(),
              clock,
              timer,
              clearing,
              new StepApprovals(client, clearing, clock));
      return new Agent(config, data, chosen, workshop, timer, client, egress);
    } catch (IOException e) {
      chosen.backend().close();
      throw new AgentUnusable("the agent cannot start: " + e.getMessage(), e);
    }
  }

  private static Optional<Egress> egress(AgentConfig config, String agent) throws AgentUnusable {
    if (config.network() == JobNetwork.NONE) {
      return Optional.empty();
    }
    try {
      EgressPolicy policy = EgressRules.of(config.policy());
      return Optional.of(Egress.start(EgressSettings.of(agent, policy)));
    } catch (EgressUnavailable | BadRule e) {
      throw new AgentUnusable(
          "the agent's policy gives jobs a network, and this host cannot filter it: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Works until it is stopped.
   *
   * @throws AgentUnusable if the orchestrator refuses this agent
   */
  public void run() throws AgentUnusable {
    run(what -> {});
  }

  /**
   * As {@link #run()}.
   *
   * @param ready is told, once, what makes the sandboxes, when the orchestrator knows this agent
   */
  public void run(Consumer<String> ready) throws AgentUnusable {
    loop = Thread.currentThread();
    LOG.info("sandboxes by {}", chosen.what());
    try {
      register();
      ready.accept(chosen.what());
      heart.start();
      while (!stopping) {
        takeLeases();
      }
    } catch (InterruptedException e) {
      // By stop(): the running attempts are its to end.
      LOG.debug("no more leases are taken");
    }
  }

  private void meet(AgentApi.Registered answer) throws AgentUnusable {
    try {
      workshop.clearing().met(answer.key());
    } catch (IOException e) {
      throw new AgentUnusable(
          "this agent refuses the server " + config.server() + ": " + e.getMessage(), e);
    }
  }

  private void register() throws AgentUnusable, InterruptedException {
    var body =
        new AgentApi.Register(
            AgentApi.VERSION,
            config.name(),
            config.release(),
            config.capacity(),
            config.labels(),
            chosen.backend().kind());
    boolean said = false;
    while (true) {
      try {
        AgentApi.Registered answer = client.register(body);
        meet(answer);
        registered = answer;
        probe.again();
        backoff.reset();
        LOG.info("registered as {} at {}", config.name(), config.server());
        return;
      } catch (Rejected e) {
        throw new AgentUnusable(
            "the server " + config.server() + " refuses this agent: " + e.getMessage(), e);
      } catch (Unreachable e) {
        if (!said) {
          LOG.warn("{}; trying again until it answers", e.getMessage());
          said = true;
        }
        Thread.sleep(backoff.nextMillis());
      }
    }
  }

  private void takeLeases() throws AgentUnusable, InterruptedException {
    int free = running.awaitFree();
    try {
      var request = new AgentApi.LeaseRequest(registered.agent(), free, running.held(), LONG_POLL);
      for (Lease lease : client.leases(request).leases()) {
        begin(lease);
      }
      if (away) {
        LOG.info("{} answers again", config.server());
        away = false;
      }
      backoff.reset();
    } catch (Unreachable e) {
      if (stopping) {
        return;
      }
      if (!away) {
        LOG.warn("{}; running jobs go on, and this is tried until it answers", e.getMessage());
        away = true;
      }
      Thread.sleep(backoff.nextMillis());
    } catch (Rejected e) {
      // A server that was restored from a copy may not know this agent any more.
      LOG.warn("the server refuses to give leases: {}; registering again", e.getMessage());
      Thread.sleep(backoff.nextMillis());
      register();
    }
  }

  private void begin(Lease lease) {
    String attempt = lease.attempt();
    if (running.holds(attempt)) {
      return;
    }
    var orders = new LeaseOrders(attempt);
    var reporter = new RemoteReporter(client, attempt, lease.fence(), orders);
    var masker = new Masker();
    masker.add(OwnCredentials.of(config, lease.source()));
    var shelf = new RemoteShelf(client, attempt, lease.fence());
    var execution = new JobExecution(lease, workshop, reporter, masker, secrets, shelf);
    running.add(new RunningAttempts.Running(new Held(attempt, lease.fence()), execution, reporter));
    // Not a virtual thread: the engine's client blocks in ways that would hold a carrier.
    Thread.ofPlatform()
        .name("attempt-" + attempt)
        .daemon()
        .start(() -> work(execution, reporter, attempt));
  }

  private void work(JobExecution execution, RemoteReporter reporter, String attempt) {
    try {
      execution.run();
      reporter.done().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("{}: ended by a fault of the agent", attempt, e);
      reporter.abandon();
    } finally {
      running.remove(attempt, execution.leftSomething());
    }
    try {
      execution.awaitGone();
      running.gone(attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the orchestrator's answers ask of one attempt. */
  private final class LeaseOrders implements RemoteReporter.Orders {
    private final String attempt;

    LeaseOrders(String attempt) {
      this.attempt = attempt;
    }

    @Override
    public void cancel() {
      running.find(attempt).ifPresent(held -> held.execution().cancel());
    }

    @Override
    public void lost(String why) {
      LOG.info("{}: not this agent's any more: {}", attempt, why);
      running.find(attempt).ifPresent(held -> held.execution().abandon());
    }
  }

  private void heartbeats() {
    try {
      while (true) {
        probe.tell(registered.agent());
        Thread.sleep(registered.heartbeat());
        verifyFilter();
        try {
          obey(client.heartbeat(new AgentApi.Heartbeat(registered.agent(), running.held())));
        } catch (Unreachable e) {
          LOG.debug("heartbeat: {}", e.getMessage());
        } catch (Rejected e) {
          LOG.debug("heartbeat: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Somebody may have flushed the host's rules while jobs run. */
  private void verifyFilter() {
    try {
      if (egress.isPresent() && egress.get().verify()) {
        LOG.warn("the egress filter of this host was not there any more, and is put up again");
      }
    } catch (EgressUnavailable e) {
      LOG.error("the egress filter cannot be put up, so that jobs are ended: {}", e.getMessage());
      running.all().forEach(held -> held.execution().abort("the egress filter is gone"));
    }
  }

  private void obey(AgentApi.HeartbeatTaken taken) {
    for (String attempt : taken.cancel()) {
      new LeaseOrders(attempt).cancel();
    }
    for (String attempt : taken.lost()) {
      running
          .find(attempt)
          .ifPresent(held -> {
            LOG.info("{}: the lease is lost", attempt);
            held.reporter().abandon();
            held.execution().abandon();
          });
    }
  }

  /**
   * Takes no more leases, gives running jobs the configured grace, then ends them as broken, to be
   * tried elsewhere. Returns once none is left on this host.
   */
  public void stop() throws InterruptedException {
    stopping = true;
    loop.interrupt();
    if (!running.held().isEmpty()) {
      LOG.info("stopping; running jobs have {} s to end", config.grace().toSeconds());
    }
    if (!running.awaitNone(config.grace())) {
      running.all().forEach(held -> held.execution().abort("the agent is stopping"));
      if (!running.awaitNone(LAST_WORDS)) {
        LOG.warn("the server has not heard how these ended: {}", running.held());
        running.all().forEach(held -> held.reporter().abandon());
        running.awaitNone(LAST_WORDS);
      }
    }
  }

  @Override
  public void close() {
    heart.interrupt();
    client.close();
    timer.shutdownNow();
    if (egress.isPresent()) {
      try {
        egress.get().close();
      } catch (EgressUnavailable e) {
        LOG.warn("the resolver's address stays on this host: {}", e.getMessage());
      }
    }
    chosen.backend().close();
    try {
      data.close();
    } catch (IOException e) {
      LOG.warn("the lock of {} was not given back: {}", config.data(), e.getMessage());
    }
  }
}
