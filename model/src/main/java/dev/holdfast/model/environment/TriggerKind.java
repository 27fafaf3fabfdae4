package dev.holdfast.model.environment;

import dev.holdfast.model.event.Happening;
import java.util.Locale;

/** The kinds of events, as rules name them. */
public enum TriggerKind {
  PUSH,
  TAG,
  PULL_REQUEST,
  MANUAL,
  SCHEDULE;

  static TriggerKind of(Happening happening) {
    return switch (happening) {
      case Happening.Push _ -> PUSH;
      case Happening.Tag _ -> TAG;
      case Happening.PullRequest _ -> PULL_REQUEST;
      case Happening.Manual _ -> MANUAL;
      case Happening.Schedule _ -> SCHEDULE;
    };
  }

  /** As people write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
