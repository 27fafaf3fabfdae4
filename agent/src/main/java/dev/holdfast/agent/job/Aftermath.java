package dev.holdfast.agent.job;

import dev.holdfast.agent.inventory.HostReader;
import dev.holdfast.agent.inventory.Inventory;
import dev.holdfast.agent.inventory.Remnant;
import dev.holdfast.agent.inventory.Subject;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.wire.agent.Contact;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of what an attempt has on its host: each part is ended by who made it, and then this
 * looks for itself, whatever they said. For the attempt's own thread.
 */
final class Aftermath {
  private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);
  private static final Duration FIRST_TRY = Duration.ofMillis(100);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private final String attempt;
  private final Workshop workshop;
  private Optional<Sandbox> sandbox = Optional.empty();
  private Optional<JobNetworks.Network> network = Optional.empty();
  private OptionalInt user = OptionalInt.empty();
  private OptionalLong closing = OptionalLong.empty();
  private Optional<String> link = Optional.empty();
  private volatile List<Remnant> found = List.of();

  Aftermath(String attempt, Workshop workshop) {
    this.attempt = attempt;
    this.workshop = workshop;
  }

  /** What the job did stands, even if its sandbox does not go: then its place stays taken. */
  void close(Sandbox ending) {
    HostUser who = ending.user();
    user = ending.userOfItsOwn() ? OptionalInt.of(who.uid()) : OptionalInt.empty();
    try {
      closing = OptionalLong.of(HostReader.ticks());
      ending.close();
    } catch (SandboxUnavailable e) {
      LOG.error(
          "{}: {}; its place on this agent stays taken until that is gone",
          attempt,
          e.getMessage());
      sandbox = Optional.of(ending);
    } catch (IOException e) {
      LOG.error("{}: this host does not tell how long it runs: {}", attempt, e.getMessage());
      sandbox = Optional.of(ending);
    }
  }

  /** What the job contacted; nothing if its network is not all gone, which is tried again. */
  List<Contact> close(JobNetworks.Network ending) throws InterruptedException {
    link = ending.link();
    try {
      return ending.close();
    } catch (SandboxUnavailable e) {
      LOG.error("{}: {}", attempt, e.getMessage());
      network = Optional.of(ending);
      return List.of();
    }
  }

  /** Removes the attempt's directory, unless its sandbox may still use it, and looks around. */
  void lookAround() throws InterruptedException {
    Path directory = workshop.directories().at(attempt);
    if (sandbox.isEmpty()) {
      try {
        workshop.directories().remove(directory);
      } catch (IOException e) {
        LOG.error("{} stays behind: {}", directory, e.getMessage());
      }
    }
    look();
    if (!found.isEmpty()) {
      LOG.error("{}: its place on this agent stays taken until these are gone: {}", attempt, found);
    }
  }

  private void look() {
    Path data = workshop.directories().data();
    var subject = new Subject(attempt, data.resolve("job").resolve(attempt), user, closing, link);
    found = Inventory.of(subject, HostReader.read(subject, data, workshop.backend()));
  }

  /** What was there when somebody last looked. */
  List<Remnant> found() {
    return found;
  }

  boolean leftSomething() {
    return sandbox.isPresent() || network.isPresent() || !found.isEmpty();
  }

  /** Tries again and again until nothing is left. */
  void awaitGone() throws InterruptedException {
    Duration pause = FIRST_TRY;
    while (leftSomething()) {
      Thread.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(TRY_AGAIN) < 0 ? pause.multipliedBy(2) : TRY_AGAIN;
      tryAgain();
    }
  }

  private void tryAgain() throws InterruptedException {
    try {
      if (sandbox.isPresent()) {
        sandbox.get().close();
        sandbox = Optional.empty();
      }
      if (network.isPresent()) {
        network.get().close();
        network = Optional.empty();
      }
      workshop.directories().remove(workshop.directories().at(attempt));
    } catch (IOException e) {
      // Said when it was found; what is left of it is seen by the look.
      LOG.debug("{}: {}", attempt, e.getMessage());
    }
    look();
    if (!leftSomething()) {
      LOG.info("{}: nothing of it is left now, and its place is free again", attempt);
    }
  }
}
