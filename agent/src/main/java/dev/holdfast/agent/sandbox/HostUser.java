package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A user of the host, by numbers: names can lie. */
public record HostUser(int uid, int gid) {

  /** Whoever this process is. */
  public static HostUser self() {
    Path self = Path.of("/proc/self");
    try {
      return new HostUser(
          (Integer) Files.getAttribute(self, "unix:uid"),
          (Integer) Files.getAttribute(self, "unix:gid"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self", e);
    }
  }

  public boolean isRoot() {
    return uid == 0;
  }
}
