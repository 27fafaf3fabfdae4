package dev.holdfast.sdk;

import java.util.List;
import java.util.Optional;

/**
 * A typed input of a manual start. Made by {@link Workflows#text}, {@link Workflows#number}, {@link
 * Workflows#bool} or {@link Workflows#choice}. It must be given, unless it has a default.
 */
public final class Input {
  private final Parts parts;

  /** What values an input takes. */
  public enum Kind {
    /** Any text of at most 32 KiB. */
    TEXT,
    /** A decimal number. */
    NUMBER,
    /** {@code true} or {@code false}. */
    BOOLEAN,
    /** One of a list. */
    CHOICE
  }

  /**
   * What it is made of, for the tools that read it.
   *
   * @param name unique in its trigger
   * @param kind what values it takes
   * @param description for whoever is asked
   * @param initial the value where none is given
   * @param choices for {@link Kind#CHOICE}, else empty
   * @param place where it was written
   */
  public record Parts(
      String name,
      Kind kind,
      Optional<String> description,
      Optional<String> initial,
      List<String> choices,
      Place place) {}

  Input(Parts parts) {
    this.parts = parts;
  }

  /** Says what it is for to whoever is asked. */
  public Input description(String description) {
    return with(Optional.of(Given.notNull("the description", description)), parts.initial);
  }

  /** The value where none is given. */
  public Input defaultsTo(String value) {
    return with(parts.description, Optional.of(Given.notNull("the default", value)));
  }

  /** The value where none is given. */
  public Input defaultsTo(long value) {
    return defaultsTo(Long.toString(value));
  }

  /** The value where none is given. */
  public Input defaultsTo(boolean value) {
    return defaultsTo(Boolean.toString(value));
  }

  /** A value must be given: takes back a default. */
  public Input required() {
    return with(parts.description, Optional.empty());
  }

  private Input with(Optional<String> description, Optional<String> initial) {
    return new Input(
        new Parts(parts.name, parts.kind, description, initial, parts.choices, parts.place));
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}
