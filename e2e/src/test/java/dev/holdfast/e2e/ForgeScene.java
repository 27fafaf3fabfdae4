package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.AppAt;
import dev.holdfast.forgedouble.Delivery;
import dev.holdfast.forgedouble.ForgeDouble;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A forge with people, an installation that works for one of its repositories, and an agent whose
 * sandboxes are counted. The people: a maintainer, who is linked and may change workflows; a
 * developer, whom only the forge lets write; a stranger.
 */
final class ForgeScene implements AutoCloseable {
  /** Where a server says that it is found that is told by {@code --public-url}. */
  static final String PUBLIC = "https://ci.test";

  static final String CI =
      """
      name: ci
      on:
        push: {branches: ["*"], tags: ["*"]}
        pull-request: {actions: [opened, synchronized, reopened, labeled, edited]}
        manual: {}
      jobs:
        test:
          steps:
            - {name: say, run: 'echo "defined by %s"; cat file'}
      """;

  final ForgeDouble forge;
  final Installation holdfast;
  final Account maintainer;
  final Account developer;
  final Account stranger;
  final Repo app;
  final String maintainersToken;

  /** What the forge signs its webhooks with. */
  final String webhookSecret;

  private final String here = "http://holdfast.test";
  private final HttpClient browser =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private final WatchService witness;
  private final Set<String> made = new TreeSet<>();
  private int branches;

  /** Present where Holdfast speaks to the forge as an app. */
  final Optional<AppAt> asApp;

  ForgeScene(Path folder, Kind kind, boolean hidden) throws Exception {
    this(folder, kind, hidden, false);
  }

  ForgeScene(Path folder, Kind kind, boolean hidden, boolean byApp) throws Exception {
    this(folder, kind, hidden, byApp, Optional.empty());
  }

  /**
   * @param invitation of a relay by which alone the forge's webhooks come
   */
  ForgeScene(Path folder, Kind kind, boolean hidden, boolean byApp, Optional<String> invitation)
      throws Exception {
    this(folder, kind, hidden, byApp, invitation, List.of());
  }

  /**
   * @param invitation of a relay by which alone the forge's webhooks come
   * @param options of the server, besides
   */
  ForgeScene(
      Path folder,
      Kind kind,
      boolean hidden,
      boolean byApp,
      Optional<String> invitation,
      List<String> options)
      throws Exception {
    forge = ForgeDouble.start(kind, Files.createDirectories(folder.resolve("forge")));
    maintainer = forge.account("maintainer");
    developer = forge.account("developer");
    stranger = forge.account("stranger");
    app = forge.repository(maintainer, "app", hidden);
    forge.permit(app, developer, "write");
    forge.push(app, "main", maintainer, Map.of(".holdfast/ci.yaml", CI.formatted("main")));
    forge.push(app, "main", maintainer, Map.of("file", "from main\n"));

    Path secret = folder.resolve("client-secret");
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, forge.clientSecret());
    String word = kind.name().toLowerCase(Locale.ROOT);
    Files.writeString(
        folder.resolve("sign-in.json"),
        """
        {"here": "%s", "forges": [{"kind": "%s", "api": "%s", "web": "%s",
          "client-id": "%s", "client-secret-file": "client-secret"}]}
        """
            .formatted(here, word, forge.api(), forge.url(), forge.clientId()));
    var more = new ArrayList<>(List.of("--sign-in", folder.resolve("sign-in.json").toString()));
    more.addAll(options);
    invitation.ifPresent(line -> more.addAll(List.of("--relay", line)));
    holdfast = Installation.start(folder, folder.resolve("server"), more);
    if (invitation.isPresent()) {
      holdfast.awaitRelay("connected");
    }
    holdfast.startAgent("one", Backend.NAMESPACES, 2);
    witness = FileSystems.getDefault().newWatchService();
    Path jobs = holdfast.agentData("one").resolve("agent/job");
    jobs.register(witness, StandardWatchEventKinds.ENTRY_CREATE);

