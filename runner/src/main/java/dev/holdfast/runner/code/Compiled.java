package dev.holdfast.runner.code;

import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** What came of compiling the author's sources. */
sealed interface Compiled {
  /** They do not compile. */
  record Errors(List<Diagnostic> diagnostics) implements Compiled {}

  /**
   * They do.
   *
   * @param byName class files by binary name
   */
  record Classes(SortedMap<String, byte[]> byName) implements Compiled {
    /** More than sources of 1 MiB come to; a cache that says otherwise is not ours. */
    private static final int MOST_BYTES = 64 * 1024 * 1024;

    /** The same classes give the same bytes. */
    byte[] zip() {
      var bytes = new ByteArrayOutputStream();
      try (var zip = new ZipOutputStream(bytes)) {
        for (var entry : byName.entrySet()) {
          var file = new ZipEntry(entry.getKey().replace('.', '/') + ".class");
          file.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
          zip.putNextEntry(file);
          zip.write(entry.getValue());
          zip.closeEntry();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    /**
     * Reads what {@link #zip} made.
     *
     * @throws IOException if it is not that
     */
    static Classes of(byte[] zip) throws IOException {
      var classes = new TreeMap<String, byte[]>();
      long size = 0;
      try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
        for (ZipEntry file = in.getNextEntry(); file != null; file = in.getNextEntry()) {
          byte[] bytes = in.readNBytes(MOST_BYTES);
          size += bytes.length;
          if (!file.getName().endsWith(".class") || size >= MOST_BYTES) {
            throw new IOException("the cached classes are not ones");
          }
          String name = file.getName();
          classes.put(
              name.substring(0, name.length() - ".class".length()).replace('/', '.'), bytes);
        }
      }
      if (classes.isEmpty()) {
        throw new IOException("the cached classes are none");
      }
      return new Classes(classes);
    }
  }
}
