package dev.holdfast.model.wire.channel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * One frame of the runner channel: payload length (4 bytes, big-endian), kind (1 byte), payload.
 *
 * @param payload not copied; the caller gives it away
 */
public record Frame(FrameKind kind, byte[] payload) {

  /** What a frame says of itself before its payload. */
  public record Head(FrameKind kind, int length) {}

  /**
   * Reads what stands before a payload, which is then for the caller to read.
   *
   * @throws EOFException if the channel ended
   * @throws BrokenChannel if what came is not a frame, or larger than its kind may be
   */
  public static Head head(DataInputStream in) throws IOException {
    int length = in.readInt();
    int code = in.readUnsignedByte();
    FrameKind kind = FrameKind.of(code);
    if (length < 0 || length > kind.most()) {
      throw new BrokenChannel(
          "a frame of kind "
              + kind
              + " says it has "
              + length
              + " bytes; the most is "
              + kind.most());
    }
    return new Head(kind, length);
  }

  /**
   * Reads one.
   *
   * @throws EOFException if the channel ended, at a frame's edge or inside one
   * @throws BrokenChannel if what came is not a frame, or larger than its kind may be
   */
  public static Frame read(DataInputStream in) throws IOException {
    Head head = head(in);
    byte[] payload = new byte[head.length()];
    in.readFully(payload);
    return new Frame(head.kind(), payload);
  }

  /** Writes this one; does not flush. One thread at a time. */
  public void write(DataOutputStream out) throws IOException {
    write(out, kind, payload, 0, payload.length);
  }

  /** Writes a frame from a part of {@code bytes}; does not flush. One thread at a time. */
  public static void write(
      DataOutputStream out, FrameKind kind, byte[] bytes, int offset, int length)
      throws IOException {
    java.util.Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length > kind.most()) {
      throw new BrokenChannel(
          "a frame of kind "
              + kind
              + " would have "
              + length
              + " bytes; the most is "
              + kind.most());
    }
    out.writeInt(length);
    out.writeByte(kind.code());
    out.write(bytes, offset, length);
  }
}
