package dev.holdfast.model.definition;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Quote;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files that a job finds again from an earlier run: put back before its first step, kept after it
 * succeeded unless there are such already.
 *
 * @param paths files or folders, below the workspace, or below the job's home if they begin with
 *     {@code ~/}
 * @param key what they are known by; what is kept under one key never changes
 * @param restoreKeys beginnings of keys, tried in this order where nothing has the key itself: the
 *     newest counts
 * @param from {@link From#UNTRUSTED} to take also what less trusted runs kept
 */
public record Cache(
    List<String> paths, CacheKey key, List<CacheKey> restoreKeys, Optional<From> from) {
  /** Of one job. */
  public static final int MOST = 8;

  private static final int MOST_PATHS = 20;
  private static final int MOST_RESTORE_KEYS = 8;

  /** Whose files a job takes beside those of runs that are trusted as much as its own. */
  public enum From {
    UNTRUSTED
  }

  public Cache {
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("a cache has no paths; say what is to be kept");
    }
    Texts.count("paths of a cache", paths.size(), MOST_PATHS);
    Texts.count("restore-keys of a cache", restoreKeys.size(), MOST_RESTORE_KEYS);
    paths = paths.stream().map(path -> Texts.kept(path, true)).toList();
    for (int i = 0; i < paths.size(); i++) {
      for (int j = 0; j < paths.size(); j++) {
        if (i != j && (paths.get(i) + "/").startsWith(paths.get(j) + "/")) {
          throw new IllegalArgumentException(
              "the path "
                  + Quote.of(paths.get(i))
                  + " of a cache lies in "
                  + Quote.of(paths.get(j))
                  + " of the same; remove one");
        }
      }
    }
    restoreKeys = List.copyOf(restoreKeys);
  }

  /** How many hashes of files its keys take. */
  public int hashes() {
    return key.files().size() + restoreKeys.stream().mapToInt(k -> k.files().size()).sum();
  }

  /**
   * The key and then the restore keys, as text.
   *
   * @param hashes those of the key, then those of each restore key
   * @throws IllegalArgumentException if these are not its hashes
   */
  public List<String> keys(Map<String, String> matrix, List<String> hashes) {
    if (hashes.size() != hashes()) {
      throw new IllegalArgumentException(
          "the cache's keys take " + hashes() + " hashes of files, and came with " + hashes.size());
    }
    Iterator<String> next = hashes.iterator();
    var keys = new ArrayList<String>();
    keys.add(key.text(matrix, next));
    restoreKeys.forEach(restore -> keys.add(restore.text(matrix, next)));
    return keys;
  }

  /** What tells caches of other paths apart, whatever their keys. */
  public String layout() {
    return Sha256.hex(String.join("\n", paths), 8);
  }
}
