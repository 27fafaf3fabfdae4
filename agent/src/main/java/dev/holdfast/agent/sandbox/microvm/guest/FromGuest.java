package dev.holdfast.agent.sandbox.microvm.guest;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a guest says. */
sealed interface FromGuest {
  /**
   * @param bootId of its kernel
   */
  record Ready(String bootId) implements FromGuest {}

  /** It has done what the host sent by {@code FILES}, {@code NETWORK} or {@code KEEP}. */
  record Done(Answer to) implements FromGuest {}

  /** What a guest says that it has done. */
  enum Answer {
    FILES,
    NETWORK,
    KEPT
  }

  /** The runner has connected. */
  record ChannelOpen() implements FromGuest {}

  record ChannelSaid(byte[] bytes) implements FromGuest {}

  record ChannelEnded() implements FromGuest {}

  record Diagnostics(byte[] bytes) implements FromGuest {}

  record OutOfMemory() implements FromGuest {}

  record Exited(int code) implements FromGuest {}

  /** The guest agent gives up. */
  record Failed(String why) implements FromGuest {}

  int LONGEST_TEXT = 600;

  /**
   * The next one.
   *
   * @throws java.io.EOFException if the guest is gone
   * @throws IOException also if what came is none
   */
  static FromGuest read(DataInputStream in) throws IOException {
    int code = in.readUnsignedByte();
    int stream = in.readUnsignedByte();
    int length = in.readInt();
    if (stream != 0 || length < 0 || length > ToGuest.MOST_PAYLOAD) {
      throw new IOException(
          "the guest sent no frame: kind " + code + ", stream " + stream + ", length " + length);
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    return switch (code) {
      case 64 -> new Ready(text(payload, "[0-9a-f-]{36}"));
      case 65 ->
          new Done(Answer.valueOf(text(payload, "files|network|kept").toUpperCase(Locale.ROOT)));
      case 66 -> new ChannelOpen();
      case 67 -> new ChannelSaid(payload);
      case 68 -> new ChannelEnded();
      case 69 -> new Diagnostics(payload);
      case 70 -> new OutOfMemory();
      case 71 -> new Exited(Integer.parseInt(text(payload, "[0-9]{1,3}")));
      case 72 -> new Failed(printable(payload));
      default -> throw new IOException("the guest sent a frame of kind " + code);
    };
  }

  private static String text(byte[] payload, String form) throws IOException {
    String text = new String(payload, StandardCharsets.US_ASCII);
    if (!text.matches(form)) {
      throw new IOException("the guest said what it must not: " + printable(payload));
    }
    return text;
  }

  private static String printable(byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ").strip();
    return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
  }
}