    policy(1);
    asApp = byApp ? Optional.of(forge.app()) : Optional.empty();
    var add =
        new ArrayList<>(
            List.of("repo", "add", "--" + word, app.fullName(), "--api", forge.api(), "--json"));
    if (asApp.isPresent()) {
      byApp(folder, asApp.get());
      add.addAll(List.of("--app", "ours"));
    } else {
      Path token = folder.resolve("forge-token");
      Files.writeString(token, maintainer.token());
      add.addAll(List.of("--forge-token-file", token.toString()));
    }
    Json added = JsonText.parse(holdfast.cli(add.toArray(String[]::new)).ok().out());
    webhookSecret = asApp.isEmpty() ? Api.string(added, "secret") : "";
    if (asApp.isEmpty()) {
      forge.webhook(app, address(added), webhookSecret);
    }
    maintainersToken = user("maintainer");
    grant("maintainer", "approver");
    grant("maintainer", "change-workflows");
    link(maintainersToken, maintainer, word);
  }

  private void byApp(Path folder, AppAt registered) throws IOException {
    forge.install(registered, app);
    Path key = folder.resolve("app.pem");
    Files.writeString(key, registered.privateKey());
    Json added =
        JsonText.parse(
            holdfast
                .cli(
                    "app",
                    "add",
                    "ours",
                    "--app-id",
                    Long.toString(registered.id()),
                    "--key-file",
                    key.toString(),
                    "--api",
                    forge.api(),
                    "--json")
                .ok()
                .out());
    registered.webhook(address(added), Api.string(added, "secret"));
  }

  /** Where the forge is to post: at the relay, where there is one. */
  String address(Json added) {
    return added instanceof Json.Obj(var fields) && fields.containsKey("relay")
        ? Api.string(added, "relay")
        : server() + Api.string(added, "hook");
  }

  /** Everything that Holdfast was given to show to the forge. */
  List<String> credentials() {
    if (asApp.isEmpty()) {
      return List.of(maintainer.token());
    }
    var all = new ArrayList<>(asApp.get().tokens());
    // One line of the key is as good as all of it for a search.
    all.add(asApp.get().privateKey().lines().skip(2).findFirst().orElseThrow());
    return all;
  }

  String server() {
    return holdfast.api().base().toString().replaceAll("/$", "");
  }

  /** Sets the installation's policy, with namespaces as a wall that will do. */
  void policy(int approvals) {
    assertThat(
            holdfast
                .cli(
                    "policy",
                    "set",
                    written(
                        """
                        {"hold-known": false, "floor": "namespaces",
                         "approval": {"count": %d, "own": false}, "hold-for": "24h"}
                        """
                            .formatted(approvals)))
                .exit())
        .isZero();
  }

  static String policyText(int approvals) {
    return """
    {"hold-known": false, "floor": "namespaces",
     "approval": {"count": %d, "own": false}, "hold-for": "24h"}
    """
        .formatted(approvals);
  }

  /** The name of a file that holds {@code text}. */
  String written(String text) {
    try {
      Path file = Files.createTempFile(holdfast.data(), "policy", ".json");
      Files.writeString(file, text);
      return file.toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Adds a Holdfast user and answers a token of theirs. */
  String user(String name) {
    holdfast.cli("user", "add", name).ok();
    return holdfast.cli("token", "make", "t", "--user", name).ok().out().strip();
  }

  void grant(String name, String what) {
    holdfast.cli("user", "grant", name, what).ok();
  }

  /** Links an account to a user as people do it, with a browser that is signed in at the forge. */
  void link(String token, Account account, String kind) throws Exception {
    var api = new Api(holdfast.api().base(), token);
    String forgeName = kind + ":" + URI.create(forge.api()).getAuthority();
    var begun = api.post("/api/v1/identities/links", "{\"forge\": \"" + forgeName + "\"}");
    assertThat(begun.status()).as(begun.text()).isEqualTo(201);
    HttpResponse<String> first =
        browse(Api.string(begun.json(), "url").replace(here, server()), "");
    String cookie = first.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    HttpResponse<String> away =
        browse(first.headers().firstValue("Location").orElseThrow(), "account=" + account.id());
    HttpResponse<String> back =
        browse(away.headers().firstValue("Location").orElseThrow().replace(here, server()), cookie);
    var code = Pattern.compile("--code ([0-9A-Z]+)").matcher(back.body());
    assertThat(code.find()).as(back.body()).isTrue();
    var linked = api.post("/api/v1/identities/confirm", "{\"code\": \"" + code.group(1) + "\"}");
    assertThat(linked.status()).as(linked.text()).isEqualTo(200);
  }

  /** Where what Holdfast said of a commit leads, at the server that really runs. */
  URI linkBeside(String commit) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (System.nanoTime() < deadline) {
      Optional<String> link =
          forge.links(app, commit).stream().filter(one -> one.startsWith(PUBLIC)).findFirst();
      if (link.isPresent()) {
        return URI.create(link.get().replace(PUBLIC, server()));
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError("no link beside " + commit + ": " + forge.links(app, commit));
  }

  private HttpResponse<String> browse(String url, String cookie) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30));
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    return browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A branch name that was not there before. */
  String fresh() {
    return "branch-" + ++branches;
  }

  // What came of it.

  /**
   * What became of an event.
   *
   * @param runs the ids of what it started, held or not
   */
  record Became(String event, List<String> runs, String said) {}

  /** What became of the newest event, once it is decided. */
  Became newest() throws InterruptedException {
    return event(forge.newest());
  }

  /** What became of the event that was told of so, once it is decided. */
  Became event(Delivery sent) throws InterruptedException {
    String delivery =
        sent.kind() == Kind.GITLAB
            ? sent.id()
            : HexFormat.of().formatHex(Sha256.of(sent.body().getBytes(StandardCharsets.UTF_8)));
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (System.nanoTime() < deadline) {
      for (Json event :
          Api.list(
              holdfast.api().get("/api/v1/repositories/app/events?limit=50").json(), "events")) {
        if (Api.string(event, "delivery").endsWith(delivery)
            && Api.string(event, "state").equals("done")) {
          var runs = new ArrayList<String>();
          var found = Pattern.compile("run_[0-9a-z]+").matcher(JsonText.compact(event));
          while (found.find()) {
            runs.add(found.group());
          }
          return new Became(Api.string(event, "id"), runs, JsonText.compact(event));
        }
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError("not decided: " + sent.body() + "; " + holdfast.server().lines());
  }

  String state(String run) {
    return Api.string(holdfast.run(run), "state");
  }

  /** The causes for which a run waits. */
  Set<String> causes(String run) {
    var causes = new TreeSet<String>();
    for (Json hold : Api.list(holdfast.api().get("/api/v1/holds?run=" + run).json(), "holds")) {
      Api.list(hold, "reasons").forEach(reason -> causes.add(Api.string(reason, "cause")));
    }
    return causes;
  }

  Json holdOf(String run) {
    return Api.list(holdfast.api().get("/api/v1/holds?run=" + run).json(), "holds").getFirst();
  }

  String hold(String run) {
    return Api.string(holdOf(run), "id");
  }

  /** How many events came up so far. */
  int events() {
    return Api.list(
            holdfast.api().get("/api/v1/repositories/app/events?limit=1000").json(), "events")
        .size();
  }

  /** Everything that the one job of a run printed, once it is over. */
  String output(String run) {
    var over = new Run(holdfast.awaitRun(run));
    assertThat(over.state()).as(String.valueOf(over.json())).isEqualTo("succeeded");
    return new String(holdfast.log(over.lastAttempt("test")), StandardCharsets.UTF_8);
  }

  /** The attempts for which the agent made a place for a sandbox, all of them so far. */
  Set<String> sandboxes() {
    for (var key = witness.poll(); key != null; key = witness.poll()) {
      key.pollEvents().forEach(event -> made.add(String.valueOf(event.context())));
      key.reset();
    }
    return new TreeSet<>(made);
  }

  /**
   * Runs something harmless to its end on the same agent, which takes what waits in order: had it
   * been given anything before, that would have begun.
   */
  void control() throws InterruptedException {
    forge.push(app, fresh(), maintainer, Map.of("file", "control\n"));
    String run = newest().runs().getFirst();
    output(run);
    String attempt = new Run(holdfast.run(run)).lastAttempt("test");
    assertThat(sandboxes()).as("the control's sandbox is seen").contains(attempt);
  }

  /** Sees that nothing of a run was ever begun, and that this would be seen. */
  void nothingRan(String run) throws InterruptedException {
    Set<String> before = sandboxes();
    control();
    assertThat(new Run(holdfast.run(run)).attempts("test")).as("attempts").isEmpty();
    Set<String> after = sandboxes();
    after.removeAll(before);
    assertThat(after).as("one sandbox since, the control's").hasSize(1);
  }

  @Override
  public void close() throws IOException {
    holdfast.close();
    forge.close();
    witness.close();
    browser.close();
  }
}
