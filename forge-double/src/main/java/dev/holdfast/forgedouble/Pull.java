package dev.holdfast.forgedouble;

import java.time.Instant;
import java.util.Optional;

/** A pull request; its head may be in a fork, or in one that is gone. */
public final class Pull {
  final long number;
  final Repo base;
  final Account by;
  final String headBranch;
  final Instant created;
  volatile Optional<Repo> from;
  volatile String baseBranch;
  volatile String head;
  volatile boolean open = true;
  volatile Instant updated;

  Pull(
      long number,
      Repo base,
      String baseBranch,
      Repo from,
      String headBranch,
      String head,
      Account by,
      Instant created) {
    this.number = number;
    this.base = base;
    this.baseBranch = baseBranch;
    this.from = Optional.of(from);
    this.headBranch = headBranch;
    this.head = head;
    this.by = by;
    this.created = created;
    this.updated = created;
  }

  public long number() {
    return number;
  }

  /** Where it asks to be merged. */
  public Repo base() {
    return base;
  }

  /** The commit that it asks to have merged. */
  public String head() {
    return head;
  }
}
