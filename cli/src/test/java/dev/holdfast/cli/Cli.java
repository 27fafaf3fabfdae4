package dev.holdfast.cli;

import dev.holdfast.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** The command as somebody calls it, with an environment, a directory and a clock of its own. */
final class Cli {
  static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  private final Path directory;
  private final Map<String, String> env = new HashMap<>();
  private boolean terminal;
  private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

  Cli(Path directory) {
    this.directory = directory;
    env.put("HOME", directory.toString());
  }

  Cli with(String name, String value) {
    env.put(name, value);
    return this;
  }

  /** A person looks at it. */
  Cli onTerminal() {
    terminal = true;
    return this;
  }

  Cli with(Clock other) {
    clock = other;
    return this;
  }

  /**
   * How a call ended.
   *
   * @param code of the process
   */
  record Result(int code, String out, String err) {}

  Result run(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code = Main.run(terminal(out, err), args);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** A terminal whose output goes nowhere. */
  Terminal terminal() {
    return terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
  }

  private Terminal terminal(OutputStream out, OutputStream err) {
    return new Terminal(
        Map.copyOf(env),
        directory,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        terminal,
        terminal,
        clock);
  }
}
