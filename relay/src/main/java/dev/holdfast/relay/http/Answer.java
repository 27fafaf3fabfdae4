package dev.holdfast.relay.http;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.RelayApi.Refusal;
import java.time.Duration;
import java.util.Optional;

/**
 * What a call is answered with. Nothing that came in goes out again: all texts are the relay's own.
 *
 * @param retry when it is worth another try
 * @param last whether the connection ends with it: what else was on its way is not read
 */
public record Answer(int status, String type, byte[] body, Optional<Duration> retry, boolean last) {
  public static <T> Answer json(int status, Class<T> type, T value) {
    return new Answer(
        status, "application/json", Records.utf8(type, value), Optional.empty(), false);
  }

  public static Answer text(int status, String type, String text) {
    return new Answer(
        status,
        type,
        text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        Optional.empty(),
        false);
  }

  public static Answer refusal(int status, String why) {
    return json(status, Refusal.class, new Refusal(why));
  }

  public Answer retry(Duration in) {
    return new Answer(status, type, body, Optional.of(in), last);
  }

  /** With the end of the connection. */
  public Answer ending() {
    return new Answer(status, type, body, retry, true);
  }
}
