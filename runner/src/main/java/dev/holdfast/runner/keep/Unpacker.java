package dev.holdfast.runner.keep;

import dev.holdfast.model.archive.ArchiveReader;
import dev.holdfast.model.archive.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Puts what is in an archive into folders. Nothing is written through a link, be it the archive's
 * or the checkout's: every folder on the way is looked at. Nothing else of the job runs meanwhile.
 */
final class Unpacker {
  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private final byte[] buffer = new byte[64 * 1024];
  private final Set<Path> folders = new HashSet<>();

  /** Where an entry goes. */
  interface Places {
    /**
     * @throws IOException if it has no place
     */
    Place of(String name) throws IOException;
  }

  /**
   * @param base a folder that is there
   * @param path below it
   */
  record Place(Path base, Path path) {}

  void unpack(ArchiveReader archive, Places places) throws IOException {
    for (Optional<Entry> next = archive.next(); next.isPresent(); next = archive.next()) {
      Entry entry = next.get();
      Place place = places.of(entry.name());
      switch (entry) {
        case Entry.Folder folder -> folder(place.base(), place.path());
        case Entry.File file -> file(place, file, archive);
        case Entry.Link link -> {
          clear(place);
          Files.createSymbolicLink(place.path(), Path.of(link.target()));
        }
      }
    }
  }

  private void file(Place place, Entry.File file, ArchiveReader archive) throws IOException {
    clear(place);
    var rights =
        PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString(file.executable() ? "rwxr-xr-x" : "rw-r--r--"));
    try (OutputStream out =
        Channels.newOutputStream(Files.newByteChannel(place.path(), NEW, rights))) {
      int read;
      while ((read = archive.content(buffer, 0, buffer.length)) >= 0) {
        out.write(buffer, 0, read);
      }
    }
    Files.setLastModifiedTime(place.path(), FileTime.from(file.modified(), TimeUnit.SECONDS));
  }

  /** Makes room: what is there goes, unless it is a folder. */
  private void clear(Place place) throws IOException {
    Path parent = place.path().getParent();
    if (parent == null) {
      throw new IOException("the archive would replace the root of all files");
    }
    folder(place.base(), parent);
    if (isFolder(place.path())) {
      throw new IOException(
          Packer.quoted(place.path()) + " is a folder, and in the archive it is none");
    }
    Files.deleteIfExists(place.path());
  }

  /** Makes a folder and those above it, as far as they are missing below {@code base}. */
  private void folder(Path base, Path folder) throws IOException {
    if (folder.equals(base) || folders.contains(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent == null || !folder.startsWith(base)) {
      throw new IOException(Packer.quoted(folder) + " does not lie in " + Packer.quoted(base));
    }
    folder(base, parent);
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!isFolder(folder)) {
        throw new IOException(
            Packer.quoted(folder)
                + " is a link or a file, and what is kept would go through it; remove it from the"
                + " checkout",
            e);
      }
    }
    folders.add(folder);
  }

  private static boolean isFolder(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isDirectory();
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
