package dev.holdfast.forgedouble;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * A forge on loopback whose people do what a test says. Thread-safe. Webhooks are sent on the
 * thread that did what they tell of, so that they have been answered when a call returns; while
 * {@link #holdBack} they are kept instead, and the test sends them as it likes.
 */
public final class ForgeDouble implements AutoCloseable {
  static final String NOTHING = "0".repeat(40);

  private final Kind kind;
  private final Path folder;
  private final HttpServer server;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  final Book book = new Book();
  private final Shape shape;
  private final List<Delivery> sent = new ArrayList<>();
  private boolean heldBack;
  private long ticks;

  private ForgeDouble(Kind kind, Path folder) throws IOException {
    this.kind = kind;
    this.folder = folder;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    this.shape = new Shape(kind, url());
    server.createContext("/", new Rest(kind, book, shape)::handle);
    server.start();
  }

  /**
   * Opens one without anybody and anything.
   *
   * @param folder for the repositories
   */
  public static ForgeDouble start(Kind kind, Path folder) throws IOException {
    return new ForgeDouble(kind, folder);
  }

  /** Where browsers and git go. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Where the API starts. */
  public String api() {
    return url() + kind.api;
  }

  /** What Holdfast is registered as here, for people to sign in. */
  public String clientId() {
    return SignIn.CLIENT;
  }

  /** The secret that goes with it. */
  public String clientSecret() {
    return SignIn.SECRET;
  }

  /** Each act has a second of its own, so that no two webhooks are the same bytes. */
  private synchronized Instant tick() {
    return Instant.parse("2026-01-01T00:00:00Z").plusSeconds(++ticks);
  }

  // People.

  public Account account(String login) {
    return book.account(login);
  }

  /** Gives an account another name; its old one is free for anybody. */
  public Account rename(Account account, String login) {
    return book.rename(account, login);
  }

  // Repositories.

  public Repo repository(Account owner, String name, boolean hidden) {
    long id = book.nextId();
    return book.add(new Repo(id, owner, name, hidden, GitStore.make(folder.resolve(id + ".git"))));
  }

  /** A fork, with all branches. */
  public Repo fork(Repo of, Account by) {
    Repo fork = repository(by, of.name + "-fork-of-" + of.id, of.hidden);
    String main = of.at("main");
    fork.git.fetch(of.git, main);
    fork.git.set("refs/heads/main", main);
    return fork;
  }

  /** Removes a repository. Pull requests from it stay, without one that they come from. */
  public void delete(Repo repo) {
    book.remove(repo);
  }

  /** As {@code read}, {@code write} or {@code admin}. */
  public void permit(Repo repo, Account account, String permission) {
    repo.permissions.put(account.id(), permission);
  }

  public void forbid(Repo repo, Account account) {
    repo.permissions.remove(account.id());
  }

  /** Has webhooks sent to {@code url}, signed with {@code secret}. */
  public void webhook(Repo repo, String url, String secret) {
    repo.hook = Optional.of(new Repo.Hook(url, secret));
  }

  /** Registers an app, the only one. */
  public AppAt app() {
    return book.register();
  }

  /** Installs the app on a repository, where it may read and write from now on. */
  public void install(AppAt app, Repo repo) {
    app.install(repo, book.nextId());
    repo.permissions.put(app.bot.id(), "write");
  }

  /** Presses the button beside a check run that has it run again. */
  public void again(Repo repo, String commit, String name, Account by) {
    CheckRuns.Kept check =
        book.checks.of(repo, commit).stream()
            .filter(one -> one.text("name").equals(name))
            .findFirst()
            .orElseThrow();
    tick();
    tell(repo, "check_run", shape.checkEvent(repo, check, by, tick()));
  }

  // What people do.

  /** Pushes a commit on top of a branch, or as the first of all; answers it. */
  public String push(Repo repo, String branch, Account by, Map<String, String> files) {
    return push(repo, branch, by, files, by.login() + " <" + by.login() + "@example.org>");
  }

  /** As {@link #push(Repo, String, Account, Map)}, with whatever author the commit claims. */
  public String push(
      Repo repo, String branch, Account by, Map<String, String> files, String author) {
    Optional<String> before = repo.git.maybe("refs/heads/" + branch);
    Optional<String> parent = before.or(() -> repo.git.maybe("refs/heads/main"));
    String commit = repo.git.commit(parent, files, author);
    moved(repo, branch, before, commit, false, by);
    return commit;
  }

  /** Replaces what a branch has by a commit on top of {@code onto}. */
  public String forcePush(
      Repo repo, String branch, Account by, String onto, Map<String, String> files) {
    String commit =
        repo.git.commit(Optional.of(onto), files, by.login() + " <" + by.login() + "@example.org>");
    moved(repo, branch, Optional.of(repo.at(branch)), commit, true, by);
    return commit;
  }

  /** Tags a commit. */
  public void tag(Repo repo, String name, String commit, Account by) {
    repo.git.set("refs/tags/" + name, commit);
    tick();
    tell(repo, "push", shape.push(repo, "refs/tags/" + name, NOTHING, commit, false, by));
  }

  private void moved(
      Repo repo,
      String branch,
      Optional<String> before,
      String commit,
      boolean forced,
      Account by) {
    repo.git.set("refs/heads/" + branch, commit);
    tell(
        repo,
        "push",
        shape.push(repo, "refs/heads/" + branch, before.orElse(NOTHING), commit, forced, by));
    for (Pull pull : book.pullsFrom(repo, branch)) {
      pull.head = commit;
      kept(pull, repo);
      happened(pull, "synchronize", by);
    }
  }

  /** Deletes a branch. */
  public void deleteBranch(Repo repo, String branch, Account by) {
    String before = repo.at(branch);
    repo.git.remove("refs/heads/" + branch);
    if (kind != Kind.GITEA) {
      tell(repo, "push", shape.push(repo, "refs/heads/" + branch, before, NOTHING, false, by));
    }
  }

  /** Opens a pull request. */
  public Pull open(Repo base, String baseBranch, Repo from, String headBranch, Account by) {
    Pull pull =
        book.add(
            base,
            n -> new Pull(n, base, baseBranch, from, headBranch, from.at(headBranch), by, tick()));
    kept(pull, from);
    happened(pull, "opened", by);
    return pull;
  }

  private void kept(Pull pull, Repo from) {
    pull.base.git.fetch(from.git, pull.head);
    String refs = kind == Kind.GITLAB ? "refs/merge-requests/" : "refs/pull/";
    pull.base.git.set(refs + pull.number + "/head", pull.head);
  }

  /** Asks to have it merged elsewhere. */
  public void retarget(Pull pull, String baseBranch, Account by) {
    pull.baseBranch = baseBranch;
    happened(pull, "edited", by);
  }

  public void label(Pull pull, Account by) {
    happened(pull, "labeled", by);
  }

  public void close(Pull pull, Account by) {
    pull.open = false;
    happened(pull, "closed", by);
  }

  public void reopen(Pull pull, Account by) {
    pull.open = true;
    happened(pull, "reopened", by);
  }

  private void happened(Pull pull, String action, Account by) {
    if (pull.from.isPresent() && !book.exists(pull.from.get())) {
      pull.from = Optional.empty();
    }
    pull.updated = tick();
    tell(
        pull.base,
        "pull_request",
        shape.pullEvent(action, pull, pull.base.at(pull.baseBranch), by));
  }

  /** Writes a comment on a pull request; answers its id. */
  public long comment(Pull pull, Account by, String text) {
    Instant now = tick();
    long id = book.comment(pull, by, text);
    tell(
        pull.base,
        "issue_comment",
        shape.commentEvent("created", pull, id, by, by, now, now, text));
    return id;
  }

  /** Changes a comment, as its author or as somebody else who may. */
  public void edit(Pull pull, long comment, Account author, Account by, String text) {
    book.change(pull, comment, text);
    tell(
        pull.base,
        "issue_comment",
        shape.commentEvent("edited", pull, comment, author, by, tick(), tick(), text));
  }

  // Webhooks.

  private void tell(Repo repo, String event, Json.Obj payload) {
    repo.hook.ifPresent(hook -> tell(hook, event, payload));
    book.app()
        .filter(app -> app.installed(repo))
        .flatMap(app -> app.hook)
        .ifPresent(hook -> tell(hook, event, payload));
  }

  private void tell(Repo.Hook hook, String event, Json.Obj payload) {
    var delivery =
        new Delivery(
                kind,
                hook.url(),
                event,
                "delivery-" + tick().getEpochSecond(),
                JsonText.compact(payload),
                "")
            .signed(hook.secret());
    boolean later;
    synchronized (this) {
      sent.add(delivery);
      later = heldBack;
    }
    if (!later) {
      int status = send(delivery);
      if (status / 100 != 2) {
        throw new IllegalStateException(event + " was answered " + status + ": " + delivery.body());
      }
    }
  }

  /** From now on webhooks are kept, until the test sends them. */
  public synchronized void holdBack(boolean held) {
    heldBack = held;
  }

  /** All webhooks so far, sent or kept, in the order in which they came up. */
  public synchronized List<Delivery> deliveries() {
    return List.copyOf(sent);
  }

  /** The newest. */
  public synchronized Delivery newest() {
    return sent.getLast();
  }

  /** Sends one, and answers the status. */
  public int send(Delivery delivery) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(delivery.url()))
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofString(delivery.body()));
    delivery.headers().forEach(request::header);
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  // What Holdfast did here.

  /** What was said of a commit, newest first, as {@code context state description}. */
  public List<String> statuses(Repo repo, String commit) {
    return book.told(repo, commit).stream()
        .map(told -> told.context() + " " + told.state() + " " + told.description())
        .toList();
  }

  /**
   * Where what was said of a commit leads, statuses newest first and then checks; empty where it
   * leads nowhere.
   */
  public List<String> links(Repo repo, String commit) {
    return Stream.concat(
            book.told(repo, commit).stream().map(Book.Told::link),
            book.checks.of(repo, commit).stream().map(one -> one.text("details_url")))
        .toList();
  }

  /** The newest check of each name, as {@code name status conclusion title}. */
  public List<String> checks(Repo repo, String commit) {
    return book.checks.of(repo, commit).stream()
        .map(one ->
            one.text("name")
                + " "
                + one.text("status")
                + " "
                + one.text("conclusion")
                + " "
                + one.title())
        .toList();
  }

  /** The comments on a pull request, as {@code login: text}. */
  public List<String> comments(Pull pull) {
    return book.comments(pull);
  }

  /** Has the next calls whose path holds {@code part} fail so; {@code times} of them. */
  public void fail(String part, Fault fault, int times) {
    book.fail(part, fault, times);
  }

  /** Ends all failing that is still to come. */
  public void mend() {
    book.mend();
  }

  /** How often the API was asked for a path that holds {@code part}. */
  public long asked(String part) {
    return book.asked(part);
  }

  @Override
  public void close() {
    server.stop(0);
    http.shutdownNow();
  }
}
