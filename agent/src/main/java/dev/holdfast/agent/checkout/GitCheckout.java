package dev.holdfast.agent.checkout;

import dev.holdfast.agent.keep.Keep;
import dev.holdfast.agent.keep.Trees;
import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.GitGone;
import dev.holdfast.git.Remote;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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

  /** Jobs of one run begin together and want the same commit: one fetches, the others wait. */
  private final ConcurrentHashMap<String, ReentrantLock> fetching = new ConcurrentHashMap<>();

  /**
   * @param data the agent's directory
   * @param timeout for each call of git; a clone of a large repository takes its time
   */
  public GitCheckout(Path data, Duration timeout) throws IOException {
    this(data, timeout, Keep.standard().mirrors());
  }

  /**
   * @param most bytes of all mirrors together, but for those in use
   */
  public GitCheckout(Path data, Duration timeout, long most) throws IOException {
    this.mirrors = Trees.open(data.resolve("mirror"), "mirror", most, InstantSource.system());
    this.git = new Git(data.resolve("git"), timeout);
  }

  @Override
  public void write(Source source, Path workspace) throws CheckoutFailed, InterruptedException {
    if (!source.repository().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new CheckoutFailed("the repository's id is not a safe file name", true, null);
    }
    try {
      Remote remote = Remote.of(source.url());
      switch (remote) {
        case Remote.Folder folder -> git.checkoutFrom(folder, source.commit(), workspace);
        case Remote.Server server -> throughMirror(server, source, workspace);
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

  private void throughMirror(Remote remote, Source source, Path workspace)
      throws GitFailed, InterruptedException {
    try (Trees.Use use = mirrors.use(source.repository())) {
      throughMirror(use.path(), remote, source, workspace);
    }
  }

  private void throughMirror(Path mirror, Remote remote, Source source, Path workspace)
      throws GitFailed, InterruptedException {
    ReentrantLock lock = fetching.computeIfAbsent(source.repository(), id -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      git.initMirror(mirror);
      git.fetch(mirror, remote, source.ref(), source.commit());
    } finally {
      lock.unlock();
    }
    git.checkout(mirror, source.commit(), workspace);
  }
}
