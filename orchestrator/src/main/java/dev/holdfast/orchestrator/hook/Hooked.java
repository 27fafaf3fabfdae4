package dev.holdfast.orchestrator.hook;

/** What became of a webhook. */
public sealed interface Hooked {
  /** What it says is on disk, or was already. */
  record Accepted() implements Hooked {}

  /** It is good, and there is nothing to do. */
  record Ignored(String why) implements Hooked {}

  /** Nothing of it was taken. */
  record Refused(Because because, String why) implements Hooked {}

  /** What is wrong with a refused one. */
  enum Because {
    /** There is no such source, or none of its secrets vouches for it: anybody may have sent it. */
    UNSIGNED,
    /** The source has no say over the repository that it is about. */
    NOT_OURS,
    /** Signed, and not what is sent. */
    UNREADABLE
  }
}
