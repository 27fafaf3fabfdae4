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
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongFunction;

/** GitHub and GitHub Enterprise, by version 3 of their REST API. */
public final class GitHub implements Dialect {
  static final String JSON = "application/vnd.github+json";

  private final Api api;
  private final Checks checks;

  public GitHub(Calls calls) {
    this.api = new Api(calls, JSON);
    this.checks = new Checks(api);
  }

  @Override
  public Repository.Location.AtForge find(
      Repository.Host host, String fullName, Optional<Token> token) throws ForgeUnavailable {
    return api.find(host, fullName, token);
  }

  @Override
  public Delivered read(
      Repository.Host host, LongFunction<Optional<String>> ours, Sent sent, Instant now) {
    String kind = sent.header("X-GitHub-Event").orElse("");
    return new Webhook(host.name(), ours).read(kind, sent.body(), now);
  }

  @Override
  public Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<Token> token) {
    return api.visibility(at, token);
  }

  @Override
  public Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<Token> token) {
    return api.permission(
        at, person, token, api.get(at.host(), token, "/user/" + person), GitHub::permission);
  }

  @Override
  public Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token) {
    return token.filter(Token::ofApp).isPresent()
        ? checks.tell(at, status, token)
        : api.tell(at, status, token);
  }

  @Override
  public Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<Token> token) {
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
