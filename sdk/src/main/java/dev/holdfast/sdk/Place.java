package dev.holdfast.sdk;

import java.util.Objects;

/**
 * Where an author wrote something, so that an error can point there.
 *
 * @param file name of the source file, without folders
 * @param line from 1; 0 if it is not known
 */
public record Place(String file, int line) {
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  /** The author's line that called into this package, also by way of the JDK, as in a stream. */
  static Place ofCaller() {
    return WALKER.walk(frames ->
        frames
            .filter(frame -> isAuthors(frame.getDeclaringClass()))
            .findFirst()
            .map(frame ->
                new Place(
                    Objects.requireNonNullElse(frame.getFileName(), ""),
                    Math.max(0, frame.getLineNumber())))
            .orElse(new Place("", 0)));
  }

  private static boolean isAuthors(Class<?> type) {
    return type.getClassLoader() != null && type.getPackage() != Place.class.getPackage();
  }
}
