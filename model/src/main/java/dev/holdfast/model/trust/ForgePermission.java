package dev.holdfast.model.trust;

/** What a forge lets somebody do with a repository, least first. */
public enum ForgePermission {
  NONE,
  READ,
  WRITE,
  ADMIN;

  boolean atLeast(ForgePermission wanted) {
    return compareTo(wanted) >= 0;
  }
}
