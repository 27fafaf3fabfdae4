package dev.holdfast.model.trust;

/** What Holdfast lets a user do with a repository, least first. */
public enum Right {
  NONE,
  VIEW,
  DEVELOP,
  /** What is pushed may say what runs. */
  CHANGE_WORKFLOWS;

  public boolean atLeast(Right wanted) {
    return compareTo(wanted) >= 0;
  }
}
