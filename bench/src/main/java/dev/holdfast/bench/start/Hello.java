package dev.holdfast.bench.start;

import java.io.IOException;

/** The least that a Java program can be: the floor of starting one, and of its memory. */
public final class Hello {
  private Hello() {}

  /** Greets; with an argument, then waits for the end of standard input. */
  public static void main(String[] args) throws IOException {
    System.out.println("hello");
    if (args.length > 0) {
      System.in.readAllBytes();
    }
  }
}
