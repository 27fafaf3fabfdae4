package dev.holdfast.orchestrator.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt's log. Appends are made one after the other under a lock of their own; what they made
 * durable is then shown to readers, who wait for nobody. Each read opens the file for itself, since
 * a thread that is interrupted closes the channel it reads from.
 */
final class LogFile {
  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  private final String attempt;
  private final Path folder;
  private final Path file;
  private final InstantSource clock;

  private final ReentrantLock appending = new ReentrantLock();
  private @Nullable FileChannel channel;
  private boolean tailUnsure;

  private final ReentrantLock state = new ReentrantLock();
  private final Condition changed = state.newCondition();
  private final FrameIndex index = new FrameIndex();
  private boolean finished;
  private boolean closed;

  private LogFile(String attempt, Path folder, InstantSource clock) {
    this.attempt = attempt;
    this.folder = folder;
    this.file = folder.resolve(attempt + ".log");
    this.clock = clock;
  }

  /** Reads the index of the log, if there is one, and cuts off what a crash left half written. */
  static LogFile open(String attempt, Path folder, InstantSource clock) throws IOException {
    var log = new LogFile(attempt, folder, clock);
    if (Files.exists(log.file)) {
      log.load();
    }
    return log;
  }

  private void load() throws IOException {
    try (var in = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      boolean finishedAlready = walk(in, false);
      if (!finishedAlready) {
        refuseDamage(in);
        // Only the frames of the last append can be torn, but which they are is not written down.
        index.clear();
        finishedAlready = walk(in, true);
      }
      finished = finishedAlready;
      if (in.size() > index.end()) {
        LOG.warn(
            "the log of {} has {} bytes at its end that a crash left half written; cut off at {}",
            attempt,
            in.size() - index.end(),
            index.end());
        in.truncate(index.end());
        in.force(true);
      }
    }
  }

  /** What was finished was whole once, so that nothing of it may be cut off as half written. */
  private void refuseDamage(FileChannel in) throws IOException {
    var last = new byte[Frame.HEADER];
    if (in.size() > index.end() + Frame.HEADER
        && readFully(in, last, in.size() - Frame.HEADER)
        && Frame.isEnd(last)) {
      throw new IOException(
          "the log of " + attempt + " is damaged at byte " + index.end() + " of " + file);
    }
  }

  /** Fills the index up to the first frame that is not whole; whether the log's end was there. */
  private boolean walk(FileChannel in, boolean payloads) throws IOException {
    var header = new byte[Frame.HEADER];
    while (readFully(in, header, index.end())) {
      Frame frame = Frame.read(header, index.length());
      if (frame == null) {
        return false;
      }
      long next = index.end() + Frame.HEADER + frame.compressed();
      if (next > in.size()) {
        return false;
      }
      if (payloads) {
        var payload = new byte[frame.compressed()];
        if (!readFully(in, payload, index.end() + Frame.HEADER) || !frame.matches(payload)) {
          return false;
        }
      }
      index.add(frame);
      if (frame.isEnd()) {
        return true;
      }
    }
    return false;
  }

  long append(long offset, byte[] bytes) throws IOException, LogStore.Gap {
    appending.lock();
    try {
      long length = length();
      if (offset < 0 || offset > length) {
        throw new LogStore.Gap(
            "the log of " + attempt + " is " + length + " bytes long; send it from there", length);
      }
      long skipped = length - offset;
      if (skipped >= bytes.length) {
        return length;
      }
      if (isFinished()) {
        throw new LogStore.Gap(
            "the log of " + attempt + " is finished at " + length + " bytes", length);
      }
      write(Frame.write(bytes, (int) skipped, length, clock.millis()), false);
      return length();
    } finally {
      appending.unlock();
    }
  }

  void finish() throws IOException {
    appending.lock();
    try {
      if (isFinished()) {
        return;
      }
      if (length() == 0 && channel == null && !Files.exists(file)) {
        // Nothing on disk says the same, since only an attempt that is over is ever finished.
        markFinished();
        return;
      }
      write(Frame.end(length(), clock.millis()), true);
    } finally {
      appending.unlock();
    }
  }

