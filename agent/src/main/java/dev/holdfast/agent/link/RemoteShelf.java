package dev.holdfast.agent.link;

import dev.holdfast.agent.transfer.Shelf;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.wire.agent.KeepApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the orchestrator keeps, for one attempt. What a lost connection cut short goes on where it
 * ended; after {@link #PATIENCE} without any progress it is given up.
 */
public final class RemoteShelf implements Shelf {
  /** As long as a restart takes, and short enough that a job need not wait for long. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(RemoteShelf.class);

  private final OrchestratorClient client;
  private final String attempt;
  private final long fence;
  private final Duration patience;

  public RemoteShelf(OrchestratorClient client, String attempt, long fence) {
    this(client, attempt, fence, PATIENCE);
  }

  RemoteShelf(OrchestratorClient client, String attempt, long fence, Duration patience) {
    this.client = client;
    this.attempt = attempt;
    this.fence = fence;
    this.patience = patience;
  }

  private interface Call<A> {
    A make() throws Unreachable, Rejected, InterruptedException;
  }

  @Override
  public KeepApi.Found find(KeepApi.Kind kind, int index, List<String> hashes)
      throws ShelfFailed, InterruptedException {
    return insist(() -> client.find(attempt, new KeepApi.Find(fence, kind, index, hashes)));
  }

  @Override
  public KeepApi.Offered offer(KeepApi.Kind kind, int index, List<String> hashes)
      throws ShelfFailed, InterruptedException {
    return insist(() -> client.offer(attempt, new KeepApi.Offer(fence, kind, index, hashes)));
  }

  @Override
  public void fetch(KeepApi.Item item, Path to) throws ShelfFailed, InterruptedException {
    if (item.size() > Caps.standard().packed()) {
      throw new ShelfFailed("it is larger than " + Caps.size(Caps.standard().packed()));
    }
    MessageDigest digest = Sha256.start();
    long length = 0;
    try (OutputStream out =
        Files.newOutputStream(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (length < item.size()) {
        long at = length;
        InputStream from = insist(() -> client.blob(attempt, fence, item.digest(), at));
        length += copied(from, item.size() - length, digest, out);
        if (length == at) {
          throw new ShelfFailed("the server sent nothing of " + item.digest());
        }
      }
    } catch (IOException e) {
      throw new ShelfFailed("the agent cannot write it: " + e.getMessage());
    }
    if (!item.digest().value().equals("sha256:" + HexFormat.of().formatHex(digest.digest()))) {
      throw new ShelfFailed(
          "what came is not what was kept: its bytes do not have the digest " + item.digest());
    }
  }

  /** What arrived before the end, or before the connection broke or fell silent. */
  private long copied(InputStream from, long most, MessageDigest digest, OutputStream out)
      throws IOException {
    long arrived = 0;
    byte[] piece = new byte[128 * 1024];
    var last = new AtomicLong(System.nanoTime());
    Thread watch = Thread.ofVirtual().start(() -> endSilence(from, last));
    try (from) {
      while (arrived < most) {
        int read;
        try {
          read = from.read(piece, 0, (int) Math.min(piece.length, most - arrived));
        } catch (IOException e) {
          return arrived;
        }
        if (read < 0) {
          return arrived;
        }
        last.set(System.nanoTime());
        digest.update(piece, 0, read);
        out.write(piece, 0, read);
        arrived += read;
      }
    } finally {
      watch.interrupt();
    }
    return arrived;
  }

  /** Closes {@code from} once nothing came for too long: reading it knows no end of patience. */
  private void endSilence(InputStream from, AtomicLong last) {
    long silence = Math.min(patience.toNanos(), SILENCE.toNanos());
    try {
      long left = silence;
      while (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
        left = silence - (System.nanoTime() - last.get());
      }
      from.close();
    } catch (InterruptedException e) {
      // All came.
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("{}: {}", attempt, e.getMessage());
    }
  }

  @Override
  public KeepApi.Committed keep(
      KeepApi.Kind kind, int index, List<String> hashes, Path archive, Digest digest, long size)
      throws ShelfFailed, InterruptedException {
    String upload = kind.name().toLowerCase(java.util.Locale.ROOT) + "-" + index;
    byte[] piece = new byte[KeepApi.PIECE];
    try (InputStream in = Files.newInputStream(archive)) {
      long at = 0;
      int read;
      while ((read = in.readNBytes(piece, 0, piece.length)) > 0) {
        long offset = at;
        int length = read;
        KeepApi.Taken taken =
            insist(() -> client.upload(attempt, fence, upload, offset, piece, length));
        if (taken.length() != at + read) {
          throw new ShelfFailed(
              "the server has " + taken.length() + " bytes of it, and was sent " + (at + read));
        }
        at += read;
      }
    } catch (IOException e) {
      throw new ShelfFailed("the agent cannot read it again: " + e.getMessage());
    }
    return insist(
        () -> client.commit(attempt, new KeepApi.Commit(fence, kind, index, hashes, digest, size)));
  }

  private <A> A insist(Call<A> call) throws ShelfFailed, InterruptedException {
    var backoff = new Backoff(Duration.ofSeconds(10), RandomGenerator.getDefault());
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.make();
      } catch (Rejected e) {
        throw new ShelfFailed(String.valueOf(e.getMessage()));
      } catch (Unreachable e) {
        if (System.nanoTime() - end > 0) {
          throw new ShelfFailed(String.valueOf(e.getMessage()));
        }
        Thread.sleep(backoff.nextMillis());
      }
    }
  }
}
