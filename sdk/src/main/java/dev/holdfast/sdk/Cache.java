package dev.holdfast.sdk;

import java.util.List;

/**
 * Files that a job finds again from an earlier run. Made by {@link Job#cache}.
 *
 * <p>Its key is made of parts, in the order in which they are added, joined by dashes.
 */
public final class Cache {
  private final Parts parts;

  /** A part of a key. */
  public sealed interface KeyPart {
    /** Stands for itself. */
    record Text(String text) implements KeyPart {}

    /** A hash over the files in the workspace that these patterns allow. */
    record Files(List<String> patterns) implements KeyPart {}

    /** The job's own value of an axis of its matrix. */
    record Axis(String axis) implements KeyPart {}
  }

  /**
   * What a cache is made of, for the tools that read it.
   *
   * @param paths what is kept
   * @param key what it is known by
   * @param restoreKeys how many first parts of the key do where nothing has all of it, in order
   * @param untrusted whether to take also what less trusted runs kept
   * @param place where it was written
   */
  public record Parts(
      List<String> paths,
      List<KeyPart> key,
      List<Integer> restoreKeys,
      boolean untrusted,
      Place place) {}

  private Cache(Parts parts) {
    this.parts = parts;
  }

  static Cache of(List<String> paths, Place place) {
    return new Cache(new Parts(paths, List.of(), List.of(), false, place));
  }

  /** Adds texts to its key, each a part of it. */
  public Cache key(String... texts) {
    List<KeyPart> added =
        Given.some("part of the key", texts).stream().<KeyPart>map(KeyPart.Text::new).toList();
    return adding(added);
  }

  /**
   * Adds a hash to its key, over the files in the workspace that these patterns allow: as {@code
   * hash("**&#47;pom.xml")}. It is made before the first step.
   */
  public Cache hash(String... patterns) {
    return adding(List.of(new KeyPart.Files(Given.some("pattern", patterns))));
  }

  /** Adds the job's own value of an axis of its matrix to its key. */
  public Cache axis(String axis) {
    return adding(List.of(new KeyPart.Axis(Given.notNull("the axis", axis))));
  }

  /**
   * Where nothing has the key itself, takes the newest whose key begins with the first {@code
   * parts} parts of it. Called again, says what to try after that.
   */
  public Cache restoreKey(int parts) {
    if (parts < 1 || parts > this.parts.key.size()) {
      throw new IllegalArgumentException(
          "the key has "
              + this.parts.key.size()
              + " parts so far, so its first "
              + parts
              + " are none to restore by; add the key's parts first");
    }
    return new Cache(
        new Parts(
            this.parts.paths,
            this.parts.key,
            Given.joined(this.parts.restoreKeys, List.of(parts)),
            this.parts.untrusted,
            this.parts.place));
  }

  /**
   * Takes also what runs kept that are less trusted than the job's own, and have what the job makes
   * count as no more trusted than that.
   */
  public Cache fromUntrusted() {
    return new Cache(new Parts(parts.paths, parts.key, parts.restoreKeys, true, parts.place));
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }

  private Cache adding(List<KeyPart> added) {
    return new Cache(
        new Parts(
            parts.paths,
            Given.joined(parts.key, added),
            parts.restoreKeys,
            parts.untrusted,
            parts.place));
  }
}
