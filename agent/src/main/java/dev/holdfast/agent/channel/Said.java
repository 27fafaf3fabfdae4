package dev.holdfast.agent.channel;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;

/** What a runner said, once it is known to be in order and within bounds. */
public sealed interface Said {
  /** It is there, and speaks our version. */
  record Ready() implements Said {}

  /** The classes that it compiled, before any step ran. */
  @SuppressWarnings("ArrayRecordComponent") // Carries bytes; is never compared.
  record Classes(byte[] zip) implements Said {}

  /** The step wants to start, and waits for an answer. */
  record StepWaits(int step) implements Said {}

  record StepStarted(int step) implements Said {}

  /** Output of the step that runs. */
  @SuppressWarnings("ArrayRecordComponent") // Carries bytes; is never compared.
  record Log(byte[] bytes) implements Said {}

  record Output(Name name, String value) implements Said {}

  record Summary(String markdown) implements Said {}

  record StepFinished(int step, StepResult result) implements Said {}

  /** The last. */
  record Finished(Outcome outcome) implements Said {}
}
