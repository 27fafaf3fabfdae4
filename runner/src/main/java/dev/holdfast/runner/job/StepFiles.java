package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files by which one step's script gives outputs and a summary. In the output file a line is
 * {@code name=value}, or {@code name<<MARK} with the lines of the value below it and a line {@code
 * MARK} at their end.
 *
 * @param output the file's path; it exists, empty, when the step starts
 * @param summary likewise
 */
record StepFiles(Path output, Path summary) {
  private static final int LONGEST_OUTPUT_FILE = 4 * 1024 * 1024;

  static StepFiles make(Path directory, int step) throws IOException {
    return new StepFiles(
        Files.createFile(directory.resolve("output-" + step)),
        Files.createFile(directory.resolve("summary-" + step)));
  }

  /** What a step left in its files that is not what they are for. */
  static final class BadStepFile extends Exception {
    private static final long serialVersionUID = 1L;

    BadStepFile(String message) {
      super(message);
    }
  }

  /** The outputs, in the order of the file; the last value of a name counts. */
  Map<Name, String> outputs() throws BadStepFile {
    String text = text(output, "HOLDFAST_OUTPUT", LONGEST_OUTPUT_FILE);
    var outputs = new LinkedHashMap<Name, String>();
    String[] lines = text.split("\n", -1);
    int i = 0;
    while (i < lines.length) {
      String line = lines[i++];
      if (line.isBlank()) {
        continue;
      }
      int equals = line.indexOf('=');
      int mark = line.indexOf("<<");
      String value;
      String name;
      int at = i;
      if (mark > 0 && (equals < 0 || mark < equals)) {
        name = line.substring(0, mark);
        String end = line.substring(mark + 2);
        while (i < lines.length && !lines[i].equals(end)) {
          i++;
        }
        if (end.isBlank() || i == lines.length) {
          throw new BadStepFile(
              "line "
                  + at
                  + " of $HOLDFAST_OUTPUT starts a value of several lines, but there is no line "
                  + Quote.of(end)
                  + " at its end");
        }
        value = String.join("\n", java.util.Arrays.asList(lines).subList(at, i));
        i++;
      } else if (equals > 0) {
        name = line.substring(0, equals);
        value = line.substring(equals + 1);
      } else {
        throw new BadStepFile(
            "line " + i + " of $HOLDFAST_OUTPUT is " + Quote.of(line) + "; write name=value");
      }
      outputs.put(checked(name, value, at), value);
      if (outputs.size() > Outputs.MOST) {
        throw new BadStepFile(
            "$HOLDFAST_OUTPUT has more than " + Outputs.MOST + " outputs; write fewer");
      }
    }
    return outputs;
  }

  /** The summary, empty if there is none. */
  String markdown() throws BadStepFile {
    return text(summary, "HOLDFAST_SUMMARY", Outputs.LONGEST_SUMMARY);
  }

  private static Name checked(String name, String value, int line) throws BadStepFile {
    try {
      return Outputs.checked(name, value);
    } catch (IllegalArgumentException e) {
      throw new BadStepFile("line " + line + " of $HOLDFAST_OUTPUT: " + e.getMessage());
    }
  }

  private static String text(Path file, String variable, int most) throws BadStepFile {
    // A step may have put anything in the file's place: a pipe would never end, a link is not ours.
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BadStepFile("$" + variable + " is no longer a file; append to it, leave it there");
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new BadStepFile("$" + variable + " has more than " + most / 1024 + " KiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BadStepFile("$" + variable + " cannot be read: " + e.getMessage());
    }
  }
}
