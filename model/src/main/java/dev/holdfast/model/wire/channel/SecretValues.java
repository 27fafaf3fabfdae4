package dev.holdfast.model.wire.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The payload of a {@link FrameKind#SECRETS} frame: for each secret the length of its name (1
 * byte), its name, the length of its value (4 bytes, big-endian), its value. Bytes, and not JSON: a
 * text in memory cannot be wiped, and may be there for as long as the process is.
 */
public final class SecretValues {
  /** What the name of a token begins with, before whom it is for; no secret's name can. */
  private static final String TOKEN = "identity:";

  private SecretValues() {}

  /** The name of the token for {@code audience} among the secrets of a step. */
  public static String token(String audience) {
    return TOKEN + audience;
  }

  /** Whether {@code name} is a token's. */
  public static boolean isToken(String name) {
    return name.startsWith(TOKEN);
  }

  /** The payload, for the caller to wipe. The values stay as they are. */
  public static byte[] payload(Map<String, byte[]> values) throws BrokenChannel {
    long length = 0;
    for (var secret : values.entrySet()) {
      length += 1L + name(secret.getKey()).length + 4 + secret.getValue().length;
    }
    if (length > FrameKind.SECRETS.most()) {
      throw new BrokenChannel(
          "the step's secrets have together "
              + length
              + " bytes; the most is "
              + FrameKind.SECRETS.most());
    }
    var out = ByteBuffer.wrap(new byte[(int) length]);
    values.forEach((name, value) -> {
      byte[] bytes = name(name);
      out.put((byte) bytes.length).put(bytes).putInt(value.length).put(value);
    });
    return out.array();
  }

  /**
   * Hands each of them out.
   *
   * @param payload is read to its end; the values given away are slices of it
   */
  public static void each(ByteBuffer payload, BiConsumer<String, ByteBuffer> secret)
      throws BrokenChannel {
    while (payload.hasRemaining()) {
      byte[] name = new byte[Byte.toUnsignedInt(payload.get())];
      if (payload.remaining() < name.length + 4) {
        throw new BrokenChannel("a frame with secrets ends inside a name");
      }
      payload.get(name);
      int length = payload.getInt();
      if (length < 0 || length > payload.remaining()) {
        throw new BrokenChannel("a frame with secrets ends inside a value");
      }
      secret.accept(
          new String(name, StandardCharsets.US_ASCII), payload.slice(payload.position(), length));
      payload.position(payload.position() + length);
    }
  }

  private static byte[] name(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > 255) {
      throw new IllegalArgumentException("the name of a secret has more than 255 characters");
    }
    return bytes;
  }
}
