package dev.holdfast.model.wire.relay;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Pulled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The answer to a {@link RelayApi.Pull}, of type {@link #TYPE}: the length of the head, four bytes;
 * the head, as JSON; the sealed bytes of its deliveries, one behind the other.
 *
 * @param sealed one for each of the head's deliveries, of the length said there
 */
public record Batch(Pulled head, List<byte[]> sealed) {
  /** Its media type. */
  public static final String TYPE = "application/vnd.holdfast.relay-batch";

  private static final int LONGEST_HEAD = 1024 * 1024;

  /** Bytes of an answer to a pull that asked for so many, at most. */
  public static long longest(int mostBytes) {
    return 4L + LONGEST_HEAD + Math.max(mostBytes, Sealing.LONGEST);
  }

  public Batch {
    if (head.deliveries().size() != sealed.size()) {
      throw new IllegalArgumentException("a batch names more or fewer deliveries than it holds");
    }
    for (int i = 0; i < sealed.size(); i++) {
      if (sealed.get(i).length != head.deliveries().get(i).length()) {
        throw new IllegalArgumentException("a delivery's length is not what its batch says");
      }
    }
    sealed = List.copyOf(sealed);
  }

  /** What stands before the sealed bytes of the deliveries that {@code head} names. */
  public static byte[] first(Pulled head) {
    byte[] json = Records.utf8(Pulled.class, head);
    return ByteBuffer.allocate(4 + json.length).putInt(json.length).put(json).array();
  }

  /**
   * @throws IllegalArgumentException if {@code bytes} are none, are too few or too many
   */
  public static Batch of(byte[] bytes) {
    int length = bytes.length < 4 ? -1 : ByteBuffer.wrap(bytes).getInt();
    if (length < 0 || length > LONGEST_HEAD || length > bytes.length - 4) {
      throw new IllegalArgumentException("the relay's answer is no batch");
    }
    Pulled head;
    try {
      head = Records.read(Pulled.class, Arrays.copyOfRange(bytes, 4, 4 + length));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    long all = head.deliveries().stream().mapToLong(Delivery::length).sum();
    if (4L + length + all != bytes.length) {
      throw new IllegalArgumentException("the relay's answer is not as long as it says");
    }
    var sealed = new ArrayList<byte[]>();
    int at = 4 + length;
    for (Delivery delivery : head.deliveries()) {
      sealed.add(Arrays.copyOfRange(bytes, at, at + delivery.length()));
      at += delivery.length();
    }
    return new Batch(head, sealed);
  }
}
