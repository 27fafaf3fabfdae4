package dev.holdfast.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process holds, as root sees it from outside. */
final class Memory {
  private static final Pattern WRITABLE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) rw.*");
  private static final int PIECE = 1 << 22;

  /** More than the longest form of a canary. */
  private static final int OVERLAP = 1 << 14;

  private Memory() {}

  /** What of {@code hunt} stands in the memory of {@code pid} that it can write. */
  static Set<String> of(long pid, Hunt hunt) throws IOException {
    var found = new TreeSet<String>();
    byte[] piece = new byte[PIECE];
    try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"), ISO_8859_1)) {
        Matcher range = WRITABLE.matcher(line);
        if (!range.matches()) {
          continue;
        }
        long end = Long.parseLong(range.group(2), 16);
        for (long at = Long.parseLong(range.group(1), 16); at < end; at += PIECE - OVERLAP) {
          int count;
          try {
            memory.seek(at);
            count = memory.read(piece, 0, (int) Math.min(PIECE, end - at));
          } catch (IOException e) {
            continue; // Nothing is behind this part of the range.
          }
          found.addAll(hunt.inBytes(piece, Math.max(0, count)));
        }
      }
    }
    return found;
  }

  /** What of it stands in the environment and the command line of {@code pid}. */
  static Set<String> ofStart(long pid, Hunt hunt) throws IOException {
    var found = new TreeSet<String>();
    for (String what : new String[] {"environ", "cmdline"}) {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/" + what));
      found.addAll(hunt.inBytes(bytes, bytes.length));
    }
    return found;
  }
}
