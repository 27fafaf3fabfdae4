package dev.holdfast.orchestrator.seal.command;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A command that prints a key. No shell reads it, it gets an empty environment but for a plain
 * PATH, nothing to read, a bounded time and a bounded output, and what it prints is repeated
 * nowhere.
 */
public final class KeyCommand {
  /** More than any form of a key. */
  private static final int MOST_BYTES = 4096;

  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final List<String> command;
  private final Duration patience;

  /**
   * @param command a program by its absolute path, and its arguments
   */
  public KeyCommand(List<String> command, Duration patience) {
    if (command.isEmpty() || !command.getFirst().startsWith("/")) {
      throw new IllegalArgumentException(
          "the command of a master key begins with the absolute path of a program");
    }
    if (patience.compareTo(Duration.ofMinutes(5)) > 0 || patience.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the command of a master key is waited for up to 5 minutes");
    }
    this.command = List.copyOf(command);
    this.patience = patience;
  }

  /**
   * What it prints.
   *
   * @throws IOException if it does not end well, in time, with little output
   */
  public byte[] run() throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    // What it complains about may hold what it was asked for.
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    long end = System.nanoTime() + patience.toNanos();
    Process process = builder.start();
    var printed = new CompletableFuture<byte[]>();
    Thread.ofVirtual()
        .start(() -> {
          try (InputStream out = process.getInputStream()) {
            printed.complete(out.readNBytes(MOST_BYTES + 1));
          } catch (IOException e) {
            printed.completeExceptionally(e);
          }
        });
    try {
      byte[] bytes = printed.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (bytes.length > MOST_BYTES) {
        Arrays.fill(bytes, (byte) 0);
        throw new IOException("the command " + name() + " prints more than any key has");
      }
      if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        Arrays.fill(bytes, (byte) 0);
        throw late();
      }
      if (process.exitValue() != 0) {
        Arrays.fill(bytes, (byte) 0);
        throw new IOException(
            "the command " + name() + " ended with " + process.exitValue() + "; run it by hand");
      }
      return bytes;
    } catch (TimeoutException e) {
      throw late();
    } catch (ExecutionException e) {
      throw new IOException("the command " + name() + " cannot be read from", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the command " + name() + " ran", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private IOException late() {
    return new IOException(
        "the command " + name() + " did not end within " + patience.toMillis() + " ms");
  }

  /** Its arguments may say more than is good for a log. */
  private String name() {
    return command.getFirst();
  }
}
