package dev.holdfast.agent.use;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The first line and the header of an HTTP/1.1 message, read so that nobody reads them otherwise:
 * what the standard lets a reader put right (bare line feeds, folded lines, blanks before a colon)
 * is refused. Java's own server and client are not used here: the one reads leniently, and the
 * other asks for the address itself, after it was checked.
 */
record Head(String first, List<Field> fields) {
  private static final int MOST_FIELDS = 100;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** One line of a header. */
  record Field(String name, String value) {
    boolean is(String other) {
      return name.equalsIgnoreCase(other);
    }
  }

  Head {
    fields = List.copyOf(fields);
  }

  /**
   * Reads one.
   *
   * @throws EOFException if nothing came at all
   * @throws BadMessage if it is none
   */
  static Head read(InputStream in, int mostBytes) throws IOException {
    var left = new int[] {mostBytes};
    return new Head(line(in, left, true), fields(in, left));
  }

  /** Reads over the trailers of a body, whose end they are. */
  static void skipTrailers(InputStream in, int mostBytes) throws IOException {
    var _ = fields(in, new int[] {mostBytes});
  }

  private static List<Field> fields(InputStream in, int[] left) throws IOException {
    var fields = new ArrayList<Field>();
    for (String line = line(in, left, false); !line.isEmpty(); line = line(in, left, false)) {
      if (fields.size() == MOST_FIELDS) {
        throw new BadMessage("its header has over " + MOST_FIELDS + " lines");
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon);
      if (!NAME.matcher(name).matches()) {
        throw new BadMessage("its header has a line that is no header");
      }
      fields.add(new Field(name, line.substring(colon + 1).strip()));
    }
    return fields;
  }

  /** Without its end, which is CR LF. */
  private static String line(InputStream in, int[] left, boolean mayEnd) throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      int one = in.read();
      if (one < 0) {
        if (mayEnd && line.size() == 0) {
          throw new EOFException("nothing came");
        }
        throw new BadMessage("it ends in its header");
      }
      if (--left[0] < 0) {
        throw new BadMessage("its header is too long");
      }
      if (one == '\r') {
        if (in.read() != '\n') {
          throw new BadMessage("a line of its header ends otherwise than by CR LF");
        }
        return line.toString(ISO_8859_1);
      }
      if ((one < 0x20 && one != '\t') || one == 0x7f) {
        throw new BadMessage("its header has a control character");
      }
      line.write(one);
    }
  }

  /** What the header says of {@code name}, where it may say it once. */
  Optional<String> only(String name) throws BadMessage {
    List<String> all = fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
    if (all.size() > 1) {
      throw new BadMessage("it has " + name + " more than once");
    }
    return all.stream().findFirst();
  }

  /** How long its body is. */
  sealed interface Length {
    record Bytes(long count) implements Length {}

    record Chunked() implements Length {}

    /** It does not say. */
    record Open() implements Length {}
  }

  Length length() throws BadMessage {
    Optional<String> coding = only("Transfer-Encoding");
    Optional<String> length = only("Content-Length");
    if (coding.isPresent() && length.isPresent()) {
      throw new BadMessage("it has both Content-Length and Transfer-Encoding");
    }
    if (coding.isPresent()) {
      if (!coding.get().toLowerCase(Locale.ROOT).equals("chunked")) {
        throw new BadMessage("its Transfer-Encoding is not chunked");
      }
      return new Length.Chunked();
    }
    if (length.isPresent()) {
      if (!length.get().matches("[0-9]{1,15}")) {
        throw new BadMessage("its Content-Length is no number");
      }
      return new Length.Bytes(Long.parseLong(length.get()));
    }
    return new Length.Open();
  }
}
