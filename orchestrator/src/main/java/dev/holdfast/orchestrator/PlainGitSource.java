package dev.holdfast.orchestrator;

import dev.holdfast.git.Git;
import dev.holdfast.orchestrator.access.SignInClients;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.forge.AskedPeople;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.PlainGit;
import dev.holdfast.orchestrator.forge.PlainGitWatch;
import dev.holdfast.orchestrator.forge.gitea.Gitea;
import dev.holdfast.orchestrator.forge.github.GitHub;
import dev.holdfast.orchestrator.forge.gitlab.GitLab;
import dev.holdfast.orchestrator.intake.EventSource;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.log.FileLogStore;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/** Plain git as what an orchestrator stands on. */
public final class PlainGitSource implements EventSource {
  private static final Duration GIT = Duration.ofMinutes(10);

  /** A compromise of latency and load on somebody else's server; hooks do not wait for it. */
  private static final Duration POLL = Duration.ofSeconds(30);

  private final Git git;
  private final PlainGit forge;
  private final Path folder;
  private final InstantSource clock;

  private PlainGitSource(Git git, PlainGit forge, Path folder, InstantSource clock) {
    this.git = git;
    this.forge = forge;
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * All of it, with everything that is kept below the configured folder.
   *
   * @param signIn what Holdfast is registered as at forges
   */
  public static Orchestrator.Outside outside(
      OrchestratorConfig config, InstantSource clock, SignInClients signIn) throws IOException {
    Path data = config.data();
    var git = new Git(data.resolve("git"), GIT);
    // Its own, without credentials: it looks only at what is at no forge.
    var polled = new PlainGit(git, data.resolve("mirror"));
    var calls = new Calls();
    Function<Repository.Kind, Dialect> dialects = dialects(calls);
    return new Orchestrator.Outside(
        credentials -> new PlainGit(git, data.resolve("mirror"), credentials),
        DefinitionReader::read,
        new FileLogStore(data.resolve("log"), clock),
        calls,
        dialects,
        credentials -> new AskedPeople(dialects, credentials, clock),
        List.of(new PlainGitSource(git, polled, data.resolve("seen"), clock)),
        signIn);
  }

  /** All kinds of forges that Holdfast speaks to. */
  static Function<Repository.Kind, Dialect> dialects(Calls calls) {
    var github = new GitHub(calls);
    var gitea = new Gitea(calls);
    var gitlab = new GitLab(calls);
    return kind ->
        switch (kind) {
          case GITHUB -> github;
          case GITEA -> gitea;
          case GITLAB -> gitlab;
        };
  }

  @Override
  public Running start(Repositories repositories, Inbox inbox) throws IOException {
    var watch = new PlainGitWatch(git, forge, event -> inbox.accept(event), folder, POLL, clock);
    Runnable look = () -> look(watch, repositories);
    repositories.onChange(look);
    look.run();
    return new Running() {
      @Override
      public void look(String repository) {
        watch.look(repository);
      }

      @Override
      public void close() {
        try {
          watch.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private static void look(PlainGitWatch watch, Repositories repositories) {
    try {
      watch.watch(repositories.list());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
