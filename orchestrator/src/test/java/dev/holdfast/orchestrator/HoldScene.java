package dev.holdfast.orchestrator;

import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A repository at a forge with a stranger at its door, people with roles, and their browsers. */
final class HoldScene implements AutoCloseable {
  static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  static final Contributor STRANGER = new Contributor(FORGE.name(), "90210666", "passer-by");
  static final Contributor WRITER = new Contributor(FORGE.name(), "42", "writer");
  static final CommitId BASE = ScriptedForge.COMMIT;
  static final CommitId A = new CommitId("a1b2c3d4e5".repeat(4));
  static final CommitId B = new CommitId("b9f8e7d6c5".repeat(4));

  final ManualClock clock = new ManualClock();
  final Stage stage;
  final Caller admin;
  final String repository;
  private final Caller agent;
  private final AgentApi.Registered registered;
  private final Map<String, AgentApi.Held> holding = new LinkedHashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private final AtomicInteger deliveries = new AtomicInteger();

  HoldScene(Path data) throws Exception {
    this(data, build());
  }

  HoldScene(Path data, Workflow... workflows) throws Exception {
    stage = new Stage(data, clock, workflows);
    admin = stage.admin();
    repository = stage.atForge("harbour", FORGE, 7, BASE);
    stage.people.permit("42", ForgePermission.WRITE);
    agent = stage.agent("builder-1");
    registered = agent.register("builder-1", 50, "linux");
  }

  /** A workflow with something to look at: a secret, an environment, a step of several lines. */
  static Workflow build() {
    return PageScene.workflow("build", compile(), publish());
  }

