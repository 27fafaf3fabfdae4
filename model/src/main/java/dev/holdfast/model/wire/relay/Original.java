package dev.holdfast.model.wire.relay;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.Bounds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What a forge posted, as it is sealed: {@link #VERSION}, one byte; the length of the head, four
 * bytes; the head, as JSON; the very bytes of the body. There is no path and no query in it: the
 * address is the relay's matter.
 *
 * <p>Who opens one believes nothing of it before the forge's signature over {@code body} was found
 * good: whoever has the tenant's public key can seal what they like.
 *
 * @param method as {@code POST}
 * @param headers of {@link #HEADERS}, in lower case; of a header that came twice there is none
 */
public record Original(String method, Map<String, String> headers, byte[] body) {
  public static final byte VERSION = 1;

  /**
   * The headers that are passed on: what forges sign with or tell events apart by. GitLab's {@code
   * X-Gitlab-Token} is not among them, on purpose: it is the secret itself, which a relay would see
   * in passing and could invent events with. A GitLab behind a relay signs.
   */
  public static final Set<String> HEADERS =
      Set.of(
          "content-type",
          "idempotency-key",
          "webhook-id",
          "webhook-timestamp",
          "webhook-signature",
          "x-github-event",
          "x-github-delivery",
          "x-github-hook-id",
          "x-github-hook-installation-target-id",
          "x-github-hook-installation-target-type",
          "x-hub-signature-256",
          "x-gitea-event",
          "x-gitea-event-type",
          "x-gitea-delivery",
          "x-gitea-signature",
          "x-forgejo-event",
          "x-forgejo-event-type",
          "x-forgejo-delivery",
          "x-forgejo-signature",
          "x-gitlab-event",
          "x-gitlab-event-uuid",
          "x-gitlab-instance",
          "x-gitlab-webhook-uuid");

  /** Characters of a header's value. */
  public static final int LONGEST_VALUE = 1024;

  private static final int LONGEST_HEAD = 64 * 1024;

  /** Of {@link #bytes}. */
  public static final int LONGEST = 1 + 4 + LONGEST_HEAD + RelayApi.LARGEST_BODY;

  private record Head(String method, Map<String, String> headers) {}

  public Original {
    if (!method.equals("POST") && !method.equals("PUT")) {
      throw new IllegalArgumentException("a delivery is neither posted nor put");
    }
    headers.forEach((name, value) -> {
      if (!HEADERS.contains(name)) {
        throw new IllegalArgumentException("a header is none that is passed on");
      }
      Bounds.range("the length of the header " + name, value.length(), 0, LONGEST_VALUE);
    });
    headers = Map.copyOf(headers);
    Bounds.range("the length of the body", body.length, 0, RelayApi.LARGEST_BODY);
  }

  public byte[] bytes() {
    byte[] head = Records.utf8(Head.class, new Head(method, headers));
    return ByteBuffer.allocate(1 + 4 + head.length + body.length)
        .put(VERSION)
        .putInt(head.length)
        .put(head)
        .put(body)
        .array();
  }

  /**
   * @throws IllegalArgumentException if they are none
   */
  public static Original of(byte[] bytes) {
    if (bytes.length < 5 || bytes[0] != VERSION) {
      throw new IllegalArgumentException(
          "what was sealed is no delivery of version " + VERSION + "; update the older side");
    }
    int length = ByteBuffer.wrap(bytes).getInt(1);
    if (length < 0 || length > LONGEST_HEAD || length > bytes.length - 5) {
      throw new IllegalArgumentException("the head of a delivery is longer than the delivery");
    }
    Head head;
    try {
      head = Records.read(Head.class, Arrays.copyOfRange(bytes, 5, 5 + length));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return new Original(
        head.method(), head.headers(), Arrays.copyOfRange(bytes, 5 + length, bytes.length));
  }

  /** Nothing of what it holds: this may reach a log. */
  @Override
  public String toString() {
    return "what a forge posted, " + body.length + " bytes";
  }
}
