package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A stage with a repository whose jobs run in environments, an agent and some who approve. */
final class EnvironmentStage implements AutoCloseable {
  static final Repository.Host HOST =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));

  final Stage stage;
  final Path data;
  Caller agent;
  String agentId;
  private int deliveries;

  EnvironmentStage(Path data, Clock clock, Job... jobs) throws Exception {
    this.data = data;
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.Manual(List.of()),
                new Trigger.Push(List.of("**"), List.of("**"), List.of()),
                new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(jobs)));
    stage.repository("app");
    agent = stage.agent("one");
    agentId = agent.register("one", 50, "linux").agent();
  }

  /** The same job in these environments. */
  static Job in(Job plain, String... environments) {
    return new Job(
        plain.name(),
        plain.needs(),
        plain.runsOn(),
        plain.image(),
        plain.env(),
        plain.matrix(),
        plain.directory(),
        plain.when(),
        plain.timeout(),
        plain.tier(),
        plain.user(),
        plain.services(),
        plain.approval(),
        Stream.of(environments).map(EnvironmentPattern::new).toList(),
        plain.steps());
  }

  Caller user(String name, String role) throws Exception {
    Caller admin = stage.admin();
    assertThat(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}").status()).isEqualTo(201);
    assertThat(
            admin
                .post("/api/v1/grants", "{\"to\": \"" + name + "\", \"what\": \"" + role + "\"}")
                .status())
        .isLessThan(300);
    return stage.caller(
        admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}").at("token"));
  }

  static String path(String repository, String name) {
    return "/api/v1/environment?repository="
        + repository
        + "&name="
        + name.replace("/", "%2F").replace("*", "%2A");
  }

  void set(String name, String rules) throws Exception {
    set("app", name, rules);
  }

  void set(String repository, String name, String rules) throws Exception {
    var answer = put(path(repository, name), rules);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  Caller.Answer put(String path, String body) throws Exception {
    return stage.admin().call("PUT", path, body.getBytes(StandardCharsets.UTF_8));
  }

  void lock(String name, String why) throws Exception {
    var answer =
        put(
            path("app", name).replace("environment?", "environment/lock?"),
            "{\"why\": \"" + why + "\"}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  void unlock(String name) throws Exception {
    var answer =
        stage
            .admin()
            .call(
                "DELETE",
                path("app", name).replace("environment?", "environment/lock?"),
                new byte[0]);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  /** Starts the workflow by hand; the run's id. */
  String run() throws Exception {
    return stage.run("app", "ci");
  }

  /** Brings a push or tag of somebody trusted; the run's id. */
  String happens(Happening happening) throws Exception {
    String repository = stage.admin().get("/api/v1/repositories/app").at("id");
    var before = runs();
    stage.deliver(
        new Event(
            "d" + ++deliveries,
            repository,
            java.time.Instant.EPOCH.plusSeconds(deliveries),
            Optional.empty(),
            happening),
        List.of());
    return await()
        .until(
            () -> runs().stream().filter(run -> !before.contains(run)).findFirst().orElse(""),
            run -> !run.isEmpty());
  }

  private List<String> runs() throws Exception {
    return java.util.regex.Pattern.compile("\"id\":\"(run_[0-9a-z]+)\"")
        .matcher(stage.admin().get("/api/v1/runs?limit=500").text())
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  static Happening push(String branch) {
    return new Happening.Push(new RefName(branch), ScriptedForge.COMMIT, Optional.empty(), false);
  }

  static Happening tag(String tag) {
    return new Happening.Tag(new RefName(tag), ScriptedForge.COMMIT);
  }

  /** A stranger's pull request from a fork, to the repository of this id at the forge. */
  void strangers(String repository, String branch, CommitId head) {
    var stranger = new Contributor(HOST.name(), "666", "stranger");
    stage.deliver(
        new Event(
            "pr" + ++deliveries,
            repository,
            java.time.Instant.EPOCH.plusSeconds(deliveries),
            Optional.of(stranger),
            new Happening.PullRequest(
                5,
                PullRequestAction.SYNCHRONIZED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName(branch),
                head,
                true)),
        List.of(new Lookup.Known<>(stranger)));
  }

  List<AgentApi.Lease> leases(AgentApi.Held... held) throws Exception {
    return agent.lease(agentId, 20, Duration.ZERO, held);
  }

  List<String> leased(AgentApi.Held... held) throws Exception {
    return leases(held).stream().map(lease -> lease.job().key()).toList();
  }

  /** The one lease of this job, however soon it is to be had. */
  AgentApi.Lease lease(String job, AgentApi.Held... held) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> leases(held).stream().filter(l -> l.job().key().equals(job)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Shows that the agent knows of it. */
  void heard(AgentApi.Lease lease) throws Exception {
    agent.heartbeat(agentId, Caller.held(lease));
  }

  void complete(AgentApi.Lease lease) throws Exception {
    agent.complete(lease, new Outcome.Succeeded());
  }

  /** Of a job of a run: its state and why. */
  String job(String run, String name) throws Exception {
    var answer = stage.admin().get("/api/v1/runs/" + run);
    for (int i = 0; i < 10; i++) {
      if (answer.at("jobs." + i + ".key").equals(name)) {
        return answer.at("jobs." + i + ".state") + " " + answer.at("jobs." + i + ".reason");
      }
    }
    throw new AssertionError(answer.text());
  }

  String state(String run) throws Exception {
    return stage.admin().get("/api/v1/runs/" + run).at("state");
  }

  /** Open holds by the job that they are over, the run's own as nothing. */
  record Open(Map<String, Caller.Answer> all) {
    Caller.Answer get(String job) {
      return Objects.requireNonNull(all.get(job), job);
    }
  }

  private Map<String, Caller.Answer> holds() throws Exception {
    var all = new java.util.HashMap<String, Caller.Answer>();
    var found =
        java.util.regex.Pattern.compile("\"id\":\"(hold_[0-9a-z]+)\"")
            .matcher(stage.admin().get("/api/v1/holds").text())
            .results()
            .map(each -> each.group(1))
            .toList();
    for (String id : found) {
      var hold = stage.admin().get("/api/v1/holds/" + id);
      String job = hold.at("job");
      all.put(job.equals("null") ? "" : job, hold);
    }
    return all;
  }

  /** All of them, once there are so many. */
  Open holds(int count) {
    return new Open(await().until(this::holds, all -> all.size() == count));
  }

  static Caller.Answer approve(Caller who, Caller.Answer hold) throws Exception {
    return who.post("/api/v1/holds/" + hold.at("id") + "/approve", "{}");
  }

  void write(String sql) throws Exception {
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("holdfast.db"));
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isPositive();
    }
  }

  @Override
  public void close() throws IOException {
    stage.close();
  }
}
