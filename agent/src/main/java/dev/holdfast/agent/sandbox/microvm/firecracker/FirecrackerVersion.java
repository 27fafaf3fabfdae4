package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.model.json.Quote;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which Firecracker answers, and so what may be asked of it. */
record FirecrackerVersion(int major, int minor, int patch)
    implements Comparable<FirecrackerVersion> {
  /**
   * The first with ACPI, which Debian's kernels want, and with the device that tells a guest's
   * kernel that it was restored (VMGenID). Everything that is sent without asking {@link #has} is
   * in it.
   */
  static final FirecrackerVersion OLDEST = new FirecrackerVersion(1, 8, 0);

  private static final Pattern TEXT =
      Pattern.compile("v?([0-9]{1,4})\\.([0-9]{1,4})\\.([0-9]{1,4})(?:[-+][A-Za-z0-9.+-]{1,64})?");

  /** What the API took on after {@link #OLDEST}, by the changelog of Firecracker. */
  enum Feature {
    /** {@code network_overrides} when a snapshot is loaded. */
    NETWORK_OVERRIDES(1, 12),
    /** {@code PUT /serial}. */
    SERIAL(1, 14),
    /** {@code rate_limiter} of it. */
    SERIAL_RATE(1, 16),
    /** {@code clock_realtime} when a snapshot is loaded; before it, the clock went on by itself. */
    CLOCK_REALTIME(1, 16);

    private final int major;
    private final int minor;

    Feature(int major, int minor) {
      this.major = major;
      this.minor = minor;
    }
  }

  /**
   * Reads what a program or the API says.
   *
   * @throws VmmFailed if it is no version, or older than {@link #OLDEST}
   */
  static FirecrackerVersion of(String text) throws VmmFailed {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new VmmFailed(
          "firecracker says that its version is "
              + Quote.of(text)
              + "; expected one such as 1.16.1: is it Firecracker?");
    }
    var version =
        new FirecrackerVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)));
    if (version.compareTo(OLDEST) < 0) {
      throw new VmmFailed(
          "this host has firecracker " + version + "; install " + OLDEST + " or newer");
    }
    return version;
  }

  boolean has(Feature feature) {
    return compareTo(new FirecrackerVersion(feature.major, feature.minor, 0)) >= 0;
  }

  @Override
  public int compareTo(FirecrackerVersion other) {
    return Comparator.comparingInt(FirecrackerVersion::major)
        .thenComparingInt(FirecrackerVersion::minor)
        .thenComparingInt(FirecrackerVersion::patch)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
