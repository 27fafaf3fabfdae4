package dev.holdfast.model.trigger;

import java.util.List;

/** What a push or pull request changed, as far as it is known. */
public sealed interface ChangedFiles {
  /** These paths, from the root of the repository. */
  record Known(List<String> paths) implements ChangedFiles {}

  /** Not known, say because the branch is new. Filters on paths then let the event through. */
  record Unknown(String reason) implements ChangedFiles {}
}
