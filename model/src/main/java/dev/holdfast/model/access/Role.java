package dev.holdfast.model.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Permissions that go together. */
public enum Role implements Grantable {
  OWNER,
  ADMIN,
  APPROVER,
  DEVELOPER,
  VIEWER,
  AUDITOR;

  @Override
  public Set<Permission> permissions() {
    return switch (this) {
      case OWNER -> EnumSet.allOf(Permission.class);
      case ADMIN -> EnumSet.complementOf(EnumSet.of(Permission.MANAGE_OWNERS));
      // Who releases changes of workflows makes none of their own: that takes two people.
      case APPROVER ->
          EnumSet.of(
              Permission.VIEW,
              Permission.DEVELOP,
              Permission.START_RUNS,
              Permission.APPROVE,
              Permission.VIEW_SECRETS);
      case DEVELOPER ->
          EnumSet.of(
              Permission.VIEW, Permission.DEVELOP, Permission.START_RUNS, Permission.VIEW_SECRETS);
      case VIEWER -> EnumSet.of(Permission.VIEW);
      case AUDITOR -> EnumSet.of(Permission.VIEW, Permission.READ_AUDIT, Permission.VIEW_SECRETS);
    };
  }

  @Override
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
