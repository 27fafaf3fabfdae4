package dev.holdfast.orchestrator.forge.gitea;

import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.Api;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Fields;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Remark;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Gitea and Forgejo, by version 1 of their API, which starts at {@code /api/v1}. */
public final class Gitea implements Dialect {
  private final Api api;

  public Gitea(Calls calls) {
    this.api = new Api(calls, "application/json");
  }

  @Override
  public Repository.Location.AtForge find(
      Repository.Host host, String fullName, Optional<Token> token) throws ForgeUnavailable {
    return api.find(host, fullName, token);
  }

  @Override
  public Delivered read(
      Repository.Host host, LongFunction<Optional<String>> ours, Sent sent, Instant now) {
    // Gitea and Forgejo send it as well, so that what was written for GitHub reads theirs.
    String kind = sent.header("X-GitHub-Event").orElse("");
    return new Webhook(host.name(), ours).read(kind, sent.body(), now);
  }

  @Override
  public Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<Token> token) {
    return api.visibility(at, token);
  }

  /** Needs a token of somebody who administers the repository; else Gitea refuses to tell. */
  @Override
  public Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<Token> token) {
    return api.permission(at, person, token, account(at, person, token), Gitea::permission);
  }

  @Override
  public Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token) {
    return api.tell(at, status, token);
  }

  @Override
  public Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<Token> token) {
    return api.say(at, remark, perhaps, token);
  }

  private Lookup<Fields> account(
      Repository.Location.AtForge at, String person, Optional<Token> token) {
    Lookup<Fields> found = api.get(at.host(), token, "/users/search?uid=" + person);
    if (!(found instanceof Lookup.Known<Fields>(var answer))) {
      return found;
    }
    List<Fields> accounts = answer.list("data");
    return accounts.size() == 1
        ? new Lookup.Known<>(accounts.getFirst())
        : accounts.isEmpty()
            ? new Lookup.Absent<>()
            : new Lookup.Failed<>("asked for one account, several were answered");
  }

  private static ForgePermission permission(String word) {
    return switch (word) {
      case "owner", "admin" -> ForgePermission.ADMIN;
      case "write" -> ForgePermission.WRITE;
      case "read" -> ForgePermission.READ;
      default -> ForgePermission.NONE;
    };
  }
}
