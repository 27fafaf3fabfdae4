package dev.holdfast.git;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes apart what {@code git cat-file --batch} prints: a header line, the bytes, a newline. */
final class Batch {
  private Batch() {}

  static Map<String, byte[]> contents(List<String> names, byte[] batch, String doing)
      throws GitFailed {
    var files = new LinkedHashMap<String, byte[]>();
    int at = 0;
    for (String name : names) {
      int end = at;
      while (end < batch.length && batch[end] != '\n') {
        end++;
      }
      String[] header = new String(batch, at, end - at, StandardCharsets.US_ASCII).split(" ", -1);
      if (header.length != 3 || !header[1].equals("blob")) {
        throw new GitFailed("cannot " + doing + ": an object of it is missing");
      }
      int size = Integer.parseInt(header[2]);
      files.put(name, Arrays.copyOfRange(batch, end + 1, end + 1 + size));
      at = end + 1 + size + 1;
    }
    return files;
  }
}
