package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.List;
import java.util.Optional;

/**
 * A typed input of a manual trigger.
 *
 * @param initial the value where none is given; an input without one must be given
 */
public record Input(
    Name name,
    InputKind kind,
    Optional<String> description,
    Optional<String> initial,
    List<String> choices) {

  public Input {
    Texts.count("choices of input " + name, choices.size(), 100);
    if ((kind == InputKind.CHOICE) == choices.isEmpty()) {
      throw new IllegalArgumentException(
          "the input " + name + " must have choices if, and only if, its kind is choice");
    }
    Optional<String> wrong = initial.flatMap(v -> refusal(name, kind, choices, v));
    if (wrong.isPresent()) {
      throw new IllegalArgumentException(wrong.get());
    }
  }

  /** Why {@code value} cannot be given for this input; empty if it can. */
  public Optional<String> refusal(String value) {
    return refusal(name, kind, choices, value);
  }

  private static Optional<String> refusal(
      Name name, InputKind kind, List<String> choices, String value) {
    boolean fits =
        switch (kind) {
          case TEXT -> value.length() <= 32 * 1024 && value.indexOf('\0') < 0;
          case NUMBER -> value.matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?");
          case BOOLEAN -> value.equals("true") || value.equals("false");
          case CHOICE -> choices.contains(value);
        };
    return fits
        ? Optional.empty()
        : Optional.of(
            "the input "
                + name
                + " cannot be "
                + Quote.of(value)
                + "; it wants "
                + (kind == InputKind.CHOICE
                    ? "one of " + String.join(", ", choices)
                    : kind.noun()));
  }
}
