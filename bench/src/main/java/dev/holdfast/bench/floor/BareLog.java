package dev.holdfast.bench.floor;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The same bytes by the shortest way. All rates are in megabytes (of a million bytes) a second. */
public final class BareLog {
  private static final int BUFFER = 128 * 1024;

  /** As the log store compresses: pieces of this many bytes, at this level. */
  private static final int PIECE = 256 * 1024;

  private static final int LEVEL = 1;

  private BareLog() {}

  /**
   * From {@code command} in {@code directory} through one pipe into a file, on the disk at the end.
   *
   * @param bytes that the command prints
   */
  public static double pipe(List<String> command, Path directory, Path file, long bytes)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    Process process = new ProcessBuilder(command).directory(directory.toFile()).start();
    long got = 0;
    try (InputStream in = process.getInputStream();
        FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(ByteBuffer.wrap(buffer, 0, count));
        got += count;
      }
      out.force(true);
    } finally {
      process.destroyForcibly();
    }
    double rate = got / seconds(began) / 1e6;
    process.waitFor();
    Files.delete(file);
    if (got != bytes) {
      throw new IOException("the bare pipe got " + got + " bytes instead of " + bytes);
    }
    return rate;
  }

  /** Through zstd alone, from memory to memory. */
  public static double compress(byte[] text, long bytes) throws IOException {
    var into = new byte[Math.toIntExact(Zstd.compressBound(PIECE))];
    // Loads the library, which is no part of compressing.
    Zstd.compressByteArray(into, 0, into.length, text, 0, Math.min(PIECE, text.length), LEVEL);
    long began = System.nanoTime();
    long done = 0;
    while (done < bytes) {
      int from = (int) (done % text.length);
      int count = (int) Math.min(Math.min(PIECE, text.length - from), bytes - done);
      long size = Zstd.compressByteArray(into, 0, into.length, text, from, count, LEVEL);
      if (Zstd.isError(size)) {
        throw new IOException("zstd: " + Zstd.getErrorName(size));
      }
      done += count;
    }
    return done / seconds(began) / 1e6;
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
