package dev.holdfast.forgedouble;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A repository at the forge. Its permissions are by account. */
public final class Repo {
  final long id;
  final GitStore git;
  final Map<Long, String> permissions = new ConcurrentHashMap<>();
  volatile Account owner;
  volatile String name;
  volatile boolean hidden;
  volatile Optional<Hook> hook = Optional.empty();

  record Hook(String url, String secret) {}

  Repo(long id, Account owner, String name, boolean hidden, GitStore git) {
    this.id = id;
    this.owner = owner;
    this.name = name;
    this.hidden = hidden;
    this.git = git;
    permissions.put(owner.id(), "admin");
  }

  public long id() {
    return id;
  }

  /** As {@code owner/name}. */
  public String fullName() {
    return owner.login() + "/" + name;
  }

  /** The commit that a branch is at. */
  public String at(String branch) {
    return git.at("refs/heads/" + branch);
  }
}
