package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongFunction;

/** How forges of one kind are spoken to, and what their webhooks mean. Thread-safe. */
public interface Dialect {
  /**
   * Where a repository is now; its number stays when its name changes.
   *
   * @param fullName as {@code owner/name}
   * @throws ForgeUnavailable if it cannot be worked for, with the mend
   */
  Repository.Location.AtForge find(Repository.Host host, String fullName, Optional<Token> token)
      throws ForgeUnavailable;

  /** Why a webhook is not to be believed; empty if one of {@code secrets} vouches for it. */
  default Optional<String> refusal(WebhookSecrets secrets, Sent sent, Instant now) {
    return secrets.refusal(sent.body(), sent.header("X-Hub-Signature-256"), now);
  }

  /**
   * What a webhook says that was found to be the forge's.
   *
   * @param ours Holdfast's id of the repository that has this id at the forge, if it may be about
   *     that one
   */
  Delivered read(Repository.Host host, LongFunction<Optional<String>> ours, Sent sent, Instant now);

  /** See {@link People#visibility}; asks each time. */
  Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<Token> token);

  /**
   * See {@link People#permission}; asks each time.
   *
   * @param person the forge's id of the account, a whole number
   */
  Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<Token> token);

  /** Shows a status beside its commit. Telling the same twice is telling it once. */
  Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token);

  /**
   * Says something in a thread, unless it was said.
   *
   * @param perhaps whether it was tried before, so that it may be there already
   */
  Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<Token> token);
}
