package dev.holdfast.runner.keep;

import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.Glob;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The hashes that a job's caches have in their keys. */
final class FileHashes {
  private final Path workspace;
  private final Map<String, Path> files;

  private FileHashes(Path workspace, Map<String, Path> files) {
    this.workspace = workspace;
    this.files = files;
  }

  /** Over the files that are in {@code workspace} now. */
  static FileHashes in(Path workspace) throws IOException {
    return new FileHashes(workspace, Tree.of(workspace).files());
  }

  /** Those of the key, then those of each restore key. */
  List<String> of(Cache cache) throws IOException {
    var hashes = new ArrayList<String>();
    for (KeyPart.Files part : cache.key().files()) {
      hashes.add(hash(part));
    }
    for (CacheKey restore : cache.restoreKeys()) {
      for (KeyPart.Files part : restore.files()) {
        hashes.add(hash(part));
      }
    }
    return hashes;
  }

  private String hash(KeyPart.Files part) throws IOException {
    MessageDigest all = Sha256.start();
    boolean any = false;
    byte[] buffer = new byte[64 * 1024];
    for (var file : files.entrySet()) {
      if (Glob.allows(part.files(), file.getKey())) {
        any = true;
        MessageDigest one = Sha256.start();
        try (InputStream in =
            Files.newInputStream(workspace.resolve(file.getValue()), LinkOption.NOFOLLOW_LINKS)) {
          int read;
          while ((read = in.read(buffer)) >= 0) {
            one.update(buffer, 0, read);
          }
        }
        byte[] name = file.getKey().getBytes(StandardCharsets.UTF_8);
        all.update((name.length + ":").getBytes(StandardCharsets.UTF_8));
        all.update(name);
        all.update(one.digest());
      }
    }
    return any ? HexFormat.of().formatHex(all.digest()) : CacheKey.NO_FILES;
  }
}
