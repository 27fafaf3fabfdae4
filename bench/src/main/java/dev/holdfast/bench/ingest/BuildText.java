package dev.holdfast.bench.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Text like that of a build: it compresses as such text does, and is the same each time. */
public final class BuildText {
  private static final String[] PARTS = {
    "parser", "scheduler", "ledger", "codec", "planner", "router", "digest", "window", "cursor"
  };
  private static final long SEED = 20_261_123;

  private BuildText() {}

  /** Exactly {@code bytes} of it, ending in a newline. */
  public static byte[] of(int bytes) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    var text = new StringBuilder(bytes + 200);
    long millis = 0;
    while (text.length() < bytes) {
      millis += random.nextInt(40);
      text.append(line(random, millis)).append('\n');
    }
    text.setLength(bytes - 1);
    return text.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String line(RandomGenerator random, long millis) {
    String part = PARTS[random.nextInt(PARTS.length)];
    String time = String.format(Locale.ROOT, "[%6d.%03d] ", millis / 1000, millis % 1000);
    return time
        + switch (random.nextInt(5)) {
          case 0 ->
              "compiling src/main/java/org/example/"
                  + part
                  + "/"
                  + name(part)
                  + random.nextInt(500)
                  + ".java";
          case 1 ->
              "fetched org.example:"
                  + part
                  + ":"
                  + random.nextInt(9)
                  + "."
                  + random.nextInt(30)
                  + "."
                  + random.nextInt(10)
                  + " ("
                  + random.nextInt(9_000_000)
                  + " bytes, sha256 "
                  + Long.toHexString(random.nextLong())
                  + ")";
          case 2 ->
              "ok   org.example."
                  + part
                  + "."
                  + name(part)
                  + "Test case "
                  + random.nextInt(4000)
                  + " in 0."
                  + random.nextInt(1000)
                  + " s";
          case 3 ->
              "warning: "
                  + part
                  + " "
                  + random.nextInt(2000)
                  + ":"
                  + random.nextInt(120)
                  + ": unused value of type "
                  + name(part);
          default -> "linking " + part + " at 0x" + Integer.toHexString(random.nextInt());
        };
  }

  private static String name(String part) {
    return part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1);
  }
}
