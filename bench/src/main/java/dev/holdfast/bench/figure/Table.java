package dev.holdfast.bench.figure;

import java.util.ArrayList;
import java.util.List;

/** Figures as a table of plain text. */
public final class Table {
  private static final List<String> HEAD =
      List.of("figure", "n", "median", "p95", "min - max", "floor", "ratio", "target", "");
  private static final String GAP = "  ";

  private Table() {}

  /** The figures under the names of their measurements, in their order. */
  public static String of(List<Figure> figures) {
    var rows = new ArrayList<List<String>>();
    rows.add(HEAD);
    figures.forEach(figure -> rows.add(row(figure)));
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var text = new StringBuilder(line(HEAD, widths));
    String measurement = "";
    for (int i = 0; i < figures.size(); i++) {
      if (!figures.get(i).measurement().equals(measurement)) {
        measurement = figures.get(i).measurement();
        text.append('\n').append(measurement).append('\n');
      }
      text.append(line(rows.get(i + 1), widths));
    }
    return text.toString();
  }

  private static List<String> row(Figure figure) {
    Samples samples = figure.samples();
    boolean several = samples.count() > 1;
    return List.of(
        "  " + figure.name(),
        Integer.toString(samples.count()),
        Numbers.text(figure.median()) + " " + figure.unit().symbol(),
        several ? Numbers.text(figure.p95()) : "",
        several ? Numbers.text(samples.min()) + " - " + Numbers.text(samples.max()) : "",
        figure
            .floor()
            .map(floor -> Numbers.text(floor.value()) + " (" + floor.what() + ")")
            .orElse(""),
        figure.ratio().isPresent() ? Numbers.text(figure.ratio().getAsDouble()) + "x" : "",
        target(figure),
        figure.target().isEmpty() ? "" : figure.met() ? "met" : "NOT MET");
  }

  private static String target(Figure figure) {
    return figure.target().isEmpty()
        ? ""
        : (figure.unit().moreIsBetter() ? ">= " : "<= ")
            + Numbers.text(figure.target().getAsDouble());
  }

  private static String line(List<String> cells, int[] widths) {
    var text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(widths[i] - cell.length());
      boolean words = i == 0 || i == 5 || i == widths.length - 1;
      text.append(words ? cell + padding : padding + cell).append(GAP);
    }
    return text.toString().stripTrailing() + "\n";
  }
}
