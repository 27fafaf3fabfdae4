package dev.holdfast.orchestrator.access;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.List;
import java.util.Set;

/** What users may do, and who they are at forges. Thread-safe. */
public interface Rights {
  /** The id of the user who showed, by the forge's own sign-in, that this account is theirs. */
  Lookup<String> linked(Contributor contributor);

  /** What a user may do with a repository. */
  Lookup<Right> of(String user, Repository repository);

  /** The ids of the users who may release what waits in this repository, now. */
  Lookup<Set<String>> approvers(Repository repository);

  /** These users and the members of these teams, now, all by their ids; who is gone is nobody. */
  Set<String> people(List<String> users, List<String> teams);
}
