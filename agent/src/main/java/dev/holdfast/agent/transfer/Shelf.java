package dev.holdfast.agent.transfer;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.wire.agent.KeepApi;
import java.nio.file.Path;
import java.util.List;

/** Where the files of one attempt are kept beyond it. Used by one thread. */
public interface Shelf {
  /** What a cache or a download of the job is to be given. */
  KeepApi.Found find(KeepApi.Kind kind, int index, List<String> hashes)
      throws ShelfFailed, InterruptedException;

  /**
   * Writes what was found to {@code to}, whose bytes have the digest that was said.
   *
   * @throws ShelfFailed also if they have another
   */
  void fetch(KeepApi.Item item, Path to) throws ShelfFailed, InterruptedException;

  /** Whether a cache or an upload of the job would be kept. */
  KeepApi.Offered offer(KeepApi.Kind kind, int index, List<String> hashes)
      throws ShelfFailed, InterruptedException;

  /** Keeps the bytes of {@code archive}. */
  KeepApi.Committed keep(
      KeepApi.Kind kind, int index, List<String> hashes, Path archive, Digest digest, long size)
      throws ShelfFailed, InterruptedException;

  /** It cannot be reached, or does not do what it should. The message is one line. */
  final class ShelfFailed extends Exception {
    private static final long serialVersionUID = 1L;

    public ShelfFailed(String message) {
      super(message);
    }
  }

  /** Nothing is kept. */
  static Shelf none(String why) {
    return new Shelf() {
      @Override
      public KeepApi.Found find(KeepApi.Kind kind, int index, List<String> hashes) {
        return new KeepApi.Found(List.of(), why);
      }

      @Override
      public void fetch(KeepApi.Item item, Path to) throws ShelfFailed {
        throw new ShelfFailed(why);
      }

      @Override
      public KeepApi.Offered offer(KeepApi.Kind kind, int index, List<String> hashes) {
        return new KeepApi.Offered(false, "", why, 0);
      }

      @Override
      public KeepApi.Committed keep(
          KeepApi.Kind kind,
          int index,
          List<String> hashes,
          Path archive,
          Digest digest,
          long size) {
        return new KeepApi.Committed(false, why);
      }
    };
  }
}
