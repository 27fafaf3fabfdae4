package dev.holdfast.model.wire.agent;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.wire.Bounds;
import java.util.List;

/**
 * What agent and orchestrator say about files that are kept beyond a job. The agent names the
 * attempt, and which cache or artifact of its job it is about; whose key that is, who may read it
 * and how far whoever wrote it is trusted, the orchestrator knows by itself.
 */
public final class KeepApi {
  /** Bytes of one piece of an upload. */
  public static final int PIECE = 4 * 1024 * 1024;

  private KeepApi() {}

  /** What is kept. */
  public enum Kind {
    CACHE,
    ARTIFACT
  }

  /**
   * Asks for what a cache or a download of the attempt's job is to be given.
   *
   * @param index which of the job's, from 0
   * @param hashes of files, for a cache's keys
   */
  public record Find(long fence, Kind kind, int index, List<String> hashes) {
    public Find {
      Bounds.range("index", index, 0, 64);
      Bounds.range("the count of hashes", hashes.size(), 0, 256);
    }
  }

  /**
   * What there is; for a cache at most one.
   *
   * @param why there is none
   */
  public record Found(List<Item> items, String why) {}

  /**
   * An archive.
   *
   * @param name a cache's key, or an artifact's name and job
   * @param exact whether a cache has the very key
   * @param note what is to be said of it in the log, as who wrote it; may be empty
   */
  public record Item(Digest digest, long size, String name, boolean exact, String note) {}

  /** Asks whether a cache or an upload of the attempt's job would be kept. */
  public record Offer(long fence, Kind kind, int index, List<String> hashes) {
    public Offer {
      Bounds.range("index", index, 0, 64);
      Bounds.range("the count of hashes", hashes.size(), 0, 256);
    }
  }

  /**
   * @param name a cache's key, or an artifact's name
   * @param why it is not wanted
   * @param most bytes that it may have
   */
  public record Offered(boolean wanted, String name, String why, long most) {}

  /**
   * @param length of the upload so far; where the next bytes go
   */
  public record Taken(long length) {}

  /** Says that an upload is whole. */
  public record Commit(
      long fence, Kind kind, int index, List<String> hashes, Digest digest, long size) {
    public Commit {
      Bounds.range("index", index, 0, 64);
      Bounds.range("the count of hashes", hashes.size(), 0, 256);
      Bounds.range("size", size, 0, Long.MAX_VALUE);
    }
  }

  /**
   * @param why it is not
   */
  public record Committed(boolean kept, String why) {}
}
