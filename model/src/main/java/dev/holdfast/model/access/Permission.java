package dev.holdfast.model.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** One thing that somebody may do. */
public enum Permission implements Grantable {
  /** See repositories, events, runs and logs. */
  VIEW(true),
  /** Contribute: what is pushed is a known contributor's. */
  DEVELOP(true),
  /** Start, cancel and rerun. */
  START_RUNS(true),
  /** Say what runs: what is pushed may change workflows. */
  CHANGE_WORKFLOWS(true),
  /** Release or reject what waits. */
  APPROVE(true),
  /** Set what waits and what runs. */
  MANAGE_POLICY(true),
  /** See which secrets there are, who set them, and who was given them; never their values. */
  VIEW_SECRETS(true),
  /** Set, roll back, remove and purge secrets. */
  MANAGE_SECRETS(true),
  /** Add, change and remove repositories. */
  MANAGE_REPOSITORIES(true),
  /** Add and disable users and teams, and grant. For one repository: grant there. */
  MANAGE_USERS(true),
  /** See the audit log. */
  READ_AUDIT(false),
  /** See and rotate the keys that secrets are sealed with. */
  MANAGE_KEYS(false),
  /** Let agents join and send them away. */
  MANAGE_AGENTS(false),
  /** See, make and revoke other users' tokens. */
  MANAGE_TOKENS(false),
  /** Make and unmake owners, and say how people sign in. */
  MANAGE_OWNERS(false);

  private final boolean inRepository;

  Permission(boolean inRepository) {
    this.inRepository = inRepository;
  }

  /** Whether it can be had for one repository; else only for the installation. */
  public boolean inRepository() {
    return inRepository;
  }

  @Override
  public Set<Permission> permissions() {
    return EnumSet.of(this);
  }

  @Override
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The permission that is written {@code word}. */
  public static Optional<Permission> named(String word) {
    return Grantable.of(word)
        .flatMap(found -> found instanceof Permission p ? Optional.of(p) : Optional.empty());
  }
}
