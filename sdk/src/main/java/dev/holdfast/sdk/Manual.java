package dev.holdfast.sdk;

import java.util.List;

/** Somebody asks for the workflow. Made by {@link Workflows#manual()}. */
public final class Manual implements Trigger {
  private final Parts parts;

  /**
   * What it is made of, for the tools that read it.
   *
   * @param inputs that are asked for
   */
  public record Parts(List<Input> inputs, Place place) {}

  Manual(Parts parts) {
    this.parts = parts;
  }

  /** Asks for these inputs, as in {@code manual().input(text("version"), bool("dry-run"))}. */
  public Manual input(Input... inputs) {
    return new Manual(
        new Parts(Given.joined(parts.inputs, Given.some("input", inputs)), parts.place));
  }

  @Override
  public Place place() {
    return parts.place;
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}
