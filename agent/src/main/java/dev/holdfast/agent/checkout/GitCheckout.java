package dev.holdfast.agent.checkout;

import dev.holdfast.agent.keep.Keep;
import dev.holdfast.agent.keep.Trees;
import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.GitGone;
import dev.holdfast.git.Remote;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Checkouts: straight from a repository on this host; by way of a bare mirror, in {@code
 * DATA/mirror/}, from a server, so that each commit is fetched once per agent; the mirrors that
 * were not used for longest are forgotten beyond a bound. What gives access to the repository stays
 * with the agent's git.
 */
public final class GitCheckout implements Checkout {
  private final Trees mirrors;
  private final Git git;
  private final Optional<Server> orchestrator;

  /** Jobs of one run begin together and want the same commit: one fetches, the others wait. */
  private final ConcurrentHashMap<String, ReentrantLock> fetching = new ConcurrentHashMap<>();

  /**
   * The orchestrator, as far as it serves sources.
   *
   * @param token the agent's; git shows it there and nowhere else
   */
  public record Server(URI url, String token) {
    @Override
    public String toString() {
      return url.toString();
    }
  }

  /**
   * Without an orchestrator.
   *
   * @param data the agent's directory
   * @param timeout for each call of git; a clone of a large repository takes its time
   */
  public GitCheckout(Path data, Duration timeout) throws IOException {
    this(data, timeout, Keep.standard().mirrors(), Optional.empty());
  }

  /**
   * As {@link #GitCheckout(Path, Duration)}.
   *
   * @param most bytes of all mirrors together, but for those in use
   */
  public GitCheckout(Path data, Duration timeout, long most, Optional<Server> orchestrator)
      throws IOException {
    this.orchestrator = orchestrator;
    this.mirrors = Trees.open(data.resolve("mirror"), "mirror", most, InstantSource.system());
    this.git = new Git(data.resolve("git"), timeout);
  }

  @Override
  public void write(Source source, Path workspace) throws CheckoutFailed, InterruptedException {
    if (!source.repository().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new CheckoutFailed("the repository's id is not a safe file name", true, null);
    }
    try {
      if (source.url().startsWith(Source.SERVED)) {
        served(source, workspace);
        return;
      }
      switch (Remote.of(source.url())) {
        case Remote.Folder folder -> git.checkoutFrom(folder, source.commit(), workspace);
        case Remote.Server server -> throughMirror(git, server, source, workspace);
      }
    } catch (IllegalArgumentException e) {
      throw new CheckoutFailed(source.name() + ": " + e.getMessage(), true, e);
    } catch (GitFailed e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      String why = String.valueOf(e.getMessage());
      boolean gone = e instanceof GitGone;
      throw new CheckoutFailed(
          source.name()
              + (gone
                  ? " has no commit "
                      + source.commit()
                      + " any more; push it again, or run a newer one: "
                  : ": ")
              + why,
          gone,
          e);
    }
  }

  private void served(Source source, Path workspace) throws GitFailed, InterruptedException {
    Server server =
        orchestrator.orElseThrow(
            () -> new IllegalArgumentException("only an agent can ask the orchestrator for it"));
    var remote =
        new Remote.Server(
            URI.create(server.url() + source.url().substring(Source.SERVED.length())));
    throughMirror(git.withBearer(server.token(), remote), remote, source, workspace);
  }

  private void throughMirror(Git with, Remote remote, Source source, Path workspace)
      throws GitFailed, InterruptedException {
    try (Trees.Use use = mirrors.use(source.repository())) {
      throughMirror(with, use.path(), remote, source, workspace);
    }
  }

  private void throughMirror(Git with, Path mirror, Remote remote, Source source, Path workspace)
      throws GitFailed, InterruptedException {
    ReentrantLock lock = fetching.computeIfAbsent(source.repository(), id -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      with.initMirror(mirror);
      with.fetch(mirror, remote, source.ref(), source.commit());
    } finally {
      lock.unlock();
    }
    git.checkout(mirror, source.commit(), workspace);
  }
}
