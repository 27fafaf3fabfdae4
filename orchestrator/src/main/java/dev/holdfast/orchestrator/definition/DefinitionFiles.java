package dev.holdfast.orchestrator.definition;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What stands in a repository's {@code .holdfast/} at a commit: plain files of that folder itself,
 * no links, no folders.
 *
 * @param files content by file name; not copied, not to be changed
 * @param refusal why they were not read, if they are too large to be; then there are none
 */
public record DefinitionFiles(Map<String, byte[]> files, Optional<String> refusal) {
  /** More than a lock file and its sources may have together. */
  public static final int MOST_BYTES = 8 * 1024 * 1024;

  public DefinitionFiles {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /** Files that were read. */
  public DefinitionFiles(Map<String, byte[]> files) {
    this(files, Optional.empty());
  }
}
