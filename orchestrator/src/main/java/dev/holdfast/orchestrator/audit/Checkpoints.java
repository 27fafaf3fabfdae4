package dev.holdfast.orchestrator.audit;

import dev.holdfast.model.audit.Checkpoint;
import dev.holdfast.model.audit.Kept;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.seal.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Signs what the log has come to, in a file that only grows and that an operator can keep a copy of
 * elsewhere. Thread-safe.
 */
public final class Checkpoints implements AutoCloseable {
  /** Below the data folder: one checkpoint a line. */
  public static final String FILE = "audit/checkpoints";

  /** Below the data folder: the open half of the key, to check them with. */
  public static final String KEY = "audit/key.pub";

  private final Database database;
  private final SigningKey key;
  private final InstantSource clock;
  private final FileChannel file;
  private long end;
  private long signed;

  private Checkpoints(
      Database database,
      SigningKey key,
      InstantSource clock,
      FileChannel file,
      long end,
      long signed) {
    this.end = end;
    this.database = database;
    this.key = key;
    this.clock = clock;
    this.file = file;
    this.signed = signed;
  }

  /** Opens the file below {@code data}, and makes it and the key if they are not there. */
  public static Checkpoints open(Path data, Database database, InstantSource clock)
      throws IOException {
    SigningKey key = SigningKey.open(data.resolve("keys/audit.key"));
    Files.createDirectories(data.resolve("audit"));
    Files.writeString(data.resolve(KEY), key.openText() + "\n");
    Path path = data.resolve(FILE);
    List<Checkpoint> before = Files.exists(path) ? read(path) : List.of();
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    // A line that a crash cut short vouches for nothing, and must not begin the next one.
    file.truncate(whole(path));
    return new Checkpoints(
        database, key, clock, file, file.size(), before.isEmpty() ? 0 : before.getLast().number());
  }

  /** Signs the newest entry, unless it is signed. To be called every second or so. */
  public synchronized void sweep() {
    Optional<Kept> newest = database.read(AuditLog::newest);
    if (newest.isEmpty() || newest.get().entry().number() == signed) {
      return;
    }
    Kept last = newest.get();
    Checkpoint checkpoint =
        Checkpoint.of(
            last.entry().number(),
            last.hash(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            key.secret());
    ByteBuffer line =
        ByteBuffer.wrap(
            (Records.write(Checkpoint.class, checkpoint) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      long at = end;
      while (line.hasRemaining()) {
        at += file.write(line, at);
      }
      file.force(true);
      // Only now: what a full disk cut short is written over.
      end = at;
    } catch (IOException e) {
      throw new UncheckedIOException("the audit log's checkpoints cannot be written", e);
    }
    signed = last.entry().number();
  }

  /** How many bytes of a file are whole lines. */
  private static long whole(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  /** All checkpoints in a file. A last line that a crash cut short counts for nothing. */
  static List<Checkpoint> read(Path file) throws IOException {
    var all = new ArrayList<Checkpoint>();
    List<String> lines = List.of(Files.readString(file).split("\n", -1));
    for (String one : lines.subList(0, lines.size() - 1)) {
      try {
        all.add(Records.read(Checkpoint.class, one));
      } catch (MalformedJson e) {
        throw new IOException(
            "line "
                + (all.size() + 1)
                + " of "
                + file
                + " is no checkpoint: "
                + e.getMessage()
                + "; move the file to a safe place, since it shows that somebody changed it",
            e);
      }
    }
    return all;
  }

  /** Signs what is left, and closes the file. */
  @Override
  public synchronized void close() throws IOException {
    sweep();
    file.close();
  }
}
