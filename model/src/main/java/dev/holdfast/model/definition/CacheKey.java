package dev.holdfast.model.definition;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a cache is known by: its parts, joined by dashes. */
public record CacheKey(List<KeyPart> value) {
  /** Stands for the hash of files where there is no such file. */
  public static final String NO_FILES = "none";

  private static final int MOST_PARTS = 10;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}|" + NO_FILES);

  public CacheKey {
    value = List.copyOf(value);
    if (value.isEmpty() || value.size() > MOST_PARTS) {
      throw new IllegalArgumentException(
          "a cache's key has " + value.size() + " parts; give it 1 to " + MOST_PARTS);
    }
  }

  /** The parts that hash files, in their order. */
  public List<KeyPart.Files> files() {
    var found = new ArrayList<KeyPart.Files>();
    for (KeyPart part : value) {
      if (part instanceof KeyPart.Files files) {
        found.add(files);
      }
    }
    return found;
  }

  /**
   * The key as text. What it is made of is the definition's, but for the hashes.
   *
   * @param matrix the job's values
   * @param hashes one for each of {@link #files}
   * @throws IllegalArgumentException if the hashes are not hashes, or not as many
   */
  public String text(Map<String, String> matrix, Iterator<String> hashes) {
    var texts = new ArrayList<String>();
    for (KeyPart part : value) {
      texts.add(
          switch (part) {
            case KeyPart.Text(String text) -> text;
            case KeyPart.Files files -> hash(hashes);
            case KeyPart.Matrix(Name axis) -> {
              String own = matrix.get(axis.value());
              if (own == null) {
                throw new IllegalArgumentException("the job has no value of the axis " + axis);
              }
              yield own;
            }
          });
    }
    return String.join("-", texts);
  }

  private static String hash(Iterator<String> hashes) {
    String hash = hashes.hasNext() ? hashes.next() : "";
    if (!HASH.matcher(hash).matches()) {
      throw new IllegalArgumentException(
          "what is to be the hash of a cache's files is none, or there are too few");
    }
    return hash;
  }
}
