package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.json.Records;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Remembers what was seen of polled repositories, in a file each. */
final class SeenFiles implements Poller.Seen {
  private final Path folder;

  /**
   * @param folder is made if it is not there
   */
  SeenFiles(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  @Override
  public Optional<Poller.Snapshot> last(String repositoryId) throws IOException {
    try {
      return Optional.of(
          Records.read(Poller.Snapshot.class, Files.readAllBytes(file(repositoryId))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void keep(String repositoryId, Poller.Snapshot snapshot) throws IOException {
    Path file = file(repositoryId);
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    byte[] text = Records.utf8(Poller.Snapshot.class, snapshot);
    try (var out =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (ByteBuffer left = ByteBuffer.wrap(text); left.hasRemaining(); ) {
        out.write(left);
      }
      out.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private Path file(String repositoryId) {
    return folder.resolve(repositoryId + ".json");
  }
}
