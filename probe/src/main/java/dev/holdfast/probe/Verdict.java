package dev.holdfast.probe;

import java.util.List;
import java.util.Optional;

/** What came of one attack, as the attack itself says. */
public sealed interface Verdict {
  /** One line for people; hostile. */
  String why();

  /** The attack reached what it was after. */
  record Through(String why) implements Verdict {}

  /** The attack was kept from it. */
  record Stopped(String why) implements Verdict {}

  /** On this host there is nothing to attack: the kernel lacks it, or keeps it to itself. */
  record Absent(String why) implements Verdict {}

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
    return after("through:", answers)
        .<Verdict>map(Through::new)
        .or(() -> after("stopped:", answers).map(Stopped::new))
        .or(() -> after("absent:", answers).map(Absent::new))
        .orElse(otherwise);
  }

  private static Optional<String> after(String word, List<String> answers) {
    return answers.stream()
        .filter(a -> a.startsWith(word))
        .findFirst()
        .map(a -> line(a.substring(word.length())));
  }

  /** {@code text} on one line, and not a long one. */
  static String line(String text) {
    String one = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\s]+", " ").strip();
    return one.length() <= 300 ? one : one.substring(0, 299) + "…";
  }
}