  private static Job compile() {
    return new Job(
        new Name("compile"),
        List.of(),
        List.of(new Name("linux")),
        Optional.of("maven:3-eclipse-temurin-25"),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Step.Command(
                "compile",
                "mvn -B compile\nmvn -B verify",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("TOKEN", new SecretName("REGISTRY_TOKEN")),
                Optional.empty())));
  }

  private static Job publish() {
    return new Job(
        new Name("publish"),
        List.of(new Name("compile")),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.<EnvironmentPattern>of(),
        List.of(
            new Step.Command(
                "publish",
                "./publish",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }

  /** What the stranger's commit would change in the workflows, if it were the head's that ran. */
  void changesWorkflows(CommitId commit) {
    stage.forge.define(
        commit, PageScene.workflow("build", compile(), PageScene.job("mine", List.of(), "coins")));
  }

  void request(CommitId head, PullRequestAction action) {
    request(head, action, STRANGER, 7, "fix-the-typo");
  }

  void request(
      CommitId head, PullRequestAction action, Contributor by, long number, String branch) {
    stage.deliver(
        new Event(
            "hold-" + deliveries.incrementAndGet(),
            repository,
            clock.instant(),
            Optional.of(by),
            new Happening.PullRequest(
                number, action, new RefName("main"), BASE, new RefName(branch), head, true)),
        List.of(new Lookup.Known<>(by)));
  }

  /** The id of the open hold of all of a run that is over {@code head}. */
  String hold(CommitId head) {
    return Awaitility.await()
        .until(
            () -> Optional.ofNullable(stage.holds("harbour").get(head.value())).orElse(""),
            id -> !id.isEmpty());
  }

  /** A hold of a stranger's pull request; its id. */
  String held() {
    request(A, PullRequestAction.OPENED);
    return hold(A);
  }

  /** The same of another pull request, whose commit is all this digit. */
  String held(int digit) {
    var commit = new CommitId(Integer.toString(digit).repeat(40));
    request(commit, PullRequestAction.OPENED, STRANGER, 20L + digit, "topic-" + digit);
    return hold(commit);
  }

  /** The browser of a new user of this name and role. */
  Page page(String user, String role) throws Exception {
    return browser().signIn(user(user, role));
  }

  String state(String hold) throws Exception {
    return admin.get("/api/v1/holds/" + hold).at("state");
  }

  String runState(String hold) throws Exception {
    return admin.get("/api/v1/runs/" + admin.get("/api/v1/holds/" + hold).at("run")).at("state");
  }

  /** A token of a new user of this name, who has what {@code role} says, everywhere. */
  String user(String name, String role) throws Exception {
    PageScene.expect(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}"), 201);
    PageScene.expect(
        admin.post("/api/v1/grants", "{\"to\": \"" + name + "\", \"what\": \"" + role + "\"}"),
        201);
    return token(name);
  }

  /** One more token of theirs. */
  String token(String user) throws Exception {
    return admin
        .post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + user + "\"}")
        .at("token");
  }

  /** A browser that nobody signed in with. */
  Page browser() throws Exception {
    return Browser.shared().page(base());
  }

  Page signedIn() throws Exception {
    return browser().signIn(admin.token());
  }

  // ---- the agent

  /** The agent is heard of, with all that it has. */
  void beat() throws Exception {
    agent.heartbeat(registered.agent(), holding.values().toArray(AgentApi.Held[]::new));
  }

  /** The next job, as its agent tells of it. */
  Doing take() throws Exception {
    List<AgentApi.Lease> leases =
        agent.lease(
            registered.agent(),
            1,
            Duration.ofSeconds(20),
            holding.values().toArray(AgentApi.Held[]::new));
    if (leases.isEmpty()) {
      throw new AssertionError("there is no job to lease");
    }
    holding.put(leases.getFirst().attempt(), Caller.held(leases.getFirst()));
    return new Doing(leases.getFirst());
  }

  /** The agent asks for more, and there is nothing that it may have now. */
  void asksInVain() throws Exception {
    List<AgentApi.Lease> leases =
        agent.lease(
            registered.agent(), 1, Duration.ZERO, holding.values().toArray(AgentApi.Held[]::new));
    if (!leases.isEmpty()) {
      throw new AssertionError("there is a job to lease: " + leases.getFirst().job().key());
    }
  }

  /** An attempt. */
  final class Doing {
    final AgentApi.Lease lease;
    private long event;

    Doing(AgentApi.Lease lease) {
      this.lease = lease;
    }

    private Doing say(AgentApi.AttemptEvent said) throws Exception {
      agent.good(
          agent.events(lease.attempt(), lease.fence(), event++, said), AgentApi.EventsTaken.class);
      return this;
    }

    /** Asks for secrets, as the agent does before it starts the job. */
    SecretDelivery.Answer secrets(String... names) {
      return stage
          .secretDelivery()
          .resolve(
              new SecretDelivery.Ask(
                  registered.agent(),
                  lease.attempt(),
                  lease.fence(),
                  Stream.of(names).map(SecretName::new).collect(Collectors.toSet())));
    }

    Doing started() throws Exception {
      return say(new AgentApi.AttemptEvent.Started(clock.instant()));
    }

    Doing reached(String address, String name, int port, boolean allowed) throws Exception {
      return say(
          new AgentApi.AttemptEvent.Contacted(
              clock.instant(),
              List.of(
                  new Contact(
                      address,
                      name.isEmpty() ? Optional.empty() : Optional.of(name),
                      "tcp",
                      port,
                      12,
                      3400,
                      allowed))));
    }

    void over(Outcome outcome) throws Exception {
      say(new AgentApi.AttemptEvent.Finished(clock.instant(), outcome, 0));
      holding.remove(lease.attempt());
    }
  }

  // ---- without a browser

  String base() {
    return "http://127.0.0.1:" + stage.port();
  }

  /** The cookie of a new session. */
  String session(String token) throws Exception {
    var answer = send("/sign-in", Map.of("token", token), "", "Origin", base());
    if (answer.statusCode() != 303) {
      throw new AssertionError(answer.body());
    }
    return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  HttpResponse<String> get(String path, String cookie) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(base() + path)).header("Accept", "text/html").GET();
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> send(
      String path, Map<String, String> fields, String cookie, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    String.join(
                        "&",
                        fields.entrySet().stream()
                            .map(f ->
                                f.getKey()
                                    + "="
                                    + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
                            .toList())));
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The value of a hidden field of a page. */
  static String field(String html, String name) {
    var found = Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(html);
    if (!found.find()) {
      throw new AssertionError("the page has no field " + name);
    }
    return found.group(1);
  }

  @Override
  public void close() throws IOException {
    http.close();
    stage.close();
  }
}
