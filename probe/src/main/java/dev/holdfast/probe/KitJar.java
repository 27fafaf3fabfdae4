package dev.holdfast.probe;

import dev.holdfast.probe.kit.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The programs of {@link dev.holdfast.probe.kit} as a jar that goes into jobs. */
final class KitJar {
  private static final String FOLDER = "dev/holdfast/probe/kit";

  private KitJar() {}

  /** Writes it, for everybody to read. */
  static void write(Path jar) throws IOException {
    try {
      Path here = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(here)) {
        pack(here.resolve(FOLDER), jar);
      } else {
        try (FileSystem inside =
            FileSystems.newFileSystem(URI.create("jar:" + here.toUri()), java.util.Map.of())) {
          pack(inside.getPath(FOLDER), jar);
        }
      }
    } catch (URISyntaxException e) {
      throw new IOException("the probe does not know where its own classes are", e);
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    List<Path> all;
    try (Stream<Path> listed = Files.list(classes)) {
      all = listed.filter(p -> p.toString().endsWith(".class")).sorted().toList();
    }
    try (OutputStream out = Files.newOutputStream(jar);
        var zip = new ZipOutputStream(out)) {
      for (Path file : all) {
        zip.putNextEntry(new ZipEntry(FOLDER + "/" + file.getFileName()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }
}
