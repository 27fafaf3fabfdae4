package dev.holdfast.model.definition;

/** What values an {@link Input} takes. */
public enum InputKind {
  TEXT("text of at most 32 KiB"),
  NUMBER("a number"),
  BOOLEAN("true or false"),
  CHOICE("one of its choices");

  private final String noun;

  InputKind(String noun) {
    this.noun = noun;
  }

  String noun() {
    return noun;
  }
}
