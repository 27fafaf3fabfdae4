package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Instant;
import java.util.Optional;

/** How forges of one kind are spoken to, and what their webhooks mean. Thread-safe. */
public interface Dialect {
  /**
   * Where a repository is now; its number stays when its name changes.
   *
   * @param fullName as {@code owner/name}
   * @throws ForgeUnavailable if it cannot be worked for, with the mend
   */
  Repository.Location.AtForge find(Repository.Host host, String fullName, Optional<String> token)
      throws ForgeUnavailable;

  /**
   * What a webhook says whose signature was found good.
   *
   * @param repository Holdfast's id of the one repository that it may be about
   * @param kind what its header says that it is; not signed
   */
  Delivered read(
      Repository.Location.AtForge at, String repository, String kind, byte[] body, Instant now);

  /** See {@link People#visibility}; asks each time. */
  Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<String> token);

  /**
   * See {@link People#permission}; asks each time.
   *
   * @param person the forge's id of the account, a whole number
   */
  Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<String> token);

  /** Shows a status beside its commit. Telling the same twice is telling it once. */
  Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<String> token);

  /**
   * Says something in a thread, unless it was said.
   *
   * @param perhaps whether it was tried before, so that it may be there already
   */
  Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<String> token);
}
