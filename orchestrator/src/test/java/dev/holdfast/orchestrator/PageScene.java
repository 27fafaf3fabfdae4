package dev.holdfast.orchestrator;

import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.Contact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A server with something to look at, an agent that does what a test says, and a browser. */
final class PageScene implements AutoCloseable {
  static final String ANNA = "anna";

  final ManualClock clock = new ManualClock();
  final Stage stage;
  final Caller admin;
  final Caller agent;
  private final AgentApi.Registered registered;
  private final Map<String, AgentApi.Held> holds = new ConcurrentHashMap<>();
  private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledFuture<?> beats;
  private int deliveries;

  PageScene(Path data, Workflow... workflows) throws Exception {
    stage = new Stage(data, clock, workflows);
    admin = stage.admin();
    agent = stage.agent("builder-1");
    registered = agent.register("builder-1", 50, "linux");
    // As agents do, however long a browser takes.
    beats = heart.scheduleAtFixedRate(this::beat, 5, 5, TimeUnit.SECONDS);
  }

  private void beat() {
    try {
      agent.heartbeat(registered.agent(), holds.values().toArray(AgentApi.Held[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A job with steps of these names, on linux. */
  static Job job(String name, List<String> needs, String... steps) {
    return job(name, needs, Map.of(), steps);
  }

  static Job job(
      String name, List<String> needs, Map<String, List<String>> matrix, String... steps) {
    return new Job(
        new Name(name),
        needs.stream().map(Name::new).toList(),
        List.of(),
        Optional.empty(),
        Map.of(),
        matrix,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Arrays.stream(steps)
            .map(step ->
                (Step)
                    new Step.Command(
                        step,
                        "true",
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
            .toList());
  }

  static Workflow workflow(String name, Job... jobs) {
    return new Workflow(
        new Name(name),
        List.of(
            new Trigger.Manual(List.of()),
            new Trigger.Push(List.of(), List.of(), List.of()),
            new Trigger.PullRequest(List.of(), List.of(), List.of())),
        List.of(jobs));
  }

  Instant now() {
    return clock.instant();
  }

  /** Time passes; answers what it is then. */
  Instant pass(long millis) {
    // Not so much at once that the agent would seem to be gone.
    for (long left = millis; left > 0; left -= 5_000) {
      clock.pass(Duration.ofMillis(Math.min(left, 5_000)));
      if (millis > 5_000) {
        beat();
      }
    }
    return now();
  }

  /** A browser that nobody signed in with. */
  Page browser() throws Exception {
    return Browser.shared().page("http://127.0.0.1:" + stage.port());
  }

  Page signedIn() throws Exception {
    return browser().signIn(admin.token());
  }

  /** A token of a user of this name, who has what {@code role} says, everywhere; or nothing. */
  String user(String name, String role) throws Exception {
    expect(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}"), 201);
    if (!role.isEmpty()) {
      expect(
          admin.post("/api/v1/grants", "{\"to\": \"" + name + "\", \"what\": \"" + role + "\"}"),
          201);
    }
    return admin
        .post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}")
        .at("token");
  }

  static void expect(Caller.Answer answer, int status) {
    if (answer.status() != status) {
      throw new AssertionError(answer);
    }
  }

  /** Somebody pushed; answers the runs of it. */
  List<String> push(String repository, String branch, CommitId commit, String who, int runs)
      throws Exception {
    var person = new Contributor("github:forge.example", "42", who);
    String id = admin.get("/api/v1/repositories/" + repository).at("id");
    stage.deliver(
        new Event(
            "delivery-" + ++deliveries,
            id,
            now(),
            Optional.of(person),
            new Happening.Push(new RefName(branch), commit, Optional.empty(), false)),
        List.of(new Lookup.Known<>(person)));
    return runsOf(commit, runs);
  }

  /** A stranger opened a pull request from a fork. */
  List<String> pullRequest(String repository, CommitId commit, String who, int runs)
      throws Exception {
    var stranger = new Contributor("github:forge.example", "666", who);
    String id = admin.get("/api/v1/repositories/" + repository).at("id");
    stage.deliver(
        new Event(
            "delivery-" + ++deliveries,
            id,
            now(),
            Optional.of(stranger),
            new Happening.PullRequest(
                7,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("fix-the-typo"),
                commit,
                true)),
        List.of(new Lookup.Known<>(stranger)));
    return runsOf(commit, runs);
  }

  private List<String> runsOf(CommitId commit, int count) {
    return Awaitility.await()
        .until(
            () -> {
              var answer = admin.get("/api/v1/runs?limit=1000&commit=" + commit.value());
              return java.util.regex.Pattern.compile("\"id\":\\s*\"(run_[0-9a-z]+)\"")
                  .matcher(answer.text())
                  .results()
                  .map(r -> r.group(1))
                  .toList();
            },
            ids -> ids.size() >= count);
  }

  AgentApi.Lease lease() throws Exception {
    // What it holds it says: what an agent was never heard of would be offered again.
    List<AgentApi.Lease> leases =
        agent.lease(
            registered.agent(),
            1,
            Duration.ofSeconds(20),
            holds.values().toArray(AgentApi.Held[]::new));
    if (leases.isEmpty()) {
      throw new AssertionError("there is no job to lease");
    }
    AgentApi.Lease lease = leases.getFirst();
    holds.put(lease.attempt(), Caller.held(lease));
    return lease;
  }

  /** An attempt as its agent tells of it. */
  final class Doing {
    final AgentApi.Lease lease;
    private long event;
    private long length;
    private int step;

    Doing(AgentApi.Lease lease) {
      this.lease = lease;
    }

    Doing say(AgentApi.AttemptEvent... events) throws Exception {
      agent.good(
          agent.events(lease.attempt(), lease.fence(), event, events), AgentApi.EventsTaken.class);
      event += events.length;
      return this;
    }

    Doing started() throws Exception {
      return say(
          new AgentApi.AttemptEvent.Started(
              now(), Optional.of("docker.io/library/maven@sha256:" + "3f7a".repeat(16)), Map.of()));
    }

    Doing step() throws Exception {
      return say(new AgentApi.AttemptEvent.StepStarted(now(), step, length));
    }

    Doing stepOver(StepResult result) throws Exception {
      return say(new AgentApi.AttemptEvent.StepFinished(now(), step++, result));
    }

    Doing print(String text) throws Exception {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      for (int from = 0; from < bytes.length; from += 256 * 1024) {
        byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 256 * 1024));
        expect(
            agent.call(
                "PUT",
                "/agent/v1/attempts/"
                    + lease.attempt()
                    + "/log?fence="
                    + lease.fence()
                    + "&offset="
                    + length,
                piece),
            200);
        length += piece.length;
      }
      return this;
    }

    Doing reached(String address, String name, int port, boolean allowed) throws Exception {
      return say(
          new AgentApi.AttemptEvent.Contacted(
              now(),
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
      say(new AgentApi.AttemptEvent.Finished(now(), outcome, length));
      holds.remove(lease.attempt());
    }

    /** All its steps succeed, each in {@code millis}; so does the job. */
    void succeed(long millis, int steps) throws Exception {
      started();
      for (int i = 0; i < steps; i++) {
        step();
        print("did step " + i + "\n");
        pass(millis);
        stepOver(new StepResult.Succeeded());
      }
      over(new Outcome.Succeeded());
    }
  }

  Doing take() throws Exception {
    return new Doing(lease());
  }

  /** Takes so many jobs; by their keys. */
  Map<String, Doing> takeAll(int count) throws Exception {
    var out = new HashMap<String, Doing>();
    for (int i = 0; i < count; i++) {
      Doing one = take();
      out.put(one.lease.job().key(), one);
    }
    return out;
  }

  @Override
  public void close() throws IOException {
    if (beats.state() == Future.State.FAILED) {
      throw new AssertionError("the agent's heart stood still", beats.exceptionNow());
    }
    heart.shutdownNow();
    try {
      if (!heart.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the agent's heart goes on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted before the agent's heart stood still", e);
    }
    stage.close();
  }
}
