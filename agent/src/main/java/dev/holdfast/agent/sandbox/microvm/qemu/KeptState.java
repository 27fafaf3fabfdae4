package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.microvm.vsock.TimedSocket;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A machine's whole state as a file that is named by the digest of what is in it, and root's alone.
 * The agent writes and reads it; no monitor ever has it open.
 */
final class KeptState {
  private static final String SUFFIX = ".state";
  private static final int GULP = 1024 * 1024;

  private KeptState() {}

  /** Writes what comes until its end, into {@code directory}. */
  static Path write(TimedSocket from, Path directory) throws IOException, InterruptedException {
    Path beside =
        Files.createTempFile(
            directory,
            "making-",
            SUFFIX,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      MessageDigest digest = Sha256.start();
      byte[] bytes = new byte[GULP];
      try (var out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        for (int n = from.read(bytes, 0, GULP); n >= 0; n = from.read(bytes, 0, GULP)) {
          digest.update(bytes, 0, n);
          for (var left = ByteBuffer.wrap(bytes, 0, n); left.hasRemaining(); ) {
            out.write(left);
          }
        }
        // Its name is a promise, which a host that goes down in between must not break.
        out.force(true);
      }
      Path named = directory.resolve(HexFormat.of().formatHex(digest.digest()) + SUFFIX);
      Files.move(beside, named, StandardCopyOption.ATOMIC_MOVE);
      return named;
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /**
   * Sends it, the last of it only once all of it was seen to be what its name says: a monitor
   * starts no machine before it has the whole.
   *
   * @throws IOException also if it is something else
   */
  static void send(Path state, TimedSocket to) throws IOException, InterruptedException {
    MessageDigest digest = Sha256.start();
    byte[] bytes = new byte[GULP];
    try (var in = Files.newInputStream(state)) {
      int held = in.readNBytes(bytes, 0, GULP);
      digest.update(bytes, 0, held);
      byte[] next = new byte[GULP];
      for (int n = in.readNBytes(next, 0, GULP); n > 0; n = in.readNBytes(next, 0, GULP)) {
        digest.update(next, 0, n);
        to.write(bytes, 0, held);
        byte[] free = bytes;
        bytes = next;
        next = free;
        held = n;
      }
      String is = HexFormat.of().formatHex(digest.digest()) + SUFFIX;
      if (!is.equals(String.valueOf(state.getFileName()))) {
        throw new IOException(state + " is not what its name says");
      }
      to.write(bytes, 0, held);
    }
  }
}
