package dev.holdfast.orchestrator.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One orchestrator at a time over a data folder; the lock ends with its process, however. */
final class DataLock implements AutoCloseable {
  private static final String FILE = "lock";
  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  static DataLock take(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DataLock(channel);
      }
    } catch (OverlappingFileLockException _) {
      // Held by this very process: refused below like another's.
    }
    channel.close();
    throw new IOException(
        "another orchestrator runs over " + folder + "; stop it, or use another data folder");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