  /** Makes frames durable, then shows them; called with {@link #appending} held. */
  private void write(ByteBuffer frames, boolean last) throws IOException {
    long end = index.end();
    try {
      FileChannel out = channel();
      if (tailUnsure) {
        out.truncate(end);
        tailUnsure = false;
      }
      tailUnsure = true;
      var pending = frames.duplicate();
      for (long at = end; pending.hasRemaining(); ) {
        at += out.write(pending, at);
      }
      out.force(false);
      tailUnsure = false;
    } catch (IOException e) {
      cutBack(end, e);
      throw new IOException(
          "cannot keep the log of "
              + attempt
              + " in "
              + file
              + ": "
              + e.getMessage()
              + "; make room there, it is sent again",
          e);
    }
    state.lock();
    try {
      while (frames.hasRemaining()) {
        var header = new byte[Frame.HEADER];
        frames.get(frames.position(), header);
        Frame frame = Frame.read(header, index.length());
        if (frame == null) {
          throw new IllegalStateException("a frame that was just written is not whole");
        }
        index.add(frame);
        frames.position(frames.position() + Frame.HEADER + frame.compressed());
      }
      finished |= last;
      changed.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void markFinished() {
    state.lock();
    try {
      finished = true;
      changed.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void cutBack(long end, IOException cause) {
    FileChannel out = channel;
    if (out == null || !out.isOpen()) {
      return; // the next append opens it and cuts it then
    }
    try {
      out.truncate(end);
      tailUnsure = false;
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private FileChannel channel() throws IOException {
    FileChannel open = channel;
    if (open == null || !open.isOpen()) {
      boolean fresh = !Files.exists(file);
      if (fresh) {
        Durable.folder(folder);
      }
      open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel = open;
      if (fresh) {
        Durable.entries(folder);
      }
    }
    return open;
  }

  long length() {
    state.lock();
    try {
      return index.length();
    } finally {
      state.unlock();
    }
  }

  Optional<Instant> time(long offset) {
    state.lock();
    try {
      return offset < 0 || offset >= index.length()
          ? Optional.empty()
          : Optional.of(Instant.ofEpochMilli(index.time(offset)));
    } finally {
      state.unlock();
    }
  }

  private boolean isFinished() {
    state.lock();
    try {
      return finished;
    } finally {
      state.unlock();
    }
  }

  void read(long offset, long most, OutputStream out) throws IOException {
    long position;
    long start;
    long stop;
    state.lock();
    try {
      stop = most > index.length() - offset ? index.length() : offset + most;
      if (offset < 0 || stop <= offset) {
        return;
      }
      position = index.position(offset);
      start = index.start(offset);
    } finally {
      state.unlock();
    }
    try (var in = FileChannel.open(file, StandardOpenOption.READ)) {
      var header = new byte[Frame.HEADER];
      while (start < stop) {
        Frame frame = readFully(in, header, position) ? Frame.read(header, start) : null;
        var payload = new byte[frame == null ? 0 : frame.compressed()];
        if (frame == null
            || frame.isEnd()
            || !readFully(in, payload, position + Frame.HEADER)
            || !frame.matches(payload)) {
          throw new IOException(
              "the log of " + attempt + " is damaged at byte " + position + " of " + file);
        }
        int from = (int) Math.max(0, offset - start);
        int to = (int) Math.min(frame.length(), stop - start);
        out.write(frame.decompress(payload), from, to - from);
        start += frame.length();
        position += Frame.HEADER + frame.compressed();
      }
    }
  }

  boolean await(long offset, Duration patience) throws InterruptedException {
    long nanos = patience.toNanos();
    state.lockInterruptibly();
    try {
      while (index.length() <= offset && !finished && !closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return finished && index.length() <= offset;
    } finally {
      state.unlock();
    }
  }

  /** Wakes those who wait; nothing is lost, since appends are durable when they return. */
  void close() throws IOException {
    state.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      state.unlock();
    }
    appending.lock();
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      appending.unlock();
    }
  }

  private static boolean readFully(FileChannel in, byte[] bytes, long position) throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (in.read(buffer, position + buffer.position()) < 0) {
        return false;
      }
    }
    return true;
  }
}
