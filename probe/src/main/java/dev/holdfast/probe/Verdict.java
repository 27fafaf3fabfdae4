package dev.holdfast.probe;

import java.util.List;

/** What came of one attack, as the attack itself says. */
public sealed interface Verdict {
  /** One line for people; hostile. */
  String why();

  /** The attack reached what it was after. */
  record Through(String why) implements Verdict {}

  /** The attack was kept from it. */
  record Stopped(String why) implements Verdict {}

  /** The attack did not say, or could not be tried: proof of nothing. */
  record Inconclusive(String why) implements Verdict {}

  /** What a program prints before its answer. */
  String MARK = "HOLDFAST-PROBE ";

  /**
   * The answer in {@code log}. A program that says both was through.
   *
   * @param otherwise what to make of a log without an answer
   */
  static Verdict in(String log, Verdict otherwise) {
    List<String> answers =
        log.lines().filter(l -> l.startsWith(MARK)).map(l -> l.substring(MARK.length())).toList();
    return answers.stream()
        .filter(a -> a.startsWith("through:"))
        .findFirst()
        .<Verdict>map(a -> new Through(line(a.substring("through:".length()))))
        .or(() ->
            answers.stream()
                .filter(a -> a.startsWith("stopped:"))
                .findFirst()
                .map(a -> new Stopped(line(a.substring("stopped:".length())))))
        .orElse(otherwise);
  }

  /** {@code text} on one line, and not a long one. */
  static String line(String text) {
    String one = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\s]+", " ").strip();
    return one.length() <= 300 ? one : one.substring(0, 299) + "…";
  }
}
