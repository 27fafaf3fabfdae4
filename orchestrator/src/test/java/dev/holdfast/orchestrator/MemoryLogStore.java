package dev.holdfast.orchestrator;

import dev.holdfast.orchestrator.log.LogStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Logs in memory, by the same rules as those on disk. */
final class MemoryLogStore implements LogStore {
  private final Map<String, Log> logs = new HashMap<>();

  private static final class Log {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean finished;
  }

  private Log log(String attempt) {
    return logs.computeIfAbsent(attempt, a -> new Log());
  }

  @Override
  public synchronized long append(String attempt, long offset, byte[] bytes) throws Gap {
    Log log = log(attempt);
    int length = log.bytes.size();
    if (offset > length || log.finished) {
      throw new Gap("no room at " + offset, length);
    }
    int there = (int) Math.min(bytes.length, length - offset);
    log.bytes.write(bytes, there, bytes.length - there);
    notifyAll();
    return log.bytes.size();
  }

  @Override
  public synchronized long length(String attempt) {
    return log(attempt).bytes.size();
  }

  @Override
  public synchronized void finish(String attempt) {
    log(attempt).finished = true;
    notifyAll();
  }

  @Override
  public synchronized void read(String attempt, long offset, long most, OutputStream out)
      throws IOException {
    byte[] all = log(attempt).bytes.toByteArray();
    int from = (int) Math.min(offset, all.length);
    out.write(all, from, (int) Math.min(most, all.length - from));
  }

  @Override
  public synchronized Optional<Instant> time(String attempt, long offset) {
    return offset < log(attempt).bytes.size() ? Optional.of(Instant.EPOCH) : Optional.empty();
  }

  @Override
  public synchronized boolean await(String attempt, long offset, Duration patience)
      throws InterruptedException {
    Log log = log(attempt);
    long end = System.nanoTime() + patience.toNanos();
    long left = patience.toMillis();
    while (log.bytes.size() <= offset && !log.finished && left > 0) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    return log.finished && log.bytes.size() <= offset;
  }

  @Override
  public void close() {}
}
