package dev.holdfast.runner;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What to tell the agent if the author's code calls {@code System.exit}: without it, the agent
 * would only see the channel end and take it for a broken machine. Close it when that code is done.
 */
final class LastWords implements AutoCloseable {
  private final Thread hook = new Thread(this::say, "last words");
  private volatile @Nullable Words words;

  /** Says it. */
  interface Words {
    void say() throws IOException, InterruptedException;
  }

  LastWords() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  void become(Words words) {
    this.words = words;
  }

  private void say() {
    Words last = words;
    if (last == null || !exitWasCalled()) {
      return;
    }
    try {
      last.say();
    } catch (IOException e) {
      System.err.println(
          "holdfast runner: the agent cannot be told of the exit: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As opposed to a signal, of which the agent knows more than this process. */
  private static boolean exitWasCalled() {
    for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
      for (StackTraceElement frame : stack) {
        if (frame.getClassName().equals("java.lang.Runtime")
            && frame.getMethodName().equals("exit")) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() {
    words = null;
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown has begun, and the hook has nothing to say any more.
    }
  }
}
