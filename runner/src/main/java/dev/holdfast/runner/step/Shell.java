package dev.holdfast.runner.step;

import dev.holdfast.runner.secret.Variables;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One script in a {@code /bin/sh -e} of its own. Standard input is empty; standard output and error
 * are one stream. The process has the given environment and nothing of the runner's.
 */
public final class Shell implements Running {
  /**
   * The variable whose value no other step has, so that processes that a script left behind are
   * known by it.
   */
  public static final String MARK = "HOLDFAST_OUTPUT";

  private final Process process;
  private final Pump pump;
  private final ProcessTree tree;
  private volatile int exitCode;
  private volatile boolean over;

  private Shell(Process process, Pump pump, ProcessTree tree) {
    this.process = process;
    this.pump = pump;
    this.tree = tree;
  }

  /**
   * Starts it.
   *
   * @param env all of it but secrets; holds {@link #MARK}
   * @param secrets that it has in its environment as well
   * @param whenOver is run, by another thread, when the shell has ended
   * @throws IOException if there is no shell or the environment is too large
   */
  public static Shell start(
      Script script,
      Map<String, String> env,
      Variables secrets,
      Path directory,
      LogSink log,
      Runnable whenOver)
      throws IOException {
    var builder =
        new ProcessBuilder(
            secrets.isEmpty() ? script.command() : secrets.around(script.command()));
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true);
    if (secrets.isEmpty()) {
      builder.redirectInput(new File("/dev/null"));
    }
    Process process = builder.start();
    var pump = new Pump(process.getInputStream(), new Gate(log));
    pump.start();
    var shell =
        new Shell(process, pump, new ProcessTree(process.toHandle(), MARK + "=" + env.get(MARK)));
    var waiter = new Thread(() -> shell.await(whenOver), "shell");
    waiter.setDaemon(true);
    waiter.start();
    if (!secrets.isEmpty()) {
      // By a thread of its own: a shell that does not read must not hold up who can stop it.
      var teller = new Thread(() -> shell.tell(secrets), "secrets");
      teller.setDaemon(true);
      teller.start();
    }
    return shell;
  }

  private void tell(Variables secrets) {
    try {
      secrets.tell(process.getOutputStream());
    } catch (IOException | IllegalStateException e) {
      // The shell is gone, which its exit code says, or its step is over: it never runs its script.
      kill();
    }
  }

  private void await(Runnable whenOver) {
    try {
      exitCode = process.waitFor();
      over = true;
      whenOver.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean over() {
    return over;
  }

  @Override
  public void terminate() {
    tree.terminate();
  }

  @Override
  public void kill() {
    tree.kill();
  }

  /** Ends, by force, what the script left behind. */
  public void sweep() {
    tree.kill();
  }

  /** Waits until all that the shell wrote is in the log; nothing gets there afterwards. */
  public void settle() throws InterruptedException {
    pump.settle();
  }

  /** Its exit code once it is over: 128 and the signal's number if a signal ended it. */
  public int exitCode() {
    return exitCode;
  }

  /** A script on its way to a shell, as data: an argument, or a file if it is long. */
  public record Script(List<String> command) {
    /** The kernel takes no single argument of 128 KiB; this leaves room for what it adds. */
    private static final int LONGEST_ARGUMENT = 100 * 1024;

    /**
     * Makes one.
     *
     * @param file is written, in a folder that is the job's alone, if the script is long
     */
    public static Script of(String text, Path file) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      if (bytes.length <= LONGEST_ARGUMENT) {
        // Without "--", a script that starts with a dash would be taken for options.
        return new Script(List.of("/bin/sh", "-e", "-c", "--", text));
      }
      return new Script(List.of("/bin/sh", "-e", Files.write(file, bytes).toString()));
    }
  }
}
