package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.BadRequestException;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.ServiceFailed;
import dev.holdfast.agent.sandbox.ServiceWatch;
import dev.holdfast.model.definition.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers beside one job's. {@link #kill} may be called by any thread, at any time. */
final class Services implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Services.class);
  private static final long PAUSE_MILLIS = 50;

  private final DockerClient docker;
  private final ContainerWall.Beside wall;
  private final SandboxSpec spec;
  private final Map<String, String> labels;
  private final List<Planned> planned;
  private final BroughtImages.Hold hold;
  private final List<ServiceContainer> made = new ArrayList<>();
  private final ReentrantLock telling = new ReentrantLock();
  private boolean ended;
  private boolean watched;

  /**
   * One that is to be.
   *
   * @param volumes what its image wants to write
   */
  record Planned(Service service, Images.Image image, HostUser user, List<String> volumes) {}

  /**
   * @param labels by which a later agent finds what a killed one left
   * @param hold on the images, which have no container before {@code start}; closed with this
   */
  Services(
      DockerClient docker,
      ContainerWall.Beside wall,
      SandboxSpec spec,
      Map<String, String> labels,
      List<Planned> planned,
      BroughtImages.Hold hold) {
    this.docker = docker;
    this.wall = wall;
    this.spec = spec;
    this.labels = labels;
    this.planned = planned;
    this.hold = hold;
  }

  /** What names their very images, by their names. */
  Map<String, String> images() {
    var all = new LinkedHashMap<String, String>();
    planned.forEach(each -> all.put(each.service().name(), each.image().pin()));
    return all;
  }

  /**
   * Starts all, and returns once all are ready.
   *
   * @param job the id of the job's container, which runs
   * @param process of that container, by the host's count
   * @param over whether the job's container has ended
   */
  void start(String job, long process, BooleanSupplier over, ServiceWatch watch)
      throws SandboxUnavailable, ServiceFailed, InterruptedException {
    var pending = new ArrayList<Awaited>();
    for (Planned each : planned) {
      ServiceContainer container = make(each, job);
      container.start(() -> tell(container, watch));
      // Again: an end that was ordered meanwhile found nothing to kill.
      if (isEnded()) {
        container.kill();
      }
      var check = ReadyCheck.of(docker, each.service().ready(), container.id(), process);
      pending.add(new Awaited(container, check, System.nanoTime()));
    }
    while (!pending.isEmpty()) {
      if (isEnded() || over.getAsBoolean()) {
        throw new SandboxUnavailable("the job's container ended while its services were starting");
      }
      for (Awaited each : List.copyOf(pending)) {
        if (ready(each)) {
          pending.remove(each);
        }
      }
      if (!pending.isEmpty()) {
        Thread.sleep(PAUSE_MILLIS);
      }
    }
    beginWatch();
    // One that was ready first can have ended while another was waited for.
    for (ServiceContainer container : all()) {
      if (!container.runs()) {
        tell(container, watch);
      }
    }
  }

  /** One that was started and is not ready yet. */
  private record Awaited(ServiceContainer container, ReadyCheck check, long since) {}

  private boolean ready(Awaited each)
      throws SandboxUnavailable, ServiceFailed, InterruptedException {
    ServiceContainer container = each.container();
    Service service = container.service();
    if (!container.runs()) {
      if (isEnded()) {
        return false;
      }
      throw new ServiceFailed(
          "the service "
              + service.name()
              + " ended "
              + container.how()
              + " before it was ready; mend its image, environment or command",
          container.lastWords(true));
    }
    if (each.check().passes()) {
      return true;
    }
    var patience = service.ready().patience();
    if (System.nanoTime() - each.since() > patience.toNanos()) {
      throw new ServiceFailed(
          "the service "
              + service.name()
              + " was not ready within "
              + patience.toSeconds()
              + " s: "
              + each.check().why()
              + "; mend what it runs or how it is asked, or give it longer with within",
          container.lastWords(false));
    }
    return false;
  }

  private ServiceContainer make(Planned each, String job) throws SandboxUnavailable, ServiceFailed {
    Service service = each.service();
    var all = new LinkedHashMap<>(labels);
    all.put(ContainerBackend.SERVICE_LABEL, service.name());
    try {
      var command =
          docker
              .createContainerCmd(each.image().id())
              .withUser(each.user().uid() + ":" + each.user().gid())
              .withLabels(all)
              .withTty(false)
              .withStdinOpen(false)
              .withEnv(
                  service.env().entrySet().stream()
                      .map(entry -> entry.getKey() + "=" + entry.getValue())
                      .toList())
              .withHostConfig(wall.of(spec, each.user(), job, each.volumes()));
      if (!service.command().isEmpty()) {
        command.withCmd(service.command());
      }
      var container = new ServiceContainer(docker, service, command.exec().getId());
      synchronized (this) {
        made.add(container);
      }
      return container;
    } catch (BadRequestException e) {
      throw new ServiceFailed(
          "the engine cannot make the service "
              + service.name()
              + " of its image: "
              + Failures.line(e)
              + "; give it a command, or another image",
          "");
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the engine cannot make the service " + service.name() + ": " + Failures.line(e), e);
    }
  }

  /** Says of each that has ended by now, and of none that ends later. */
  void endWatch(ServiceWatch watch) {
    for (ServiceContainer container : all()) {
      try {
        if (!container.runsStill()) {
          tell(container, watch);
        }
      } catch (SandboxUnavailable e) {
        LOG.warn("{}: {}", spec.attempt(), e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    telling.lock();
    try {
      synchronized (this) {
        watched = false;
      }
    } finally {
      telling.unlock();
    }
  }

  private void tell(ServiceContainer container, ServiceWatch watch) {
    // One at a time, and whoever ends the watch waits for what is being said.
    telling.lock();
    try {
      if (!isWatched() || !container.firstToTell()) {
        return;
      }
      watch.ended(
          "the service "
              + container.service().name()
              + " ended "
              + container.how()
              + " while the job ran",
          container.lastWords(true));
    } catch (SandboxUnavailable e) {
      LOG.warn("{}: {}", spec.attempt(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      telling.unlock();
    }
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  private synchronized boolean isWatched() {
    return watched && !ended;
  }

  private synchronized void beginWatch() {
    watched = true;
  }

  private synchronized List<ServiceContainer> all() {
    return List.copyOf(made);
  }

  /** Ends all, and whatever is started later. May wait for the engine. */
  void kill() {
    synchronized (this) {
      ended = true;
    }
    all().forEach(ServiceContainer::kill);
  }

  /** Removes all and sees that they are gone. */
  @Override
  public void close() throws SandboxUnavailable {
    synchronized (this) {
      ended = true;
    }
    var left = new ArrayList<SandboxUnavailable>();
    for (ServiceContainer container : all()) {
      try {
        container.remove();
      } catch (SandboxUnavailable e) {
        left.add(e);
      }
    }
    if (!left.isEmpty()) {
      throw left.getFirst();
    }
    hold.close();
  }
}
