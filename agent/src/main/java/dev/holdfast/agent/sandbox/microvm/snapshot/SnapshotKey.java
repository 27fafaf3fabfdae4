package dev.holdfast.agent.sandbox.microvm.snapshot;

import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that a snapshot depends on. One that was made under another key is not restored: the machine
 * would not start, or worse, would start on assumptions that no longer hold.
 *
 * @param base the digest of the read-only disk
 * @param kernel the digest of kernel, initial file system and arguments
 * @param monitor its name and version; a snapshot is of one format
 * @param processor what the guest was told that it runs on
 * @param host the release of this host's kernel
 * @param disk bytes of the machine's own, which its kernel has asked for
 * @param network whether it has a card
 */
public record SnapshotKey(
    String base,
    String kernel,
    String monitor,
    String processor,
    String host,
    int memoryMib,
    int vcpus,
    long disk,
    boolean network) {

  private static final List<String> TELLING =
      List.of("vendor_id", "cpu family", "model", "model name", "stepping", "microcode", "flags");

  /** The key on this host, as it is now. */
  public static SnapshotKey here(
      String base,
      String kernel,
      String monitor,
      int memoryMib,
      int vcpus,
      long disk,
      boolean network)
      throws IOException {
    return new SnapshotKey(
        base,
        kernel,
        monitor,
        processor(Files.readAllLines(Path.of("/proc/cpuinfo"))),
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        memoryMib,
        vcpus,
        disk,
        network);
  }

  /** What the first processor says of itself; its microcode is in it, since that changes flags. */
  static String processor(List<String> cpuinfo) {
    var text = new StringBuilder();
    for (String line : cpuinfo) {
      if (line.isBlank()) {
        break;
      }
      int colon = line.indexOf(':');
      if (colon > 0 && TELLING.contains(line.substring(0, colon).strip())) {
        text.append(line.substring(colon + 1).strip()).append('\n');
      }
    }
    return text.toString();
  }

  /** A name for files that no other key has. */
  public String name() {
    String text = String.join("\0", base, kernel, monitor, processor, host);
    return Sha256.hex(text + "\0" + memoryMib + "\0" + vcpus + "\0" + disk + "\0" + network, 32);
  }
}
