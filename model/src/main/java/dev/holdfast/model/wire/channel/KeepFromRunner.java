package dev.holdfast.model.wire.channel;

import dev.holdfast.model.wire.Bounds;
import java.util.List;

/**
 * What a runner says about files that are kept beyond its job. Before the first step: {@link
 * Restore} of each cache and {@link Fetch} of each download, each answered by {@link
 * KeepToRunner.Coming} and the bytes, or by {@link KeepToRunner.Missing}. After the last step:
 * {@link OfferCache} and {@link OfferArtifact}, each answered by {@link KeepToRunner.Wanted} or
 * {@link KeepToRunner.NotWanted}; what is wanted follows as {@link FrameKind#ARCHIVE} frames, then
 * {@link Packed} or {@link GivenUp}, answered by {@link KeepToRunner.Kept} or {@link
 * KeepToRunner.NotKept}. One at a time. The agent takes every byte as hostile.
 */
public sealed interface KeepFromRunner {
  /** More than any job has, of each kind. */
  int MOST = 64;

  int MOST_HASHES = 256;

  /**
   * @param cache which of the job's, from 0
   * @param hashes of files, for its keys
   */
  record Restore(int cache, List<String> hashes) implements KeepFromRunner {
    public Restore {
      Bounds.range("cache", cache, 0, MOST);
      Bounds.range("the count of hashes", hashes.size(), 0, MOST_HASHES);
    }
  }

  /**
   * @param download which of the job's, from 0
   */
  record Fetch(int download) implements KeepFromRunner {
    public Fetch {
      Bounds.range("download", download, 0, MOST);
    }
  }

  record OfferCache(int cache, List<String> hashes) implements KeepFromRunner {
    public OfferCache {
      Bounds.range("cache", cache, 0, MOST);
      Bounds.range("the count of hashes", hashes.size(), 0, MOST_HASHES);
    }
  }

  /**
   * @param upload which of the job's, from 0
   */
  record OfferArtifact(int upload) implements KeepFromRunner {
    public OfferArtifact {
      Bounds.range("upload", upload, 0, MOST);
    }
  }

  /** The archive is whole. */
  record Packed() implements KeepFromRunner {}

  /** The archive will not be whole. */
  record GivenUp(String why) implements KeepFromRunner {}

  /** What came could not be put in place. The next follows. */
  record Unusable(String why) implements KeepFromRunner {}
}
