package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.WaitResponse;
import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.definition.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One container beside a job's, from its start to its removal. Thread-safe. */
final class ServiceContainer {
  /** From a program's end until the engine has told of it, and of the last that it printed. */
  private static final long ENGINE_SECONDS = 5;

  private final DockerClient docker;
  private final Service service;
  private final String id;
  private final LastWords words = new LastWords();
  private final Output output = new Output();
  private final Exit exit = new Exit();
  private final AtomicBoolean told = new AtomicBoolean();

  ServiceContainer(DockerClient docker, Service service, String id) {
    this.docker = docker;
    this.service = service;
    this.id = id;
  }

  /** Its program's output: kept nowhere but in here, and of that only the end. */
  private final class Output extends ResultCallback.Adapter<Frame> {
    @Override
    public void onNext(Frame frame) {
      byte[] bytes = frame.getPayload();
      if (bytes != null) {
        words.add(bytes, bytes.length);
      }
    }

    @Override
    public void onError(Throwable e) {
      // What came before is what there is.
      onComplete();
    }
  }

  /** Hears from the engine that it ended. */
  private static final class Exit extends ResultCallback.Adapter<WaitResponse> {
    private volatile Runnable ended = () -> {};

    @Override
    public void onComplete() {
      super.onComplete();
      // The client's thread for this call is being ended, and can make no other.
      Thread.ofVirtual().name("service-ended").start(ended);
    }

    @Override
    public void onError(Throwable e) {
      // It is gone, or the engine is: whoever is told asks, and hears which.
      onComplete();
    }
  }

  Service service() {
    return service;
  }

  String id() {
    return id;
  }

  /**
   * Starts it.
   *
   * @param ended is run once it has ended, however it did
   */
  void start(Runnable ended) throws SandboxUnavailable, InterruptedException {
    try {
      docker
          .attachContainerCmd(id)
          .withStdOut(true)
          .withStdErr(true)
          .withFollowStream(true)
          .exec(output)
          .awaitStarted();
      docker.startContainerCmd(id).exec();
      exit.ended = ended;
      docker.waitContainerCmd(id).exec(exit);
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine cannot start the service " + service.name() + ": " + Failures.line(e), e);
    }
  }

  boolean runs() throws SandboxUnavailable {
    return Boolean.TRUE.equals(state().getRunning());
  }

  /**
   * The same, by what the kernel knows already: the engine hears of an end a moment after the job
   * can have failed of it.
   */
  boolean runsStill() throws SandboxUnavailable, InterruptedException {
    ContainerState state = state();
    if (!Boolean.TRUE.equals(state.getRunning())) {
      return false;
    }
    Long process = state.getPidLong();
    if (process == null || alive(process)) {
      return true;
    }
    boolean _ = exit.awaitCompletion(ENGINE_SECONDS, TimeUnit.SECONDS);
    return runs();
  }

  private static boolean alive(long process) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
      // After the name, which may hold anything.
      return "ZX".indexOf(line.charAt(line.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** How it ended, for people: {@code with 1}. */
  String how() throws SandboxUnavailable {
    ContainerState state = state();
    if (Boolean.TRUE.equals(state.getOOMKilled())) {
      return "because its memory ran out";
    }
    Long code = state.getExitCodeLong();
    // What the engine's init says of a program that is not there, or is none.
    return Long.valueOf(127).equals(code) || Long.valueOf(126).equals(code)
        ? "at once, since its command cannot be run in its image"
        : "with " + code;
  }

  private ContainerState state() throws SandboxUnavailable {
    try {
      return docker.inspectContainerCmd(id).exec().getState();
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine does not tell of the service " + service.name() + ": " + Failures.line(e), e);
    }
  }

  /** The end of what it printed. Of one that has ended, the very end. */
  String lastWords(boolean ended) throws InterruptedException {
    if (ended) {
      // Without all of it after this time, what came is what there is.
      boolean _ = output.awaitCompletion(ENGINE_SECONDS, TimeUnit.SECONDS);
    }
    return words.text();
  }

  /** True the first time it is asked. */
  boolean firstToTell() {
    return told.compareAndSet(false, true);
  }

  /** Ends it, if it runs. */
  void kill() {
    try {
      docker.killContainerCmd(id).exec();
    } catch (NotFoundException | ConflictException e) {
      // It does not run, or not any more.
      return;
    } catch (RuntimeException e) {
      // Removing it will try again, and say so if that fails as well.
      return;
    }
  }

  void remove() throws SandboxUnavailable {
    try {
      ContainerSandbox.remove(docker, id);
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine cannot remove the service "
              + service.name()
              + ", container "
              + id
              + ": "
              + Failures.line(e),
          e);
    }
  }
}
