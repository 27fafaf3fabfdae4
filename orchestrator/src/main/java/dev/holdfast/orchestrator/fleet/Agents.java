package dev.holdfast.orchestrator.fleet;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.orchestrator.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agents that ever registered, held in memory too. Thread-safe. */
public final class Agents {
  // When an agent was last heard of is for people: a write per call would be a waste.
  private static final Duration SEEN_GRAIN = Duration.ofSeconds(5);
  private static final int MOST_LABELS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(Agents.class);

  private final Database database;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Agent> agents = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, ProbeReport> probes = new ConcurrentHashMap<>();

  public Agents(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    database.read(s ->
        s.list(
            "SELECT * FROM agent",
            row ->
                agents.put(
                    row.text("id"),
                    new Agent(
                        row.text("id"),
                        row.text("name"),
                        row.text("release"),
                        (int) row.number("capacity"),
                        labels(row.text("labels")),
                        AgentApi.Backend.valueOf(row.text("backend")),
                        row.time("registered_at"),
                        row.time("seen_at")))));
    database.read(s ->
        s.list(
            "SELECT id, probe FROM agent WHERE probe IS NOT NULL",
            row -> {
              String id = row.text("id");
              try {
                probes.put(id, Records.read(ProbeReport.class, row.text("probe")));
                return true;
              } catch (MalformedJson e) {
                // By another release; its agent tells of it again.
                LOG.warn("what {} told of its newest probe is not read: {}", id, e.getMessage());
                return false;
              }
            }));
  }

  /** Keeps what the agent tells of the newest probe of its host. */
  public void probed(Agent agent, ProbeReport report) {
    if (report.equals(probes.get(agent.id()))) {
      return;
    }
    database.write(s ->
        s.update(
            "UPDATE agent SET probe = ? WHERE id = ?",
            Records.write(ProbeReport.class, report),
            agent.id()));
    probes.put(agent.id(), report);
  }

  /** What the agent with this id told of the newest probe of its host, if it ever did. */
  public Optional<ProbeReport> probe(String id) {
    return Optional.ofNullable(probes.get(id));
  }

  /** Takes what an agent says of itself; an agent of the same name is the same agent. */
  public Agent register(AgentApi.Register said) {
    if (said.labels().size() > MOST_LABELS) {
      throw new IllegalArgumentException("labels: are more than " + MOST_LABELS);
    }
    Instant now = clock.instant();
    var labels = new TreeSet<String>();
    said.labels().forEach(label -> labels.add(label.value()));
    String id =
        database.write(s ->
            s.first(
                    "INSERT INTO agent (id, name, release, capacity, labels, backend,"
                        + " registered_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT"
                        + " (name) DO UPDATE SET release = excluded.release, capacity ="
                        + " excluded.capacity, labels = excluded.labels, backend ="
                        + " excluded.backend, registered_at = excluded.registered_at, seen_at ="
                        + " excluded.seen_at RETURNING id",
                    row -> row.text("id"),
                    database.ids().next("agt"),
                    said.name().value(),
                    said.release(),
                    said.capacity(),
                    String.join(",", labels),
                    said.backend(),
                    now,
                    now)
                .orElseThrow());
    var agent =
        new Agent(
            id,
            said.name().value(),
            said.release(),
            said.capacity(),
            Set.copyOf(labels),
            said.backend(),
            now,
            now);
    agents.put(id, agent);
    return agent;
  }

  /** The agent with this id, if it is {@code name}'s. */
  public Optional<Agent> of(String id, String name) {
    return Optional.ofNullable(agents.get(id)).filter(agent -> agent.name().equals(name));
  }

  public Optional<Agent> byName(String name) {
    return agents.values().stream().filter(agent -> agent.name().equals(name)).findFirst();
  }

  public Optional<Agent> byId(String id) {
    return Optional.ofNullable(agents.get(id));
  }

  /** Remembers that the agent was heard of just now. */
  public void seen(Agent agent) {
    Instant now = clock.instant();
    if (Duration.between(agent.seen(), now).compareTo(SEEN_GRAIN) >= 0) {
      agents.computeIfPresent(agent.id(), (id, known) -> known.seenAt(now));
      var _ =
          database.submit(
              s -> s.update("UPDATE agent SET seen_at = ? WHERE id = ?", now, agent.id()));
    }
  }

  /** All, by name. */
  public List<Agent> list() {
    var all = new ArrayList<>(agents.values());
    all.sort(Comparator.comparing(Agent::name));
    return all;
  }

  /** Whether some agent that ever registered is such a one. */
  public boolean some(Predicate<Agent> such) {
    return agents.values().stream().anyMatch(such);
  }

  private static Set<String> labels(String joined) {
    return joined.isEmpty() ? Set.of() : Set.of(joined.split(","));
  }
}
