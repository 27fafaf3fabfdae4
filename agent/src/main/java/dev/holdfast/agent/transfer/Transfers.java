package dev.holdfast.agent.transfer;

import dev.holdfast.agent.channel.ProtocolViolation;
import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.transfer.Shelf.ShelfFailed;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.ArchiveReader;
import dev.holdfast.model.archive.BadArchive;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.archive.Entry;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.model.wire.agent.KeepApi.Kind;
import dev.holdfast.model.wire.channel.KeepFromRunner;
import dev.holdfast.model.wire.channel.KeepToRunner;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one job gives to be kept, and what it is given. Every byte of the runner's is hostile: it is
 * written into one file of the agent's own, no longer than may be, looked through entry by entry,
 * and only then sent on. Used by the attempt's one thread.
 */
public final class Transfers {
  private static final int PIECE = 128 * 1024;

  private final Job job;
  private final Shelf shelf;
  private final RunnerLink link;
  private final Log log;
  private final Caps caps;
  private final Path file;
  private final Set<KeepFromRunner> done = new HashSet<>();
  private @Nullable Upload upload;

  /** Lines for the job's log. */
  public interface Log {
    void say(String line) throws InterruptedException;
  }

  /**
   * @param directory the agent's own, that goes with the attempt
   */
  public Transfers(Job job, Shelf shelf, RunnerLink link, Log log, Caps caps, Path directory) {
    this.job = job;
    this.shelf = shelf;
    this.link = link;
    this.log = log;
    this.caps = caps;
    this.file = directory.resolve("kept");
  }

  /** An archive that comes from the runner. */
  private static final class Upload {
    private final Kind kind;
    private final int index;
    private final List<String> hashes;
    private final String name;
    private final long most;
    private final OutputStream out;
    private final MessageDigest digest = Sha256.start();
    private long length;
    private boolean tooLong;
    private Optional<String> trouble = Optional.empty();

    Upload(Kind kind, int index, List<String> hashes, KeepApi.Offered offered, OutputStream out) {
      this.kind = kind;
      this.index = index;
      this.hashes = hashes;
      this.name = offered.name();
      this.most = offered.most();
      this.out = out;
    }
  }

  /**
   * Does what the runner asks.
   *
   * @param after whether all steps are over; else none has begun
   */
  public void take(KeepFromRunner message, boolean after)
      throws IOException, ProtocolViolation, InterruptedException {
    switch (message) {
      case KeepFromRunner.Restore(int cache, var hashes) -> {
        once(
            message,
            !after,
            cache < job.cache().size(),
            new KeepFromRunner.Restore(cache, List.of()));
        restore(cache, hashes);
      }
      case KeepFromRunner.Fetch(int download) -> {
        once(message, !after, download < job.downloads().size(), message);
        fetch(download);
      }
      case KeepFromRunner.Unusable unusable -> require(!after, "that something is unusable");
      case KeepFromRunner.OfferCache(int cache, var hashes) -> {
        once(
            message,
            after,
            cache < job.cache().size(),
            new KeepFromRunner.OfferCache(cache, List.of()));
        offer(Kind.CACHE, cache, hashes);
      }
      case KeepFromRunner.OfferArtifact(int index) -> {
        once(message, after, index < job.uploads().size(), message);
        offer(Kind.ARTIFACT, index, List.of());
      }
      case KeepFromRunner.Packed() -> {
        Upload whole = upload;
        require(after && whole != null, "the end of an archive that nobody wanted");
        keep(Objects.requireNonNull(whole));
      }
      case KeepFromRunner.GivenUp(String why) -> {
        Upload broken = upload;
        require(after && broken != null, "the end of an archive that nobody wanted");
        end(Objects.requireNonNull(broken));
        say("keeps nothing as " + Objects.requireNonNull(broken).name + ": " + clean(why));
        link.keep(new KeepToRunner.NotKept("it was given up"));
      }
    }
  }

  private void once(KeepFromRunner message, boolean time, boolean known, KeepFromRunner marked)
      throws ProtocolViolation {
    require(
        upload == null && time && known && done.add(marked),
        "of something to keep, at a time or of a kind that cannot be: "
            + message.getClass().getSimpleName());
  }

