package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code .env} file: {@code NAME=value} lines, with {@code export} before them or not, and
 * comments. A value in single quotes is what stands there; one in double quotes may go over lines
 * and has {@code \n}, {@code \t}, {@code \"}, {@code \\} and {@code \$}. Nothing is put in for
 * {@code $NAME}: what that meant where the file came from is not known here. No error repeats a
 * value.
 */
final class EnvFile {
  private static final Pattern START =
      Pattern.compile("[ \\t]*(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \\t]*=[ \\t]*");

  private final String name;
  private final String text;
  private int at;
  private int line = 1;

  private EnvFile(String name, String text) {
    this.name = name;
    this.text = text;
  }

  /** The values by name, in their order; empty ones are left out. */
  static Map<String, byte[]> read(String name, byte[] bytes) {
    return new EnvFile(name, new String(bytes, StandardCharsets.UTF_8).replace("\r\n", "\n"))
        .read();
  }

  private Map<String, byte[]> read() {
    var out = new LinkedHashMap<String, byte[]>();
    while (at < text.length()) {
      int end = lineEnd();
      String rest = text.substring(at, end).strip();
      if (rest.isEmpty() || rest.startsWith("#")) {
        next(end);
        continue;
      }
      Matcher start = START.matcher(text).region(at, end);
      if (!start.lookingAt()) {
        throw wrong("is no NAME=value");
      }
      String key = start.group(1);
      int first = line;
      at = start.end();
      String value = value();
      if (!value.isEmpty() && out.put(key, value.getBytes(StandardCharsets.UTF_8)) != null) {
        throw new Refusal(
            ExitCode.USAGE, name + " line " + first + " sets " + key + " a second time");
      }
    }
    return out;
  }

  private String value() {
    if (at >= text.length()) {
      return "";
    }
    char quote = text.charAt(at);
    if (quote == '\'' || quote == '"') {
      at++;
      String value = quoted(quote);
      int end = lineEnd();
      String rest = text.substring(at, end).strip();
      if (!rest.isEmpty() && !rest.startsWith("#")) {
        throw wrong("goes on after the closing quote");
      }
      next(end);
      return value;
    }
    int end = lineEnd();
    String value = text.substring(at, end);
    int comment = value.indexOf(" #");
    next(end);
    return (comment < 0 ? value : value.substring(0, comment)).strip();
  }

  private String quoted(char quote) {
    var out = new StringBuilder();
    int began = line;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return out.toString();
      }
      if (c == '\n') {
        line++;
      }
      if (quote == '"' && c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        switch (escaped) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'r' -> out.append('\r');
          case '"', '\\', '$' -> out.append(escaped);
          default -> out.append('\\').append(escaped);
        }
      } else {
        out.append(c);
      }
    }
    line = began;
    throw wrong("opens a quote that is never closed");
  }

  private int lineEnd() {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private void next(int end) {
    at = Math.min(end + 1, text.length());
    line++;
  }

  private Refusal wrong(String what) {
    return new Refusal(ExitCode.USAGE, name + " line " + line + " " + what);
  }
}
