package dev.holdfast.orchestrator;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.SignInClient;
import dev.holdfast.orchestrator.access.SignInClients;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.intake.EventSource;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real orchestrator on a real port and a real database, with its callers. */
final class Stage implements AutoCloseable {
  final ScriptedForge forge = new ScriptedForge();
  final ScriptedPeople people = new ScriptedPeople();
  final Map<String, SignInClient> signIn = new ConcurrentHashMap<>();
  final HttpClient client = HttpClient.newHttpClient();

  /** The ids of the repositories that somebody said there is news of. */
  final List<String> looks = new CopyOnWriteArrayList<>();

  private final Path data;
  private final Clock clock;
  private Optional<String> relay = Optional.empty();
  private Optional<URI> publicUrl = Optional.empty();
  private MemoryLogStore logs = new MemoryLogStore();
  private Orchestrator orchestrator;

  /**
   * @param defined what the forge says from the first moment on, when the orchestrator already goes
   *     through what it finds in its inbox
   */
  Stage(Path data, Clock clock, Workflow... defined) throws IOException {
    forge.define(defined);
    this.data = data;
    this.clock = clock;
    this.orchestrator = start();
  }

  private Orchestrator start() throws IOException {
    var calls = new Calls();
    return Orchestrator.start(
        new OrchestratorConfig(data, "127.0.0.1", 0, OrchestratorConfig.DEFAULT_LEASE)
            .by(relay)
            .foundAt(publicUrl),
        clock,
        new Orchestrator.Outside(
            credentials -> forge,
            ScriptedForge::read,
            logs,
            calls,
            PlainGitSource.dialects(calls),
            credentials -> people,
            List.of((_, _) -> new Listening()),
            new SignInClients(signIn)));
  }

  private final class Listening implements EventSource.Running {
    @Override
    public void look(String repository) {
      looks.add(repository);
    }

    @Override
    public void close() {}
  }

  /** Starts again, told of a relay this once. */
  void restart(String toldOf) throws IOException {
    orchestrator.close();
    relay = Optional.of(toldOf);
    try {
      orchestrator = start();
    } catch (RuntimeException e) {
      relay = Optional.empty();
      orchestrator = start();
      throw e;
    } finally {
      relay = Optional.empty();
    }
  }

  /** Starts again, told where others find it. */
  void restartAt(URI url) throws IOException {
    publicUrl = Optional.of(url);
    restart();
  }

  void restart() throws IOException {
    orchestrator.close();
    orchestrator = start();
  }

  Map<String, String> routes() {
    return orchestrator.routes();
  }

  Map<String, String> pages() {
    return orchestrator.pages();
  }

  int port() {
    return orchestrator.port();
  }

  dev.holdfast.orchestrator.secret.SecretDelivery secretDelivery() {
    return orchestrator.secretDelivery();
  }

  Caller admin() throws IOException {
    return caller(Files.readString(data.resolve("admin-token")).strip());
  }

  Caller caller(String token) {
    return new Caller(client, orchestrator.port(), token);
  }

  /** An agent's caller, with a new token for this name. */
  Caller agent(String name) throws IOException, InterruptedException {
    return caller(admin().post("/api/v1/agent-tokens", "{\"name\": \"" + name + "\"}").at("token"));
  }

  /** Adds a repository and answers its name. */
  String repository(String name) throws IOException, InterruptedException {
    var answer =
        admin()
            .post(
                "/api/v1/repositories",
                "{\"name\": \"" + name + "\", \"url\": \"/tmp/" + name + ".git\"}");
    if (answer.status() != 201) {
      throw new AssertionError(answer);
    }
    return name;
  }

  /** Adds a repository at a forge, whose default branch stands at {@code settled}; its id. */
  String atForge(String name, Repository.Host host, long id, CommitId settled) {
    return orchestrator.addAtForge(
        new Name(name),
        new Repository.Location.AtForge(host, id, URI.create(host.api() + "/" + name + ".git")),
        new RefName("main"),
        settled);
  }

  /** The ids of a repository's open holds, by the commits that they are over. */
  Map<String, String> holds(String repository) throws IOException, InterruptedException {
    var holds = new java.util.HashMap<String, String>();
    var answer = admin().get("/api/v1/holds?limit=1000&repository=" + repository);
    if (answer.json() instanceof Json.Obj(var all)
        && all.get("holds") instanceof Json.Arr(var items)) {
      for (Json item : items) {
        if (item instanceof Json.Obj(var fields)
            && fields.get("head") instanceof Json.Str(var head)
            && fields.get("id") instanceof Json.Str(var id)) {
          holds.put(head, id);
        }
      }
    }
    return holds;
  }

  /** Brings an event as a webhook would. */
  void deliver(Event event, List<Lookup<Contributor>> hands) {
    orchestrator.deliveries().happened(event, hands);
  }

  /** Brings a comment as a webhook would. */
  void comment(String delivery, Delivered.Commented said) {
    orchestrator.deliveries().commented(delivery, said);
  }

  /** Starts {@code workflow} by hand, and answers its run once there is one. */
  String run(String repository, String workflow) throws IOException, InterruptedException {
    Caller admin = admin();
    Caller.Answer begun =
        admin.post(
            "/api/v1/repositories/" + repository + "/events",
            "{\"workflow\": \"" + workflow + "\", \"inputs\": {}}");
    if (begun.status() != 202) {
      throw new AssertionError(begun);
    }
    String event = begun.at("event");
    return org.awaitility.Awaitility.await()
        .until(
            () -> {
              var events = admin.get("/api/v1/repositories/" + repository + "/events?limit=20");
              for (int i = 0; i < 20; i++) {
                if (events.at("events." + i + ".id").equals(event)) {
                  return events.at("events." + i + ".state").equals("done")
                      ? started(events.at("events." + i + ".workflows"))
                      : "";
                }
              }
              return "";
            },
            id -> !id.isEmpty());
  }

  private static String started(String workflows) {
    var run = java.util.regex.Pattern.compile("run_[0-9a-z]+").matcher(workflows);
    if (!run.find()) {
      throw new AssertionError("nothing was started: " + workflows);
    }
    return run.group();
  }

  static Workflow workflow(String name, Job... jobs) {
    return new Workflow(new Name(name), List.of(new Trigger.Manual(List.of())), List.of(jobs));
  }

  /** The same job, which its workflow has wait for one approval. */
  static Job asking(Job plain) {
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
        Optional.of(new JobApproval(1, Optional.of("deploys to production"))),
        plain.environments(),
        plain.steps());
  }

  static Job job(String name, String... needs) {
    return job(name, Optional.empty(), List.of(), needs);
  }

  static Job job(String name, Optional<When> when, List<String> labels, String... needs) {
    return new Job(
        new Name(name),
        Arrays.stream(needs).map(Name::new).toList(),
        labels.stream().map(Name::new).toList(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        when,
        Optional.empty(),
        List.of(
            new Step.Command(
                "only", "true", Map.of(), Optional.empty(), Optional.empty(), Optional.empty())));
  }

  @Override
  public void close() throws IOException {
    client.close();
    orchestrator.close();
  }
}
