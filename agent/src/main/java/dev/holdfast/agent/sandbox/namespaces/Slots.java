package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/**
 * Unprivileged users, one for each sandbox at a time, across all agents of the host.
 *
 * <p>A user is taken by a lock on a file, which the kernel gives back when the agent dies. So
 * whoever holds it may take every process of that user for a leftover.
 */
public final class Slots {
  /** In no distribution's range of people, services or subordinate ids of the first users. */
  static final int FIRST_UID = 210_000;

  private static final int COUNT = 1000;

  /** File locks are a process's: within this one, this set keeps slots apart. */
  private static final Set<Integer> TAKEN = new HashSet<>();

  private final Path directory;

  public Slots(Path directory) {
    this.directory = directory;
  }

  /** A user that nobody else has, until the slot is closed. */
  public record Slot(HostUser user, FileChannel file, FileLock lock) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      synchronized (TAKEN) {
        try (file) {
          lock.release();
        } finally {
          TAKEN.remove(user.uid());
        }
      }
    }
  }

  /** The next free one, with nothing of an earlier holder alive. */
  public Slot take() throws SandboxUnavailable {
    synchronized (TAKEN) {
      try {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (int uid = FIRST_UID; uid < FIRST_UID + COUNT; uid++) {
          if (!TAKEN.contains(uid)) {
            FileChannel file =
                FileChannel.open(
                    directory.resolve("uid-" + uid),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = file.tryLock();
            if (lock != null) {
              TAKEN.add(uid);
              return new Slot(new HostUser(uid, uid), file, lock);
            }
            file.close();
          }
        }
      } catch (IOException e) {
        throw new SandboxUnavailable(
            "cannot take a user for the sandbox in " + directory + ": " + e.getMessage(), e);
      }
      throw new SandboxUnavailable(
          "all "
              + COUNT
              + " users for sandboxes, from uid "
              + FIRST_UID
              + ", are in use on this host");
    }
  }
}
