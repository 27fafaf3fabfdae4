package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.WaitResponse;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.ServiceFailed;
import dev.holdfast.agent.sandbox.ServiceWatch;
import dev.holdfast.agent.sandbox.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One container, and those beside it. */
final class ContainerSandbox implements Sandbox {
  private final DockerClient docker;
  private final String id;
  private final Optional<String> volume;
  private final SandboxSpec spec;
  private final HostUser user;
  private final Images.Image image;
  private final boolean agentIsRoot;
  private final Services services;
  private final boolean endProcesses;
  private final Optional<Reused> reused;
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private ServiceWatch watch = (what, lastWords) -> {};
  private volatile boolean closed;

  /**
   * What the engine has made.
   *
   * @param volume that is the workspace; where absent, the workspace's directory is
   */
  record Made(String id, Optional<String> volume, boolean byRoot) {}

  /**
   * @param endProcesses whether what runs in it is ended, which is so but in a control
   * @param reused there only in a control, which leaves files to the next job
   */
  ContainerSandbox(
      DockerClient docker,
      Made made,
      SandboxSpec spec,
      HostUser user,
      Images.Image image,
      Services services,
      boolean endProcesses,
      Optional<Reused> reused) {
    this.docker = docker;
    this.id = made.id();
    this.volume = made.volume();
    this.agentIsRoot = made.byRoot();
    this.spec = spec;
    this.user = user;
    this.image = image;
    this.services = services;
    this.endProcesses = endProcesses;
    this.reused = reused;
  }

  @Override
  public HostUser user() {
    return user;
  }

  @Override
  public Map<String, String> imageEnvironment() {
    return image.environment();
  }

  @Override
  public Optional<String> image() {
    return Optional.of(image.pin());
  }

  @Override
  public Map<String, String> serviceImages() {
    return services.images();
  }

  @Override
  public void startServices(ServiceWatch hears)
      throws SandboxUnavailable, ServiceFailed, InterruptedException {
    watch = hears;
    if (!spec.services().isEmpty()) {
      services.start(id, process(), exited::isDone, hears);
    }
  }

  @Override
  public void endWatch() {
    services.endWatch(watch);
  }

  @Override
  public boolean sealedUntilHandOver() {
    // An image can run code of its own in any program, the runner included. Until the hand-over the
    // workspace is root's; but where the agent is not root, the job is the agent's own user.
    // A job that is root there is root here too, to the files that it is given.
    return agentIsRoot && !user.isRoot();
  }

  @Override
  public void start() throws SandboxUnavailable {
    try {
      docker.startContainerCmd(id).exec();
      docker.waitContainerCmd(id).exec(new Exit());
    } catch (RuntimeException e) {
      throw new SandboxUnavailable("the engine cannot start the container: " + Failures.line(e), e);
    }
  }

  /** Hears from the engine how the container ended. */
  private final class Exit extends ResultCallback.Adapter<WaitResponse> {
    @Override
    public void onNext(WaitResponse response) {
      exited.complete(response.getStatusCode());
    }

    @Override
    public void onError(Throwable e) {
      // It is gone, or the engine is: either way nothing of it can be relied on any more.
      exited.complete(137);
    }

    @Override
    public void onComplete() {
      exited.complete(137);
    }
  }

  @Override
  public long process() throws SandboxUnavailable {
    try {
      Long pid = docker.inspectContainerCmd(id).exec().getState().getPidLong();
      if (pid != null && pid > 0) {
        return pid;
      }
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine does not tell of the container: " + Failures.line(e), e);
    }
    throw new SandboxUnavailable("the container of " + spec.attempt() + " has ended already");
  }

  @Override
  public void handOver() throws SandboxUnavailable {
    try {
      if (reused.isPresent()) {
        reused.get().restore(spec.workspace());
      }
      if (agentIsRoot) {
        Workspace.give(spec.workspace(), user);
      }
      Files.setPosixFilePermissions(spec.workspace(), PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot give the workspace to the job: " + e.getMessage(), e);
    }
  }

  @Override
  public CompletableFuture<Integer> exited() {
    return exited;
  }

  @Override
  public String diagnostics() {
    // Its output goes nowhere: an engine's log would outlive the container or fill the disk.
    try {
      var state = docker.inspectContainerCmd(id).exec().getState();
      // What the engine's init and every shell say of a program that is not there.
      if (Long.valueOf(127).equals(state.getExitCodeLong())) {
        return spec.command().getFirst() + " cannot be started in this image";
      }
      boolean outOfMemory = Boolean.TRUE.equals(state.getOOMKilled());
      String error = state.getError() == null ? "" : state.getError();
      return outOfMemory ? "the container ran out of memory " + error : error;
    } catch (RuntimeException e) {
      return "";
    }
  }

  @Override
  public boolean ranOutOfMemory() {
    try {
      return Boolean.TRUE.equals(docker.inspectContainerCmd(id).exec().getState().getOOMKilled());
    } catch (RuntimeException e) {
      // Only said in addition to what is known; without an answer nothing is added.
      return false;
    }
  }

  @Override
  public void kill() {
    if (closed || !endProcesses) {
      return;
    }
    Thread.ofPlatform().daemon().name("container-kill").start(this::killNow);
  }

  private void killNow() {
    try {
      docker.killContainerCmd(id).exec();
    } catch (NotFoundException | ConflictException e) {
      // It does not run, or not any more.
      exited.complete(137);
    } catch (RuntimeException e) {
      // Closing will try again, and say so if that fails as well.
      exited.complete(137);
    }
    services.kill();
  }

  @Override
  public void close() throws SandboxUnavailable {
    if (closed || !endProcesses) {
      return;
    }
    // All are tried, whichever does not go: what is left would run on meanwhile.
    try (services) {
      remove(docker, id);
      if (volume.isPresent()) {
        WorkspaceVolume.remove(docker, volume.get());
      }
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine cannot remove the container "
              + id
              + " and its volume"
              + ": "
              + Failures.line(e),
          e);
    }
    if (reused.isPresent()) {
      try {
        reused.get().keep(spec.workspace());
      } catch (IOException e) {
        throw new SandboxUnavailable("the control cannot keep its files: " + e.getMessage(), e);
      }
    }
    closed = true;
    exited.complete(137);
  }

  /** Removes the container with all its processes and sees that it is gone. */
  static void remove(DockerClient docker, String id) throws SandboxUnavailable {
    try {
      docker.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException | NotModifiedException e) {
      // Gone is what it is to be; the next line sees whether it is.
    }
    try {
      docker.inspectContainerCmd(id).exec();
    } catch (NotFoundException e) {
      return;
    }
    throw new SandboxUnavailable("the container " + id + " is still there after it was removed");
  }
}