  private void restore(int cache, List<String> hashes) throws IOException, InterruptedException {
    String what = "cache " + (cache + 1);
    try {
      KeepApi.Found found = shelf.find(Kind.CACHE, cache, hashes);
      if (found.items().isEmpty()) {
        say(what + " is not restored: " + found.why());
        link.keep(new KeepToRunner.Missing(found.why()));
        return;
      }
      KeepApi.Item item = found.items().getFirst();
      shelf.fetch(item, fresh());
      give(item, 0, "restores " + what);
    } catch (ShelfFailed e) {
      String why = clean(e.getMessage());
      say(what + " is not restored: " + why);
      link.keep(new KeepToRunner.Missing(why));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void fetch(int download) throws IOException, InterruptedException {
    try {
      KeepApi.Found found = shelf.find(Kind.ARTIFACT, download, List.of());
      if (found.items().isEmpty()) {
        link.keep(new KeepToRunner.Missing(clean(found.why())));
        return;
      }
      int left = found.items().size();
      for (KeepApi.Item item : found.items()) {
        left--;
        shelf.fetch(item, fresh());
        give(item, left, "downloads");
      }
    } catch (ShelfFailed e) {
      link.keep(new KeepToRunner.Missing(clean(e.getMessage())));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void give(KeepApi.Item item, int more, String how)
      throws IOException, InterruptedException {
    say(
        how
            + " "
            + clean(item.name())
            + " ("
            + Caps.size(item.size())
            + (item.note().isEmpty() ? "" : ", " + clean(item.note()))
            + ")");
    link.keep(new KeepToRunner.Coming(item.size(), item.exact(), more));
    byte[] piece = new byte[PIECE];
    try (InputStream in = Files.newInputStream(file)) {
      int read;
      while ((read = in.readNBytes(piece, 0, piece.length)) > 0) {
        link.archive(read == piece.length ? piece : Arrays.copyOf(piece, read));
      }
    }
  }

  private void offer(Kind kind, int index, List<String> hashes)
      throws IOException, InterruptedException {
    KeepApi.Offered offered;
    try {
      offered = shelf.offer(kind, index, hashes);
    } catch (ShelfFailed e) {
      offered = new KeepApi.Offered(false, "", String.valueOf(e.getMessage()), 0);
    }
    if (!offered.wanted()) {
      String why = clean(offered.why());
      say((kind == Kind.CACHE ? "cache " : "artifact ") + (index + 1) + " is not kept: " + why);
      link.keep(new KeepToRunner.NotWanted(why));
      return;
    }
    OutputStream out;
    try {
      out = Files.newOutputStream(fresh(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      link.keep(new KeepToRunner.NotWanted("the agent cannot write it: " + clean(e.getMessage())));
      return;
    }
    upload = new Upload(kind, index, hashes, offered, out);
    link.keep(new KeepToRunner.Wanted());
  }

  /** The next bytes of the archive that is wanted. */
  public void archive(byte[] bytes) throws ProtocolViolation {
    Upload to = upload;
    require(to != null && bytes.length > 0, "bytes of an archive that nobody wanted");
    Upload open = Objects.requireNonNull(to);
    open.length += bytes.length;
    // The rest is heard and dropped, so that the runner comes to its end and the job's log says
    // why.
    open.tooLong |= open.length > Math.min(open.most, caps.packed());
    if (open.tooLong || open.trouble.isPresent()) {
      return;
    }
    open.digest.update(bytes);
    try {
      open.out.write(bytes);
    } catch (IOException e) {
      open.trouble = Optional.of("the agent cannot write it: " + e.getMessage());
    }
  }

  private void keep(Upload whole) throws IOException, InterruptedException {
    Optional<String> refusal;
    try {
      whole.out.close();
      refusal =
          whole.tooLong
              ? Optional.of(tooLong(whole))
              : whole.trouble.isPresent() ? whole.trouble : looked(whole);
      if (refusal.isEmpty()) {
        var digest = new Digest("sha256:" + HexFormat.of().formatHex(whole.digest.digest()));
        KeepApi.Committed committed =
            shelf.keep(whole.kind, whole.index, whole.hashes, file, digest, whole.length);
        refusal = committed.kept() ? Optional.empty() : Optional.of(committed.why());
      }
    } catch (ShelfFailed e) {
      refusal = Optional.of(String.valueOf(e.getMessage()));
    }
    end(whole);
    if (refusal.isEmpty()) {
      say("keeps " + clean(whole.name) + " (" + Caps.size(whole.length) + ")");
      link.keep(new KeepToRunner.Kept());
    } else {
      String why = clean(refusal.get());
      say("does not keep " + clean(whole.name) + ": " + why);
      link.keep(new KeepToRunner.NotKept(why));
    }
  }

  private String tooLong(Upload whole) {
    return "it is larger than " + Caps.size(Math.min(whole.most, caps.packed()));
  }

  /** Why the archive is none that anybody should be given; empty if it is in order. */
  private Optional<String> looked(Upload whole) throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(file), PIECE)) {
      var reader = new ArchiveReader(in, caps, whole.kind == Kind.CACHE ? 1 : 0);
      for (Optional<Entry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
        if (whole.kind == Kind.CACHE && !ofPath(entry.get().name(), whole.index)) {
          return Optional.of("it holds something that is of none of the cache's paths");
        }
      }
      return Optional.empty();
    } catch (BadArchive e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private boolean ofPath(String name, int cache) {
    int slash = name.indexOf('/');
    String number = slash < 0 ? name : name.substring(0, slash);
    return number.matches("[0-9]{2}")
        && Integer.parseInt(number) < job.cache().get(cache).paths().size();
  }

  private void end(Upload ended) throws IOException {
    upload = null;
    ended.out.close();
    Files.deleteIfExists(file);
  }

  private Path fresh() throws IOException {
    Files.deleteIfExists(file);
    return file;
  }

  private void say(String line) throws InterruptedException {
    log.say(line);
  }

  private static void require(boolean ok, String what) throws ProtocolViolation {
    if (!ok) {
      throw ProtocolViolation.outOfOrder(what);
    }
  }

  private static String clean(@Nullable String text) {
    String line =
        String.valueOf(text).replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ").strip();
    return line.length() <= 500 ? line : line.substring(0, 500) + "…";
  }
}
