package dev.holdfast.forgedouble;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** Everything that the forge knows, but for what is in git. */
final class Book {
  private final Map<Long, Account> accounts = new LinkedHashMap<>();
  private final Map<Long, Repo> repositories = new LinkedHashMap<>();
  private final Map<Long, List<Pull>> pulls = new HashMap<>();
  private final Map<Pull, LinkedHashMap<Long, Said>> comments = new HashMap<>();
  private final Map<String, List<Told>> statuses = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<Failing> failing = new ArrayList<>();
  final CheckRuns checks = new CheckRuns(this);
  private Optional<AppAt> app = Optional.empty();
  private long ids = 1000;

  record Said(Account by, String text) {}

  /** A status of a commit. */
  record Told(String context, String state, String description, String link) {}

  private record Failing(String part, Fault fault) {}

  synchronized long nextId() {
    return ++ids;
  }

  synchronized Account account(String login) {
    if (named(login).isPresent()) {
      throw new IllegalArgumentException("there is a " + login + " already");
    }
    var account = new Account(nextId(), login);
    accounts.put(account.id(), account);
    return account;
  }

  synchronized Account rename(Account account, String login) {
    var renamed = new Account(account.id(), login);
    accounts.put(account.id(), renamed);
    repositories.values().stream()
        .filter(repo -> repo.owner.id() == account.id())
        .forEach(repo -> repo.owner = renamed);
    return renamed;
  }

  synchronized Optional<Account> named(String login) {
    return accounts.values().stream().filter(a -> a.login().equals(login)).findFirst();
  }

  synchronized Optional<Account> account(long id) {
    return Optional.ofNullable(accounts.get(id));
  }

  /** Another account than the one with this id. */
  synchronized Optional<Account> other(long id) {
    return accounts.values().stream().filter(a -> a.id() != id).findFirst();
  }

  synchronized Optional<AppAt> app() {
    return app;
  }

  synchronized AppAt register() {
    var made = new AppAt(nextId(), account("holdfast[bot]"));
    app = Optional.of(made);
    return made;
  }

  synchronized Optional<Account> holding(String token) {
    if (app.isPresent() && app.get().issued(token)) {
      return Optional.of(app.get().bot);
    }
    return accounts.values().stream().filter(a -> a.token().equals(token)).findFirst();
  }

  synchronized Repo add(Repo repo) {
    repositories.put(repo.id, repo);
    return repo;
  }

  synchronized void remove(Repo repo) {
    repositories.remove(repo.id);
  }

  synchronized boolean exists(Repo repo) {
    return repositories.containsKey(repo.id);
  }

  synchronized Optional<Repo> repository(long id) {
    return Optional.ofNullable(repositories.get(id));
  }

  synchronized Optional<Repo> repository(String fullName) {
    return repositories.values().stream().filter(r -> r.fullName().equals(fullName)).findFirst();
  }

  synchronized Pull add(Repo base, LongFunction<Pull> maker) {
    List<Pull> there = pulls.computeIfAbsent(base.id, id -> new ArrayList<>());
    Pull pull = maker.apply(there.size() + 1L);
    there.add(pull);
    return pull;
  }

  synchronized List<Pull> pullsFrom(Repo repo, String branch) {
    return pulls.values().stream()
        .flatMap(List::stream)
        .filter(p -> p.open && p.headBranch.equals(branch))
        .filter(p -> p.from.isPresent() && p.from.get() == repo)
        .toList();
  }

  synchronized Optional<Pull> pull(Repo repo, long number) {
    return pulls.getOrDefault(repo.id, List.of()).stream()
        .filter(p -> p.number == number)
        .findFirst();
  }

  synchronized long comment(Pull pull, Account by, String text) {
    long id = nextId();
    comments.computeIfAbsent(pull, p -> new LinkedHashMap<>()).put(id, new Said(by, text));
    return id;
  }

  synchronized void change(Pull pull, long id, String text) {
    comments
        .computeIfAbsent(pull, p -> new LinkedHashMap<>())
        .computeIfPresent(id, (k, said) -> new Said(said.by(), text));
  }

  synchronized Map<Long, Said> said(Pull pull) {
    return new LinkedHashMap<>(comments.getOrDefault(pull, new LinkedHashMap<>()));
  }

  synchronized List<String> comments(Pull pull) {
    return said(pull).values().stream().map(s -> s.by().login() + ": " + s.text()).toList();
  }

  synchronized void status(Repo repo, String commit, Told told) {
    statuses.computeIfAbsent(repo.id + "/" + commit, k -> new ArrayList<>()).addFirst(told);
  }

  /** Newest first. */
  synchronized List<Told> told(Repo repo, String commit) {
    return List.copyOf(statuses.getOrDefault(repo.id + "/" + commit, List.of()));
  }

  synchronized void fail(String part, Fault fault, int times) {
    for (int i = 0; i < times; i++) {
      failing.add(new Failing(part, fault));
    }
  }

  synchronized void mend() {
    failing.clear();
  }

  /** Notes that {@code path} was asked for; how that is to fail, if it is. */
  synchronized Optional<Fault> ask(String path) {
    asked.add(path);
    for (Failing one : failing) {
      if (path.contains(one.part())) {
        failing.remove(one);
        return Optional.of(one.fault());
      }
    }
    return Optional.empty();
  }

  synchronized long asked(String part) {
    return asked.stream().filter(path -> path.contains(part)).count();
  }
}
