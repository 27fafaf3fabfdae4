package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.definition.Service;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether one service is ready, asked again and again. Used by one thread. */
sealed interface ReadyCheck {
  /** Whether it is. Waits for nothing. */
  boolean passes() throws SandboxUnavailable, InterruptedException;

  /** Why it did not pass last. */
  String why();

  /**
   * @param container the service's
   * @param process of the job, by the host's count
   */
  static ReadyCheck of(DockerClient docker, Service.Ready ready, String container, long process) {
    return switch (ready) {
      case Service.Ready.Port(int port, var within) -> new AtPort(process, port);
      case Service.Ready.Command(String run, var within) -> new ByScript(docker, container, run);
    };
  }

  /** By the kernel's own list: who listens there is connected, whatever the images have. */
  record AtPort(long process, int port) implements ReadyCheck {
    @Override
    public boolean passes() throws SandboxUnavailable {
      try {
        return Listening.at(process, port);
      } catch (IOException e) {
        throw new SandboxUnavailable(
            "cannot see who listens in the job's network: " + e.getMessage(), e);
      }
    }

    @Override
    public String why() {
      return "nothing accepts connections at localhost:" + port;
    }
  }

  /** By a script, one run of it at a time. */
  final class ByScript implements ReadyCheck {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final DockerClient docker;
    private final String container;
    private final String script;
    private @Nullable String running;
    private Over over = new Over();
    private long next = System.nanoTime();
    private String why = "its script did not end";

    /** Hears when a run is over; what it prints is nobody's. */
    private static final class Over extends ResultCallback.Adapter<Frame> {
      @Override
      public void onError(Throwable e) {
        // Its code says how it ended; without one it has not passed.
        onComplete();
      }
    }

    ByScript(DockerClient docker, String container, String script) {
      this.docker = docker;
      this.container = container;
      this.script = script;
    }

    @Override
    public boolean passes() throws InterruptedException {
      try {
        String run = running;
        if (run == null) {
          if (System.nanoTime() - next >= 0) {
            running = begin();
          }
          return false;
        }
        if (!over.awaitCompletion(0, TimeUnit.MILLISECONDS)) {
          return false;
        }
        running = null;
        next = System.nanoTime() + PAUSE_NANOS;
        Long code = docker.inspectExecCmd(run).exec().getExitCodeLong();
        why = "its script ended with " + (code == null ? "no code" : code);
        return Long.valueOf(0).equals(code);
      } catch (RuntimeException e) {
        // An engine that is gone is seen by whoever asks whether the service still runs.
        running = null;
        next = System.nanoTime() + PAUSE_NANOS;
        why = "its script cannot be run: " + Failures.line(e);
        return false;
      }
    }

    private String begin() {
      String run =
          docker
              .execCreateCmd(container)
              .withCmd("/bin/sh", "-c", script)
              .withAttachStdout(true)
              .withAttachStderr(true)
              .exec()
              .getId();
      over = docker.execStartCmd(run).exec(new Over());
      return run;
    }

    @Override
    public String why() {
      return why;
    }
  }
}
