package dev.holdfast.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in aligned columns. Not thread-safe. */
public final class Table {
  /**
   * One cell.
   *
   * @param plain what it says, harmless and without colours
   * @param shown the same, perhaps with colours
   */
  private record Cell(String plain, String shown) {}

  private final Style style;
  private final List<List<Cell>> rows = new ArrayList<>();
  private List<Cell> row = new ArrayList<>();

  public Table(Style style, String... headings) {
    this.style = style;
    for (String heading : headings) {
      row.add(new Cell(heading, style.dim(heading)));
    }
    end();
  }

  /** A cell of text that others may have written. */
  public Table cell(String text) {
    String plain = Plain.of(text);
    row.add(new Cell(plain, plain));
    return this;
  }

  /** A cell with the name of a state. */
  public Table state(String state) {
    String plain = Plain.of(state);
    row.add(new Cell(plain, style.state(plain)));
    return this;
  }

  /** Ends the row. */
  public Table end() {
    rows.add(row);
    row = new ArrayList<>();
    return this;
  }

  /** The table's lines, headings first, two spaces between columns, none at a line's end. */
  public List<String> lines() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<Cell> cells : rows) {
      for (int i = 0; i < cells.size(); i++) {
        widths[i] = Math.max(widths[i], width(cells.get(i).plain()));
      }
    }
    var lines = new ArrayList<String>();
    for (List<Cell> cells : rows) {
      if (cells.isEmpty()) {
        continue;
      }
      var line = new StringBuilder();
      int gap = 0;
      for (int i = 0; i < cells.size(); i++) {
        Cell cell = cells.get(i);
        if (!cell.plain().isEmpty()) {
          line.append(" ".repeat(gap)).append(cell.shown());
          gap = 0;
        }
        gap += widths[i] - width(cell.plain()) + 2;
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** How many cells of a terminal {@code text} takes: wide scripts and emoji two, marks none. */
  static int width(String text) {
    return text.codePoints().map(Table::width).sum();
  }

  // The first and last of each range of wide characters, after Unicode's East Asian Width property.
  private static final int[] WIDE = {
    0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0xa4cf, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe30, 0xfe6f,
    0xff00, 0xff60, 0xffe0, 0xffe6, 0x1f300, 0x1f64f, 0x1f900, 0x1f9ff, 0x20000, 0x3fffd
  };

  private static int width(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
      default -> {
        int at = Arrays.binarySearch(WIDE, c);
        // Inside a range if the next greater bound is the last of one.
        yield at >= 0 || (-at - 1) % 2 == 1 ? 2 : 1;
      }
    };
  }
}
