package dev.holdfast.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Looks for words in every byte of files, as they are and in the ways in which they are written.
 */
final class Hunt {
  private static final int BLOCK = 4 * 1024 * 1024;

  private final Map<String, byte[]> forms = new LinkedHashMap<>();

  Hunt(Map<String, String> canaries) {
    canaries.forEach((name, word) -> {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      put(name, word);
      put(name + " as UTF-16", bytes(word, StandardCharsets.UTF_16LE));
      put(name + " in hex", HexFormat.of().formatHex(bytes));
      put(name + " in hex of PostgreSQL", HexFormat.of().withUpperCase().formatHex(bytes));
      // At each of the three places that a word can have within groups of three bytes.
      for (int shift = 0; shift < 3; shift++) {
        byte[] shifted = new byte[shift + bytes.length];
        System.arraycopy(bytes, 0, shifted, shift, bytes.length);
        String whole = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        // Its ends depend on what stands beside it.
        put(name + " in Base64 at " + shift, whole.substring(4, whole.length() - 4));
      }
    });
  }

  private void put(String name, String text) {
    put(name, bytes(text, StandardCharsets.UTF_8));
  }

  private void put(String name, byte[] bytes) {
    if (bytes.length < 8) {
      throw new IllegalArgumentException(name + " is too short to be told from chance");
    }
    forms.put(name, bytes);
  }

  private static byte[] bytes(String text, java.nio.charset.Charset set) {
    return text.getBytes(set);
  }

  /** What was found, as {@code NAME in FILE}, in {@code place} and below it. */
  List<String> in(Path place) throws IOException {
    var found = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        search(file, found);
      }
    }
    return found;
  }

  private void search(Path file, List<String> found) throws IOException {
    int longest = forms.values().stream().mapToInt(form -> form.length).max().orElseThrow();
    var missing = new LinkedHashMap<>(forms);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = new byte[BLOCK + longest];
      int kept = 0;
      for (int count = in.readNBytes(bytes, kept, BLOCK);
          count > 0;
          count = in.readNBytes(bytes, kept, BLOCK)) {
        int length = kept + count;
        missing
            .entrySet()
            .removeIf(form -> {
              boolean there = holds(bytes, length, form.getValue());
              if (there) {
                found.add(form.getKey() + " in " + file.getFileName());
              }
              return there;
            });
        kept = Math.min(longest, length);
        System.arraycopy(bytes, length - kept, bytes, 0, kept);
      }
    }
  }

  private static boolean holds(byte[] bytes, int length, byte[] word) {
    byte first = word[0];
    for (int at = 0; at <= length - word.length; at++) {
      if (bytes[at] == first
          && java.util.Arrays.equals(bytes, at, at + word.length, word, 0, word.length)) {
        return true;
      }
    }
    return false;
  }
}
