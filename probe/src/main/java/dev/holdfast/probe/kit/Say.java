package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;

/** The line by which a program says whether it got through. */
final class Say {
  private Say() {}

  static void through(String evidence) {
    System.out.println("HOLDFAST-PROBE through: " + evidence);
  }

  static void stopped(String why) {
    System.out.println("HOLDFAST-PROBE stopped: " + why);
  }

  static void absent(String why) {
    System.out.println("HOLDFAST-PROBE absent: " + why);
  }

  /**
   * For calls that an unfiltered kernel would answer otherwise: refused here, or answered.
   *
   * @param refusals what a filter says
   */
  static void reached(String what, Answer answer, int... refusals) {
    if (java.util.Arrays.stream(refusals).anyMatch(answer::is)) {
      stopped(what + ": " + answer.words());
    } else {
      through(what + " reached the kernel: " + answer.words());
    }
  }

  /** Whether an answer came. */
  static void answered(Answer answer, String from) {
    if (answer.ok()) {
      through("an answer from " + from);
    } else {
      stopped("no answer from " + from + ": " + answer.words());
    }
  }

  /** For calls that must succeed to be of use. */
  static void succeeded(String what, Answer answer) {
    if (answer.ok()) {
      through(what + " succeeded");
    } else {
      stopped(what + ": " + answer.words());
    }
  }
}
