package dev.holdfast.model.archive;

/**
 * The most that an archive may be.
 *
 * @param packed bytes as they travel
 * @param unpacked bytes of all files together
 * @param entries files, folders and links
 * @param ratio how many times its packed size the content may be, beyond {@code free} bytes
 * @param free bytes that may be made of however few
 */
public record Caps(long packed, long unpacked, int entries, int ratio, long free) {
  private static final long MIB = 1024L * 1024;

  /** 2 GiB that become at most 8 GiB, in 200,000 entries, 200 times as much at most. */
  public static Caps standard() {
    return new Caps(2048 * MIB, 8192 * MIB, 200_000, 200, 64 * MIB);
  }

  /**
   * @param announced bytes that came or that a file is said to have
   */
  void check(long packedSoFar, long announced, int entriesSoFar) throws BadArchive {
    if (packedSoFar > packed) {
      throw new BadArchive("the archive is larger than " + size(packed) + "; keep less in it");
    }
    if (announced > unpacked) {
      throw new BadArchive(
          "the archive's files are together larger than " + size(unpacked) + "; keep fewer");
    }
    if (entriesSoFar > entries) {
      throw new BadArchive(
          "the archive has more than " + entries + " files, folders and links; keep fewer");
    }
  }

  /**
   * @param unpackedSoFar bytes that came
   */
  void checkRatio(long packedSoFar, long unpackedSoFar) throws BadArchive {
    if (unpackedSoFar > free && unpackedSoFar / ratio > packedSoFar) {
      throw new BadArchive(
          "the archive's files are more than "
              + ratio
              + " times its size, as in one that is made to fill a disk; leave out what is empty");
    }
  }

  /** {@code bytes} for people. */
  public static String size(long bytes) {
    if (bytes >= 1024 * MIB) {
      return bytes / (1024 * MIB) + " GiB";
    }
    return bytes >= MIB
        ? bytes / MIB + " MiB"
        : bytes >= 1024 ? bytes / 1024 + " KiB" : bytes + " bytes";
  }
}
