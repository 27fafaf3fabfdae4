package dev.holdfast.agent.checkout;

import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Remote;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Checkouts by way of a bare mirror per repository, in {@code DATA/mirror/}, so that each commit is
 * fetched once per agent. What gives access to the repository stays with the agent's git.
 */
public final class GitCheckout implements Checkout {
  /** What git, or the server's git, says of a commit or ref that the repository does not have. */
  private static final List<String> GONE =
      List.of("not our ref", "couldn't find remote ref", "bad object", "no such remote ref");

  private final Path mirrors;
  private final Git git;

  /** Jobs of one run begin together and want the same commit: one fetches, the others wait. */
  private final ConcurrentHashMap<String, ReentrantLock> fetching = new ConcurrentHashMap<>();

  /**
   * @param data the agent's directory
   * @param timeout for each call of git; a clone of a large repository takes its time
   */
  public GitCheckout(Path data, Duration timeout) throws IOException {
    this.mirrors = data.resolve("mirror");
    this.git = new Git(data.resolve("git"), timeout);
  }

  @Override
  public void write(Source source, Path workspace) throws CheckoutFailed, InterruptedException {
    if (!source.repository().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new CheckoutFailed("the repository's id is not a safe file name", true, null);
    }
    try {
      Remote remote = Remote.of(source.url());
      Path mirror = mirrors.resolve(source.repository());
      ReentrantLock lock = fetching.computeIfAbsent(source.repository(), id -> new ReentrantLock());
      lock.lockInterruptibly();
      try {
        git.initMirror(mirror);
        git.fetch(mirror, remote, source.ref(), source.commit());
      } finally {
        lock.unlock();
      }
      git.checkout(mirror, source.commit(), workspace);
    } catch (IllegalArgumentException e) {
      throw new CheckoutFailed(source.name() + ": " + e.getMessage(), true, e);
    } catch (GitFailed e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      String why = String.valueOf(e.getMessage());
      boolean gone = GONE.stream().anyMatch(why::contains);
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
}
