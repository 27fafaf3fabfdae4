package dev.holdfast.orchestrator.blob;

import dev.holdfast.model.approval.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Bytes by their SHA-256: what stands under a digest never changes, and is looked at again before
 * it is given out. Thread-safe.
 *
 * <p>An upload grows at its end until {@link #seal} makes a blob of it. A blob that is pinned is
 * not removed, so that whoever sealed it can say where it is needed; nor is what somebody reads
 * taken from under them.
 */
public interface BlobStore {
  /**
   * Puts bytes at {@code offset} of an upload. What is already there is passed over, so that a
   * piece can be sent twice.
   *
   * @param upload a safe file name
   * @return the upload's new length
   * @throws Gap if {@code offset} is beyond its end
   */
  long append(String upload, long offset, byte[] bytes) throws IOException, Gap;

  /** How long an upload is; 0 if there is none. */
  long length(String upload) throws IOException;

  /**
   * Makes a blob of an upload, durably, and pins it until the pin is closed. The upload is gone
   * then.
   *
   * @throws Mismatch if its bytes are others; the upload is gone then too
   */
  Pin seal(String upload, Digest digest, long size) throws IOException, Mismatch;

  /** Forgets an upload. */
  void discard(String upload) throws IOException;

  /**
   * A blob, its bytes found to be those of its digest just now.
   *
   * @throws Damaged if they are not: then it is put aside, and there is none any more
   */
  Optional<Reading> open(Digest digest) throws IOException, Damaged;

  /**
   * Removes blobs that nobody needs and that are older than {@code age}, and uploads that did not
   * grow for as long.
   *
   * @param needed is asked of each while nobody can pin it
   * @return how many blobs
   */
  int sweep(Predicate<Digest> needed, Duration age) throws IOException;

  /** That a blob stays. */
  interface Pin extends Closeable {
    @Override
    void close();
  }

  /** A blob that is read. It stays readable to its end whatever happens to the store. */
  interface Reading extends Closeable {
    long size();

    /** All from {@code offset} on; the stream need not be closed. */
    InputStream from(long offset) throws IOException;
  }

  /** A piece that would leave a hole. */
  final class Gap extends Exception {
    private static final long serialVersionUID = 1L;

    public Gap(String message) {
      super(message);
    }
  }

  /** An upload is not what it was said to be. */
  final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    public Mismatch(String message) {
      super(message);
    }
  }

  /** Somebody changed a blob's bytes, or a disk did. */
  final class Damaged extends Exception {
    private static final long serialVersionUID = 1L;

    public Damaged(String message) {
      super(message);
    }
  }
}
