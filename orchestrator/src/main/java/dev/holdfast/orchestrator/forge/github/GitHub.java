package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.Api;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Remark;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.Optional;

/** GitHub and GitHub Enterprise, by version 3 of their REST API. */
public final class GitHub implements Dialect {
  private final Api api;

  public GitHub(Calls calls) {
    this.api = new Api(calls, "application/vnd.github+json");
  }

  @Override
  public Repository.Location.AtForge find(
      Repository.Host host, String fullName, Optional<String> token) throws ForgeUnavailable {
    return api.find(host, fullName, token);
  }

  @Override
  public Delivered read(
      Repository.Location.AtForge at, String repository, String kind, byte[] body, Instant now) {
    return new Webhook(
            at.host().name(), id -> id == at.id() ? Optional.of(repository) : Optional.empty())
        .read(kind, body, now);
  }

  @Override
  public Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<String> token) {
    return api.visibility(at, token);
  }

  @Override
  public Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<String> token) {
    return api.permission(
        at, person, token, api.get(at.host(), token, "/user/" + person), GitHub::permission);
  }

  @Override
  public Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<String> token) {
    return api.tell(at, status, token);
  }

  @Override
  public Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<String> token) {
    return api.say(at, remark, perhaps, token);
  }

  /** GitHub folds its finer roles into these four words; one that is not known is the least. */
  private static ForgePermission permission(String word) {
    return switch (word) {
      case "admin" -> ForgePermission.ADMIN;
      case "write" -> ForgePermission.WRITE;
      case "read" -> ForgePermission.READ;
      default -> ForgePermission.NONE;
    };
  }
}
