package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what a person wrote for a command to send. */
final class JsonFile {
  private JsonFile() {}

  /**
   * The object that {@code file} holds, {@code -} for standard input.
   *
   * @param mend what to say beside that it holds none
   * @throws Refusal if it cannot be read, or holds something else
   */
  static Json.Obj read(Terminal terminal, Path file, String mend) {
    try {
      byte[] text =
          file.toString().equals("-")
              ? System.in.readAllBytes()
              : Files.readAllBytes(terminal.resolve(file));
      if (JsonText.parse(text) instanceof Json.Obj object) {
        return object;
      }
      throw new Refusal(ExitCode.USAGE, file + " holds no JSON object; " + mend);
    } catch (IOException e) {
      throw new Refusal(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
    } catch (MalformedJson e) {
      throw new Refusal(ExitCode.USAGE, file + ": " + e.getMessage(), e);
    }
  }
}
