package dev.holdfast.cli.machines;

import java.util.Optional;

/** Something that a host must have for machines. */
public interface SetupStep {
  /** One word, for scripts. */
  String name();

  /** What is there, once nothing lacks. */
  String has();

  /** What is not there, and what would be done; empty if nothing lacks. Changes nothing. */
  Optional<String> lacks() throws SetupFailed, InterruptedException;

  /**
   * Does it.
   *
   * @param changes told of each change of the host, not later than it is made
   */
  void make(Changes changes) throws SetupFailed, InterruptedException;

  /** Keeps what is to be taken back. */
  interface Changes {
    void add(Done done) throws SetupFailed;
  }
}
