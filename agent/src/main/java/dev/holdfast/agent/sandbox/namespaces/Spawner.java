package dev.holdfast.agent.sandbox.namespaces;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts processes from one thread that lives as long as the agent.
 *
 * <p>The kernel's parent-death signal, by which sandboxes end with a killed agent, fires when the
 * <em>thread</em> that forked ends. Started from a pool's or a virtual thread's carrier, a sandbox
 * would be killed whenever the pool shrinks.
 */
public final class Spawner {
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "sandbox-spawner");
        thread.setDaemon(true);
        return thread;
      });

  private Spawner() {}

  /** Starts a process that ends with this one, if it asks for that. */
  public static Process start(ProcessBuilder builder) throws IOException, InterruptedException {
    try {
      return THREAD.submit(builder::start).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException("cannot start " + builder.command().getFirst(), e.getCause());
    }
  }
}
