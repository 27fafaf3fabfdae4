package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a hook wrote of one push.
 *
 * @param updates by line, counted from 1; deletions are left out
 * @param badLines how many lines were none that git writes
 */
record SpoolFile(SequencedMap<Integer, RefUpdate> updates, int badLines) {
  private static final long MOST_BYTES = 16 * 1024 * 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");
  private static final Pattern LINE =
      Pattern.compile(
          "([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (refs/.{1,4000})",
          Pattern.DOTALL);
  private static final Pattern NOTHING = Pattern.compile("0+");

  /** Whether this is the name of a finished file of the hook, safe as a delivery id. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * @throws IOException if the file cannot be read, or is none that the hook writes
   */
  static SpoolFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it is not a plain file");
    }
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("it is larger than 16 MiB");
    }
    byte[] bytes = Files.readAllBytes(file);
    var updates = new TreeMap<Integer, RefUpdate>();
    int bad = 0;
    int line = 0;
    for (int from = 0; from < bytes.length; ) {
      int to = from;
      while (to < bytes.length && bytes[to] != '\n') {
        to++;
      }
      line++;
      Matcher parts = LINE.matcher(text(bytes, from, to));
      from = to + 1;
      if (!parts.matches()) {
        bad++;
      } else if (!NOTHING.matcher(parts.group(2)).matches()) {
        updates.put(
            line,
            new RefUpdate(
                parts.group(3),
                Optional.of(parts.group(1))
                    .filter(old -> !NOTHING.matcher(old).matches())
                    .map(CommitId::new),
                new CommitId(parts.group(2))));
      }
    }
    return new SpoolFile(updates, bad);
  }

  /** Empty, which is no line of git's, where it is not UTF-8. */
  private static String text(byte[] bytes, int from, int to) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      return "";
    }
  }
}
