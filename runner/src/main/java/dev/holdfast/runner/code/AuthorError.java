package dev.holdfast.runner.code;

import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.sdk.StepFailed;

/** What an exception says to the author whose code threw it. */
final class AuthorError {
  private AuthorError() {}

  /** As a diagnostic at the author's innermost line. */
  static Diagnostic diagnostic(Throwable thrown) {
    StackTraceElement at = authorsFrame(thrown);
    return at == null
        ? new Diagnostic("", 0, message(thrown))
        : new Diagnostic(file(at), Math.max(0, at.getLineNumber()), message(thrown));
  }

  /** As one line that ends in the place. */
  static String line(Throwable thrown) {
    StackTraceElement at = authorsFrame(thrown);
    return message(thrown)
        + (at == null ? "" : " (" + file(at) + ":" + Math.max(0, at.getLineNumber()) + ")");
  }

  /** For the log: the exception and its causes, with the author's own lines. */
  static String trace(Throwable thrown) {
    var text = new StringBuilder();
    String before = "";
    int depth = 0;
    for (Throwable at = thrown; at != null && depth < 20; at = at.getCause(), depth++) {
      text.append(before).append(at).append('\n');
      before = "caused by ";
      int frames = 0;
      for (StackTraceElement frame : at.getStackTrace()) {
        if (isAuthors(frame) && frames++ < 50) {
          text.append("  at ").append(frame.getMethodName()).append(" (");
          text.append(file(frame)).append(':').append(frame.getLineNumber()).append(")\n");
        }
      }
    }
    return text.toString();
  }

  private static String message(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    boolean ours = trace.length > 0 && trace[0].getClassName().startsWith(SdkClasses.PACKAGE + ".");
    String message = thrown.getMessage();
    String text =
        message != null && (ours || thrown instanceof StepFailed)
            ? message
            : message == null
                ? thrown.getClass().getSimpleName()
                : thrown.getClass().getSimpleName() + ": " + message;
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static @org.jspecify.annotations.Nullable StackTraceElement authorsFrame(
      Throwable thrown) {
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (isAuthors(frame)) {
        return frame;
      }
    }
    return null;
  }

  private static boolean isAuthors(StackTraceElement frame) {
    return WorkflowClasses.NAME.equals(frame.getClassLoaderName());
  }

  private static String file(StackTraceElement frame) {
    String file = frame.getFileName();
    return file == null ? "" : file;
  }
}
