package dev.holdfast.agent.sandbox;

/** Where things are, as seen from inside any sandbox. */
public final class SandboxPaths {
  public static final String WORKSPACE = "/workspace";
  public static final String CHANNEL = "/run/holdfast";
  public static final String DISTRIBUTION = "/opt/holdfast";
  public static final String HOME = "/home/job";

  private SandboxPaths() {}
}
