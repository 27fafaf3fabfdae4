package dev.holdfast.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A machine of 64 MiB without a disk, whose whole kernel is a hundred bytes: it says that it
 * begins, counts to twenty million, takes a trap as every kernel does, says that it runs, and ends.
 *
 * <p>That {@code /dev/kvm} opens does not say that guests run. On some hosts it opens, and their
 * processor is not there: each instruction is then imitated, so slowly that no kernel comes up, or
 * not at all. Counting and the trap tell that apart from a host whose machines run.
 */
final class ProbeMachine {
  /** By the processor this is over in some hundredths of a second, by translation in one. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String BEGINS = "holdfast: begins\n";
  private static final String RUNS = "holdfast: a machine runs\n";
  private static final int MOST_SAID = 64 * 1024;

  private static final int ENTRY = 0x101000;
  private static final int STACK = 0x200000;
  private static final int SERIAL_PORT = 0x3f8;
  private static final int COUNT = 20_000_000;
  private static final int BREAKPOINT = 3;
  private static final int GATE = 8;
  private static final int IN_FILE = 0x1000;

  private ProbeMachine() {}

  /** What came of it. */
  sealed interface Seen {
    record Runs(Duration took) implements Seen {}

    /** It did not end; {@code begun} if it said that it begins. */
    record Hangs(boolean begun, Duration after) implements Seen {}

    record Fails(String said) implements Seen {}
  }

  /**
   * Starts one.
   *
   * @param accelerator as QEMU names it
   */
  static Seen start(Path qemu, String accelerator) throws IOException, InterruptedException {
    return start(qemu, accelerator, PATIENCE);
  }

  static Seen start(Path qemu, String accelerator, Duration patience)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("holdfast-doctor");
    Path kernel = directory.resolve("kernel");
    Path said = directory.resolve("said");
    try {
      Files.write(kernel, kernel());
      long begin = System.nanoTime();
      Process process =
          new ProcessBuilder(
                  qemu.toString(),
                  "-nodefaults",
                  "-no-user-config",
                  "-display",
                  "none",
                  "-no-reboot",
                  "-M",
                  "microvm",
                  "-m",
                  "64M",
                  "-accel",
                  accelerator,
                  "-kernel",
                  kernel.toString(),
                  "-serial",
                  "stdio")
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = text(said);
      if (text.contains(RUNS.strip())) {
        return new Seen.Runs(Duration.ofNanos(System.nanoTime() - begin));
      }
      return ended
          ? new Seen.Fails(shortened(text))
          : new Seen.Hangs(text.contains(BEGINS.strip()), patience);
    } finally {
      Files.deleteIfExists(kernel);
      Files.deleteIfExists(said);
      Files.delete(directory);
    }
  }

  private static String text(Path said) throws IOException {
    try (var in = Files.newInputStream(said)) {
      return new String(in.readNBytes(MOST_SAID), StandardCharsets.ISO_8859_1);
    }
  }

  /** What it complained of, without the registers. */
  private static String shortened(String text) {
    List<String> lines =
        text.lines()
            .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
            .filter(line ->
                !line.isEmpty() && !line.equals(BEGINS.strip()) && !line.contains("warning:"))
            .toList();
    return lines.isEmpty() ? "it said nothing" : lines.getFirst();
  }

  /** A kernel that is entered as PVH says: 32 bits, flat, interrupts off. */
  static byte[] kernel() {
    byte[] code = code();
    var out = ByteBuffer.allocate(IN_FILE + code.length).order(ByteOrder.LITTLE_ENDIAN);
    // ELF, 64 bits, for x86-64, with two program headers right behind its own.
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    out.putShort((short) 2).putShort((short) 62).putInt(1);
    out.putLong(ENTRY).putLong(64).putLong(0).putInt(0);
    out.putShort((short) 64).putShort((short) 56).putShort((short) 2);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    // To be loaded: read, written and run.
    out.putInt(1).putInt(7).putLong(IN_FILE).putLong(ENTRY).putLong(ENTRY);
    out.putLong(code.length).putLong(code.length).putLong(IN_FILE);
    // A note of Xen's that says where it is entered.
    int note = 64 + 2 * 56;
    out.putInt(4).putInt(4).putLong(note).putLong(0).putLong(0).putLong(20).putLong(20).putLong(4);
    out.putInt(4).putInt(4).putInt(18).put(new byte[] {'X', 'e', 'n', 0}).putInt(ENTRY);
    out.position(IN_FILE);
    out.put(code);
    return out.array();
  }

  private static byte[] code() {
    // Its length does not depend on the addresses in it.
    int length = (new Program(0, 0, 0).bytes().length + 7) / 8 * 8;
    int table = ENTRY + length;
    int tablePointer = table + (BREAKPOINT + 1) * GATE;
    int nothing = tablePointer + 8;
    var program = new Program(table, tablePointer, nothing);
    var all = ByteBuffer.allocate(nothing + 8 - ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    all.put(program.bytes());
    int handler = ENTRY + program.handler();
    all.position(table - ENTRY + BREAKPOINT * GATE);
    all.putShort((short) handler).putShort((short) 0);
    all.put((byte) 0).put((byte) 0x8e).putShort((short) (handler >>> 16));
    all.putShort((short) ((BREAKPOINT + 1) * GATE - 1)).putInt(table);
    return all.array();
  }

  /** Instructions, one a line. */
  private static final class Program {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int handler;

    Program(int table, int tablePointer, int nothing) {
      bytes(0xfa); // cli
      bytes(0xbc).word(STACK); // mov esp, STACK
      bytes(0x66, 0xba, SERIAL_PORT & 0xff, SERIAL_PORT >> 8); // mov dx, SERIAL_PORT
      say(BEGINS);
      bytes(0x8c, 0xc8); // mov eax, cs
      bytes(0x66, 0xa3).word(table + BREAKPOINT * GATE + 2); // mov [the gate's segment], ax
      bytes(0x0f, 0x01, 0x1d).word(tablePointer); // lidt
      bytes(0xb9).word(COUNT); // mov ecx, COUNT
      bytes(0x49, 0x75, 0xfd); // dec ecx; jnz to it
      bytes(0xcc); // int3
      handler = out.size();
      say(RUNS);
      // With no table, a fault cannot be taken: the machine resets, which ends it.
      bytes(0x0f, 0x01, 0x1d).word(nothing); // lidt
      bytes(0x0f, 0x0b); // ud2
    }

    int handler() {
      return handler;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private Program bytes(int... values) {
      for (int value : values) {
        out.write(value);
      }
      return this;
    }

    private void word(int value) {
      bytes(value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >>> 24);
    }

    private void say(String text) {
      for (byte each : text.getBytes(StandardCharsets.US_ASCII)) {
        bytes(0xb0, each, 0xee); // mov al, each; out dx, al
      }
    }
  }
}
