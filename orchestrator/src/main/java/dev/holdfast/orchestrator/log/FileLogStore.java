package dev.holdfast.orchestrator.log;

import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs as files: {@code XY/ATTEMPT.log} for the last two characters of the attempt's id, so that no
 * folder grows too large. A log whose last append a crash cut short is cut back to what was
 * acknowledged, when it is first asked for. One store owns its folder.
 */
public final class FileLogStore implements LogStore {
  private static final Pattern ATTEMPT = Pattern.compile("[a-z0-9_]{1,80}");
  private static final int MOST_OPEN = 256;

  /** A log that may be open, and how many calls are using it. */
  private static final class Slot {
    private final ReentrantLock opening = new ReentrantLock();
    private volatile @Nullable LogFile file;
    private int users;
  }

  /** What a call does with its log. */
  private interface Use<T, E extends Exception> {
    T with(LogFile log) throws IOException, E;
  }

  private final Path folder;
  private final InstantSource clock;
  private final int mostOpen;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, Slot> slots = new LinkedHashMap<>(64, 0.75f, true);
  private boolean closed;

  /**
   * @param folder made if it is not there
   */
  public FileLogStore(Path folder, InstantSource clock) throws IOException {
    this(folder, clock, MOST_OPEN);
  }

  FileLogStore(Path folder, InstantSource clock, int mostOpen) throws IOException {
    this.folder = folder;
    this.clock = clock;
    this.mostOpen = mostOpen;
    Files.createDirectories(folder);
  }

  @Override
  public long append(String attempt, long offset, byte[] bytes) throws IOException, Gap {
    return this.<Long, Gap>use(attempt, log -> log.append(offset, bytes));
  }

  @Override
  public long length(String attempt) throws IOException {
    return this.<Long, RuntimeException>use(attempt, LogFile::length);
  }

  @Override
  public void finish(String attempt) throws IOException {
    this.<Boolean, RuntimeException>use(
        attempt,
        log -> {
          log.finish();
          return true;
        });
  }

  @Override
  public void read(String attempt, long offset, long most, OutputStream out) throws IOException {
    this.<Boolean, RuntimeException>use(
        attempt,
        log -> {
          log.read(offset, most, out);
          return true;
        });
  }

  @Override
  public Optional<Instant> time(String attempt, long offset) throws IOException {
    return this.<Optional<Instant>, RuntimeException>use(attempt, log -> log.time(offset));
  }

  @Override
  public boolean await(String attempt, long offset, Duration patience)
      throws IOException, InterruptedException {
    return this.<Boolean, InterruptedException>use(attempt, log -> log.await(offset, patience));
  }

  private <T, E extends Exception> T use(String attempt, Use<T, E> use) throws IOException, E {
    Slot slot = take(attempt);
    try {
      return use.with(open(attempt, slot));
    } finally {
      giveBack(slot);
    }
  }

  private LogFile open(String attempt, Slot slot) throws IOException {
    slot.opening.lock();
    try {
      LogFile open = slot.file;
      if (open == null) {
        String fan = attempt.substring(Math.max(0, attempt.length() - 2));
        open = LogFile.open(attempt, folder.resolve(fan), clock);
        slot.file = open;
      }
      return open;
    } finally {
      slot.opening.unlock();
    }
  }

  private Slot take(String attempt) throws IOException {
    if (!ATTEMPT.matcher(attempt).matches()) {
      throw new IllegalArgumentException(Quote.of(attempt) + " is not the id of an attempt");
    }
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the log store is closed");
      }
      Slot slot = slots.computeIfAbsent(attempt, a -> new Slot());
      slot.users++;
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(Slot slot) throws IOException {
    var idle = new ArrayList<LogFile>();
    lock.lock();
    try {
      slot.users--;
      if (slots.size() > mostOpen) {
        var oldest = slots.values().iterator();
        while (oldest.hasNext() && slots.size() > mostOpen) {
          Slot each = oldest.next();
          if (each.users == 0) {
            oldest.remove();
            LogFile file = each.file;
            if (file != null) {
              idle.add(file);
            }
          }
        }
      }
    } finally {
      lock.unlock();
    }
    for (LogFile file : idle) {
      file.close();
    }
  }

  @Override
  public void close() throws IOException {
    var open = new ArrayList<LogFile>();
    lock.lock();
    try {
      closed = true;
      for (Slot slot : slots.values()) {
        LogFile file = slot.file;
        if (file != null) {
          open.add(file);
        }
      }
      slots.clear();
    } finally {
      lock.unlock();
    }
    for (LogFile file : open) {
      file.close();
    }
  }
}
