package dev.holdfast.orchestrator.definition;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What stands in a repository's {@code .holdfast/} at a commit: plain files of that folder itself,
 * no links, no folders.
 *
 * @param files content by file name; not copied, not to be changed
 */
public record DefinitionFiles(Map<String, byte[]> files) {
  /** More than a lock file and its sources may have together. */
  public static final int MOST_BYTES = 8 * 1024 * 1024;

  public DefinitionFiles {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }
}
