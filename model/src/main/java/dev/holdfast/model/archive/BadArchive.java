package dev.holdfast.model.archive;

import java.io.IOException;

/** What came is no archive of ours, or larger than it may be. The message is one line. */
public final class BadArchive extends IOException {
  private static final long serialVersionUID = 1L;

  public BadArchive(String message) {
    super(message);
  }
}
