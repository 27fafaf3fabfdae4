package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.log.Escapes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines of a log as pieces of one look each. Of all that a terminal can be told only the look of
 * text is kept, as names of classes; every other escape sequence is dropped, and what would not be
 * seen is shown as what it is. Goes on from line to line as terminals do. Not thread-safe.
 */
final class Ansi {
  private boolean bold;
  private boolean faint;
  private boolean italic;
  private boolean underlined;
  private boolean reversed;
  private boolean struck;
  private String ink = "";
  private String ground = "";

  /**
   * Text of one look.
   *
   * @param look names of classes; empty for none
   */
  record Piece(String text, String look) {}

  /** The pieces of a line. */
  List<Piece> line(byte[] bytes) {
    var pieces = new ArrayList<Piece>();
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == '\r') {
      end--;
    }
    int at = 0;
    int plain = 0;
    while (at < end) {
      if (bytes[at] == 0x1b) {
        add(pieces, bytes, plain, at);
        int next = Math.min(end, Escapes.end(bytes, at));
        if (Escapes.isLook(bytes, at, next)) {
          look(new String(bytes, at + 2, next - at - 3, StandardCharsets.ISO_8859_1));
        }
        at = next;
        plain = at;
      } else if (bytes[at] == '\r') {
        // What was written before is written over, as progress bars do.
        pieces.clear();
        at++;
        plain = at;
      } else {
        at++;
      }
    }
    add(pieces, bytes, plain, end);
    return pieces;
  }

  /** A line without its look. */
  static String plain(byte[] line) {
    var text = new StringBuilder();
    new Ansi().line(line).forEach(piece -> text.append(piece.text()));
    return text.toString();
  }

  private void add(List<Piece> pieces, byte[] bytes, int from, int to) {
    if (to > from) {
      String text = new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.UTF_8);
      pieces.add(new Piece(Visible.log(text), classes()));
    }
  }

  private String classes() {
    if (!bold
        && !faint
        && !italic
        && !underlined
        && !reversed
        && !struck
        && ink.isEmpty()
        && ground.isEmpty()) {
      return "";
    }
    var out = new StringBuilder();
    named(out, bold, "ab");
    named(out, faint, "af");
    named(out, italic, "ai");
    named(out, underlined, "au");
    named(out, struck, "as");
    named(out, reversed, "ar");
    named(out, !ink.isEmpty(), "a" + ink);
    named(out, !ground.isEmpty(), "g" + ground);
    return out.toString();
  }

  private static void named(StringBuilder out, boolean has, String name) {
    if (has) {
      out.append(out.isEmpty() ? "" : " ").append(name);
    }
  }

  private void look(String parameters) {
    String[] parts = parameters.split("[;:]", -1);
    for (int i = 0; i < parts.length; i++) {
      int code = number(parts[i]);
      switch (code) {
        case 0 -> reset();
        case 1 -> bold = true;
        case 2 -> faint = true;
        case 3 -> italic = true;
        case 4 -> underlined = true;
        case 7 -> reversed = true;
        case 9 -> struck = true;
        case 22 -> {
          bold = false;
          faint = false;
        }
        case 23 -> italic = false;
        case 24 -> underlined = false;
        case 27 -> reversed = false;
        case 29 -> struck = false;
        case 39 -> ink = "";
        case 49 -> ground = "";
        case 38, 48 -> {
          int kind = i + 1 < parts.length ? number(parts[i + 1]) : -1;
          String colour = "";
          if (kind == 5 && i + 2 < parts.length) {
            colour = ofTable(number(parts[i + 2]));
            i += 2;
          } else if (kind == 2 && i + 4 < parts.length) {
            colour = nearest(number(parts[i + 2]), number(parts[i + 3]), number(parts[i + 4]));
            i += 4;
          } else {
            return;
          }
          if (code == 38) {
            ink = colour;
          } else {
            ground = colour;
          }
        }
        default -> {
          if (code >= 30 && code <= 37) {
            ink = String.valueOf(code - 30);
          } else if (code >= 90 && code <= 97) {
            ink = String.valueOf(code - 82);
          } else if (code >= 40 && code <= 47) {
            ground = String.valueOf(code - 40);
          } else if (code >= 100 && code <= 107) {
            ground = String.valueOf(code - 92);
          }
        }
      }
    }
  }

  private void reset() {
    bold = false;
    faint = false;
    italic = false;
    underlined = false;
    reversed = false;
    struck = false;
    ink = "";
    ground = "";
  }

  private static int number(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    if (text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(text);
  }

  /** One of the sixteen colours for one of 256: ours are chosen to be read on our ground. */
  private static String ofTable(int number) {
    if (number < 0 || number > 255) {
      return "";
    }
    if (number < 16) {
      return String.valueOf(number);
    }
    if (number >= 232) {
      return number < 238 ? "0" : number < 246 ? "8" : number < 252 ? "7" : "15";
    }
    int cube = number - 16;
    return nearest(cube / 36 * 51, cube / 6 % 6 * 51, cube % 6 * 51);
  }

  private static String nearest(int red, int green, int blue) {
    int most = Math.max(red, Math.max(green, blue));
    int least = Math.min(red, Math.min(green, blue));
    if (most - least < 40) {
      return most < 64 ? "0" : most < 150 ? "8" : most < 220 ? "7" : "15";
    }
    int middle = (most + least) / 2;
    int bits = (red > middle ? 1 : 0) | (green > middle ? 2 : 0) | (blue > middle ? 4 : 0);
    return String.valueOf(bits + (most > 200 ? 8 : 0));
  }
}
