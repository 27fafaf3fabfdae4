package dev.holdfast.bench.ingest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Text as builds print it, about as compressible; the same at every run. */
final class BuildText {
  private static final int BYTES = 5_000_000;
  private static final List<String> WORDS =
      List.of("compile", "store", "queue", "lease", "parser", "client", "window", "buffer");

  private BuildText() {}

  static byte[] make() {
    var random = new Random(7);
    var text = new StringBuilder(BYTES + 200);
    for (int line = 0; text.length() < BYTES; line++) {
      String word = WORDS.get(random.nextInt(WORDS.size()));
      String other = WORDS.get(random.nextInt(WORDS.size()));
      switch (random.nextInt(4)) {
        case 0 -> text.append("[INFO] Compiling ").append(word).append('/').append(other);
        case 1 ->
            text.append("Tests run: ")
                .append(random.nextInt(90))
                .append(", Time elapsed: 0.")
                .append(random.nextInt(1000))
                .append(" s -- in org.example.")
                .append(word);
        case 2 ->
            text.append("Downloaded ").append(Long.toHexString(random.nextLong())).append(".jar");
        default ->
            text.append("warning: ")
                .append(word)
                .append(".c:")
                .append(line)
                .append(": unused '")
                .append(other)
                .append('\'');
      }
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
