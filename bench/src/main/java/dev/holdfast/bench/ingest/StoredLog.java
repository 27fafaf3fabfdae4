package dev.holdfast.bench.ingest;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Api;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A log as the API gives it back, known by its length and hash. */
record StoredLog(long length, String sha256) {

  /** Reads the whole log of {@code attempt}. */
  static StoredLog read(Api api, String attempt) throws IOException {
    MessageDigest digest = newDigest();
    long length = 0;
    String path = "/api/v1/attempts/" + attempt + "/log";
    try (Connection.Body body = api.connection().stream("GET", path, new byte[0])) {
      if (body.status() != 200) {
        throw new IOException("GET " + path + " is answered with status " + body.status());
      }
      var buffer = new byte[64 * 1024];
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        digest.update(buffer, 0, count);
        length += count;
      }
    }
    return new StoredLog(length, HexFormat.of().formatHex(digest.digest()));
  }

  /** What {@code text}, {@code times} times, must have become. */
  static StoredLog expected(byte[] text, int times) {
    MessageDigest digest = newDigest();
    for (int i = 0; i < times; i++) {
      digest.update(text);
    }
    return new StoredLog((long) text.length * times, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
