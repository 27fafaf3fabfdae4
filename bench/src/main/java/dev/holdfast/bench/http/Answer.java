package dev.holdfast.bench.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A whole answer. */
public record Answer(int status, byte[] body) {

  /**
   * This one, if it is a success.
   *
   * @param asked for the error
   * @throws IOException if it is not
   */
  public Answer orThrow(String asked) throws IOException {
    if (status < 200 || status > 299) {
      throw new IOException(
          asked
              + " is answered with status "
              + status
              + ": "
              + new String(body, 0, Math.min(body.length, 500), StandardCharsets.UTF_8).strip());
    }
    return this;
  }
}
