package dev.holdfast.orchestrator.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Seals the installation's own texts, as the tokens of forges are. A sealed text can be opened only
 * at the place that it was sealed for, so that rows of a table cannot be swapped. Never waits: its
 * keys were unwrapped at the start. Thread-safe.
 */
public final class Seal {
  private static final String SCOPE = "installation";

  private final DataKeys.Ready keys;
  private final Optional<OldSeal> old;

  private Seal(DataKeys.Ready keys, Optional<OldSeal> old) {
    this.keys = keys;
    this.old = old;
  }

  /**
   * With the installation's data keys.
   *
   * @param before the master key of earlier releases, which opens what they sealed; need not be
   *     there
   * @throws KeysUnavailable if the keys cannot be had now
   * @throws IOException if that key is there and cannot be used, with the mend
   */
  public static Seal with(DataKeys keys, Path before) throws IOException {
    return new Seal(
        keys.ready(SCOPE),
        Files.exists(before, LinkOption.NOFOLLOW_LINKS)
            ? Optional.of(OldSeal.open(before))
            : Optional.empty());
  }

  /**
   * {@code text}, sealed.
   *
   * @param place table, row and column
   */
  public String seal(String text, String place) {
    return keys.seal(Place.of("text", place), DataKeys.utf8(text));
  }

  /** Whether that is how texts are sealed now. Else {@link #open} opens it all the same. */
  public static boolean isNew(String sealed) {
    return DataKeys.isSealed(sealed);
  }

  /**
   * What {@link #seal} sealed for {@code place}, or an earlier release did.
   *
   * @throws Broken if it was changed, is another place's or another key's
   */
  public String open(String sealed, String place) {
    if (isNew(sealed)) {
      return new String(keys.open(Place.of("text", place), sealed), StandardCharsets.UTF_8);
    }
    return old.orElseThrow(
            () -> new Broken(place + " (the key of earlier releases is not here)", null))
        .open(sealed, place);
  }

  /** A sealed value that is not what was sealed for its place. */
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String place, @org.jspecify.annotations.Nullable Throwable cause) {
      super(
          "what is sealed at "
              + place
              + " was changed, or is not of that place"
              + (cause instanceof MasterKey.DoesNotOpen ? ": " + cause.getMessage() : ""),
          cause);
    }
  }
}
