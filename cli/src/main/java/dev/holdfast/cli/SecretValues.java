package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the values of secrets come from; none of them is an argument. */
final class SecretValues {
  /** A little more than the server takes, so that it is the server who says no. */
  private static final int MOST_BYTES = 1024 * 1024;

  private SecretValues() {}

  /** What is sent to the server: values by name. */
  static Json.Obj body(Map<String, byte[]> values) {
    var fields = new JsonFields();
    values.forEach((name, value) -> fields.text(name, Base64.getEncoder().encodeToString(value)));
    return new JsonFields().put("values", fields.json()).json();
  }

  static byte[] ofVariable(Terminal terminal, String name) {
    return terminal
        .variable(name)
        .orElseThrow(
            () -> new Refusal(ExitCode.USAGE, "the variable " + name + " is not set, or is empty"))
        .getBytes(StandardCharsets.UTF_8);
  }

  static byte[] ofFile(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new Refusal(ExitCode.USAGE, file + " is too large for a secret");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new Refusal(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * What somebody types without seeing it, or what standard input holds.
   *
   * @param input not from a terminal, whatever standard input is
   */
  static byte[] entered(String prompt, boolean input) {
    Console console = input ? null : console();
    if (console != null && console.isTerminal()) {
      char[] typed = console.readPassword("%s", prompt);
      if (typed == null) {
        throw new Refusal(ExitCode.USAGE, "nothing was typed");
      }
      try {
        return utf8(typed);
      } finally {
        Arrays.fill(typed, '\0');
      }
    }
    return withoutLastLineEnd(standardInput());
  }

  /** All of standard input. */
  static byte[] standardInput() {
    try {
      byte[] read = System.in.readNBytes(MOST_BYTES + 1);
      if (read.length > MOST_BYTES) {
        throw new Refusal(ExitCode.USAGE, "standard input is too large for a secret");
      }
      return read;
    } catch (IOException e) {
      throw new Refusal(ExitCode.USAGE, "cannot read standard input: " + e.getMessage(), e);
    }
  }

  /** Java's own console: it switches the echo off and needs no line editor. */
  private static @Nullable Console console() {
    System.setProperty("jdk.console", "java.base");
    return System.console();
  }

  private static byte[] utf8(char[] text) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
    byte[] out = new byte[bytes.remaining()];
    bytes.get(out);
    Arrays.fill(bytes.array(), (byte) 0);
    return out;
  }

  private static byte[] withoutLastLineEnd(byte[] bytes) {
    int end = bytes.length;
    if (end > 0 && bytes[end - 1] == '\n') {
      end--;
      if (end > 0 && bytes[end - 1] == '\r') {
        end--;
      }
    }
    byte[] out = Arrays.copyOf(bytes, end);
    Arrays.fill(bytes, (byte) 0);
    return out;
  }
}
