package dev.holdfast.agent.channel;

import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;

/** What a runner may say of an evaluation: {@code Hello}, then the answer. */
public final class EvaluationConversation {
  /** As many values as the largest definitions have. */
  private static final int PARTS = 200_000;

  private EvaluationConversation() {}

  /** Takes the greeting. */
  public static void greet(Frame frame) throws ProtocolViolation {
    if (frame.kind() != FrameKind.CONTROL
        || !(Messages.read(frame.payload(), 10) instanceof FromRunner.Hello(int version))) {
      throw new ProtocolViolation("the runner did not greet");
    }
    if (version != FromRunner.VERSION) {
      throw new ProtocolViolation(
          "the runner speaks version "
              + version
              + " of the channel and this program "
              + FromRunner.VERSION
              + "; both must come from one distribution");
    }
  }

  /**
   * Takes the answer. Its diagnostics are the words of code that is not trusted, and are cleaned.
   */
  public static FromRunner.Evaluated answer(Frame frame) throws ProtocolViolation {
    if (frame.kind() == FrameKind.CONTROL
        && Messages.read(frame.payload(), PARTS) instanceof FromRunner.Evaluated evaluated) {
      return new FromRunner.Evaluated(
          evaluated.workflows(),
          evaluated.origins(),
          evaluated.diagnostics().stream()
              .map(diagnostic ->
                  new FromRunner.Diagnostic(
                      Messages.line(diagnostic.file()),
                      diagnostic.line(),
                      Messages.lines(diagnostic.message())))
              .toList());
    }
    throw new ProtocolViolation(
        "the workflow meddled with its runner, which sent something else than its definition");
  }
}
