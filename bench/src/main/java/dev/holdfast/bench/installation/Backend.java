package dev.holdfast.bench.installation;

import java.util.List;
import java.util.Locale;

/** What makes the sandboxes that are measured. */
public enum Backend {
  NAMESPACES,
  CONTAINER;

  /** As people and options say it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param image for containers
   */
  List<String> arguments(String image) {
    return switch (this) {
      case NAMESPACES -> List.of("--backend", label());
      case CONTAINER -> List.of("--backend", label(), "--image", image);
    };
  }
}
