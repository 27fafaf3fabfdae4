package dev.holdfast.cli.terminal;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * Everything that a command may know of the world around it, so that tests can give it another one.
 *
 * @param env the process's environment
 * @param directory the working directory, absolute
 * @param out results, and nothing but results
 * @param err progress, hints and errors
 * @param outIsTerminal whether a person is likely to read {@code out} as it is written
 */
public record Terminal(
    Map<String, String> env,
    Path directory,
    PrintStream out,
    PrintStream err,
    boolean outIsTerminal,
    boolean errIsTerminal,
    Clock clock) {

  /** That of this process. Both streams are UTF-8, whatever the locale says. */
  public static Terminal ofProcess() {
    return new Terminal(
        System.getenv(),
        Path.of("").toAbsolutePath(),
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        isTerminal(1),
        isTerminal(2),
        Clock.systemUTC());
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    var buffered = new BufferedOutputStream(new FileOutputStream(descriptor), 8192);
    return new PrintStream(buffered, true, StandardCharsets.UTF_8);
  }

  // Asking java.io.Console would load a line editor at every start, and the trimmed Java has none.
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /** Colours for {@link #out}. */
  public Style style() {
    return style(outIsTerminal);
  }

  /** Colours for {@link #err}. */
  public Style errStyle() {
    return style(errIsTerminal);
  }

  private Style style(boolean terminal) {
    boolean dumb = "dumb".equals(env.get("TERM"));
    return new Style(terminal && !dumb && env.getOrDefault("NO_COLOR", "").isEmpty());
  }

  /** {@code value} as one line of JSON on {@link #out}. */
  public void json(Json value) {
    out.println(JsonText.compact(value));
  }

  /** A variable of the environment that is set and not empty. */
  public java.util.Optional<String> variable(String name) {
    return java.util.Optional.ofNullable(env.get(name)).filter(v -> !v.isEmpty());
  }

  /** {@code path} from {@link #directory} on. */
  public Path resolve(Path path) {
    return directory.resolve(path).normalize();
  }
}
