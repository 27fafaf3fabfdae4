package dev.holdfast.cli;

import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Remote;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** What an agent stands on. */
final class AgentParts {
  /** A clone of a large repository takes its time. */
  private static final Duration GIT = Duration.ofMinutes(30);

  private AgentParts() {}

  static Git git(Path data) throws IOException {
    return new Git(data.resolve("git"), GIT);
  }

  /** Checkouts from a mirror for each repository, in {@code data/mirror/}. */
  static Checkout checkout(Path data, Git git) {
    return (source, workspace) -> {
      Path mirror = data.resolve("mirror").resolve(source.repository());
      try {
        git.initMirror(mirror);
        git.fetch(mirror, Remote.of(source.url()), source.ref(), source.commit());
        git.checkout(mirror, source.commit(), workspace);
      } catch (GitFailed | IllegalArgumentException e) {
        throw new CheckoutFailed(source.name() + ": " + e.getMessage(), false, e);
      }
    };
  }
}
