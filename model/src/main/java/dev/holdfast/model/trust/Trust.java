package dev.holdfast.model.trust;

import java.util.Locale;

/** How far somebody is trusted with a repository, least first. */
public enum Trust {
  /** Not known, or not to be told: a look-up failed, or there is no id to look up. */
  UNKNOWN,
  /** May contribute, may not change workflows. */
  KNOWN,
  /** May change workflows, which is to say what runs. */
  TRUSTED;

  /** The lesser of the two. */
  public Trust or(Trust other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** As people write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
