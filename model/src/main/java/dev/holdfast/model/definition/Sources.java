package dev.holdfast.model.definition;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Quote;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Java sources of a repository's workflows.
 *
 * @param files text by file name, without the folder {@code .holdfast/}
 */
public record Sources(Map<String, String> files) {
  /** More than any repository's workflows; bounds what a compile is given. */
  public static final int MOST_BYTES = 1024 * 1024;

  public Sources {
    long size = 0;
    for (var file : files.entrySet()) {
      if (!file.getKey().matches("[A-Za-z0-9_]{1,100}\\.java")) {
        throw new IllegalArgumentException(
            ".holdfast/" + Quote.of(file.getKey()) + " is not a file name of a Java source");
      }
      size += file.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (size > MOST_BYTES) {
      throw new IllegalArgumentException("the sources in .holdfast/ are together over 1 MiB");
    }
    files = java.util.Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /**
   * {@code sha256:} and a hash over names, lengths and texts, in the order of names; line ends
   * count as {@code \n}, so that a checkout on another system has the same digest.
   */
  public String digest() {
    var sha = Sha256.start();
    files.forEach((name, text) -> {
      byte[] bytes = text.replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8);
      sha.update((name + "\0" + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
      sha.update(bytes);
    });
    return "sha256:" + HexFormat.of().formatHex(sha.digest());
  }
}
