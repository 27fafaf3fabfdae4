package dev.holdfast.model.definition;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The compiled form of a repository's Java workflows: deterministic, one item a line, made for
 * review.
 *
 * @param version of the format; this reader knows {@link #VERSION}
 * @param sources {@code sha256:} and the hash over the sources it came from, see {@link Sources}
 */
public record LockFile(int version, String sources, List<Workflow> workflows) {
  /** Where it stands in a repository. */
  public static final String PATH = ".holdfast/holdfast.lock.json";

  public static final int VERSION = 1;

  /** Far above what 100 workflows need; keeps a hostile file from filling memory. */
  public static final int MOST_BYTES = 4 * 1024 * 1024;

  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  public LockFile {
    if (!DIGEST.matcher(sources).matches()) {
      throw new IllegalArgumentException(
          "the field sources is " + Quote.of(sources) + "; expected sha256: and 64 hex digits");
    }
  }

  /**
   * Reads one.
   *
   * @throws MalformedJson if it is not one, or of a version that this reader does not know
   */
  public static LockFile read(byte[] utf8) {
    if (utf8.length > MOST_BYTES) {
      throw new MalformedJson("", "is larger than 4 MiB");
    }
    Json json = JsonText.parse(utf8);
    // The version first: what a newer one holds need not make sense to this reader.
    if (json instanceof Json.Obj(var fields)
        && fields.get("version") instanceof Json.Num(var literal)
        && !literal.equals(Integer.toString(VERSION))) {
      throw new MalformedJson(
          "version",
          "is "
              + Quote.of(literal)
              + "; this Holdfast reads version "
              + VERSION
              + ". Upgrade Holdfast, or run `holdfast compile` with this version");
    }
    return Records.decode(LockFile.class, json);
  }

  /** The text that {@code holdfast compile} writes; equal lock files give equal text. */
  public String text() {
    return JsonText.pretty(Records.encode(LockFile.class, this));
  }
}
