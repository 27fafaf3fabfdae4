package dev.holdfast.agent;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An agent's directory, held by one agent at a time. */
final class DataDirectory implements Closeable {
  private final FileChannel file;
  private final String agent;

  private DataDirectory(FileChannel file, String agent) {
    this.file = file;
    this.agent = agent;
  }

  /** Makes it if it is not there, and holds it. */
  static DataDirectory hold(Path data) throws AgentUnusable {
    try {
      Files.createDirectories(data);
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
      FileChannel file =
          FileChannel.open(
              data.resolve("agent.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(file)) {
        file.close();
        throw new AgentUnusable(
            "another agent uses "
                + data
                + "; stop that one, or give this one a directory of its own");
      }
      return new DataDirectory(file, name(data.resolve("agent.id")));
    } catch (IOException e) {
      throw new AgentUnusable(
          "the data directory " + data + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static boolean locked(FileChannel file) throws IOException {
    try {
      @Nullable FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String name(Path file) throws IOException {
    if (!Files.exists(file)) {
      Path beside = file.resolveSibling("agent.id.new");
      Files.writeString(beside, UUID.randomUUID().toString());
      Files.move(beside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  /** A name of this agent that stays over restarts, for marking what it makes on the host. */
  String agent() {
    return agent;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
