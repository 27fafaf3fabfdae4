package dev.holdfast.orchestrator.blob;

import dev.holdfast.model.approval.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {
  @TempDir Path folder;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  @Override
  BlobStore store() throws IOException {
    return new FileBlobStore(folder.resolve("blob"), now::get);
  }

  @Override
  BlobStore again() throws IOException {
    return store();
  }

  @Override
  void pass(Duration time) {
    now.updateAndGet(at -> at.plus(time));
  }

  @Override
  void damage(Digest digest) throws IOException {
    String hex = digest.value().substring(7);
    Path file = folder.resolve("blob/sha256").resolve(hex.substring(0, 2)).resolve(hex);
    byte[] bytes = Files.readAllBytes(file);
    bytes[0] ^= 1;
    Files.write(file, bytes);
  }
}
