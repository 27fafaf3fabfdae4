package dev.holdfast.agent.sandbox.microvm.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What the kernel starts with: the guest agent as {@code /init}, and the modules that it loads. The
 * archive is cpio's "newc", with nothing in it that differs from one making to the next.
 */
final class Initramfs {
  private static final int DIRECTORY = 0040755;
  private static final int PROGRAM = 0100755;
  private static final int FILE = 0100644;
  private static final int CHARACTER_DEVICE = 0020600;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int number;

  private Initramfs() {}

  /**
   * @param modules by file name, in the order in which they are to be loaded
   */
  static byte[] of(byte[] guestAgent, Map<String, byte[]> modules) {
    var made = new Initramfs();
    made.entry("dev", DIRECTORY, 0, 0, new byte[0]);
    // The kernel gives process 1 its standard streams by this.
    made.entry("dev/console", CHARACTER_DEVICE, 5, 1, new byte[0]);
    made.entry("init", PROGRAM, 0, 0, guestAgent);
    made.entry("modules", DIRECTORY, 0, 0, new byte[0]);
    modules.forEach((name, bytes) -> made.entry("modules/" + name, FILE, 0, 0, bytes));
    byte[] order =
        String.join("", modules.keySet().stream().map(name -> name + "\n").toList())
            .getBytes(StandardCharsets.UTF_8);
    made.entry("modules/order", FILE, 0, 0, order);
    made.entry("TRAILER!!!", 0, 0, 0, new byte[0]);
    return made.out.toByteArray();
  }

  private void entry(String name, int mode, int major, int minor, byte[] content) {
    number++;
    var header = new StringBuilder("070701");
    int links = (mode & 0170000) == 0040000 ? 2 : 1;
    int[] fields = {
      number, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length() + 1, 0
    };
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    header.append(name).append('\0');
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    pad();
    out.writeBytes(content);
    pad();
  }

  private void pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
  }
}
