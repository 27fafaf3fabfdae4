package dev.holdfast.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Looks for words in every byte of files, as they are and in the ways in which they are written.
 */
final class Hunt {
  private static final int BLOCK = 4 * 1024 * 1024;

  /** One way in which a word is written. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Form(String name, byte[] bytes) {}

  /** By their first two bytes, so that one look at each place is enough for all of them. */
  private final List<List<Form>> beginnings =
      new ArrayList<>(Collections.nCopies(1 << 16, List.of()));

  private int longest;

  Hunt(Map<String, String> canaries) {
    canaries.forEach((name, word) -> {
      put(name + " as UTF-16", bytes(word, StandardCharsets.UTF_16LE));
      forms(name, word.getBytes(StandardCharsets.UTF_8));
    });
  }

  private Hunt() {}

  /** For what is no text, as keys are. */
  static Hunt forBytes(Map<String, byte[]> canaries) {
    var hunt = new Hunt();
    canaries.forEach(hunt::forms);
    return hunt;
  }

  private void forms(String name, byte[] bytes) {
    put(name, bytes);
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
  }

  private void put(String name, String text) {
    put(name, bytes(text, StandardCharsets.UTF_8));
  }

  private static int beginning(byte[] bytes, int at) {
    return ((bytes[at] & 255) << 8) | (bytes[at + 1] & 255);
  }

  private void put(String name, byte[] bytes) {
    if (bytes.length < 8) {
      throw new IllegalArgumentException(name + " is too short to be told from chance");
    }
    int first = beginning(bytes, 0);
    var all = new ArrayList<>(beginnings.get(first));
    all.add(new Form(name, bytes));
    beginnings.set(first, all);
    longest = Math.max(longest, bytes.length);
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

  /** What was found in one file or device. */
  List<String> inFile(Path file) throws IOException {
    var found = new ArrayList<String>();
    search(file, found);
    return found;
  }

  /** Which of them stand in {@code bytes}, by the names of their forms. */
  Set<String> inBytes(byte[] bytes, int length) {
    var found = new TreeSet<String>();
    for (int at = 0; at + 1 < length; at++) {
      List<Form> begin = beginnings.get(beginning(bytes, at));
      for (int i = 0; i < begin.size(); i++) {
        byte[] word = begin.get(i).bytes();
        if (at <= length - word.length
            && Arrays.equals(bytes, at, at + word.length, word, 0, word.length)) {
          found.add(begin.get(i).name());
        }
      }
    }
    return found;
  }

  private void search(Path file, List<String> found) throws IOException {
    var forms = new TreeSet<String>();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = new byte[BLOCK + longest];
      int kept = 0;
      for (int count = in.readNBytes(bytes, kept, BLOCK);
          count > 0;
          count = in.readNBytes(bytes, kept, BLOCK)) {
        int length = kept + count;
        forms.addAll(inBytes(bytes, length));
        kept = Math.min(longest, length);
        System.arraycopy(bytes, length - kept, bytes, 0, kept);
      }
    }
    forms.forEach(form -> found.add(form + " in " + file.getFileName()));
  }
}
