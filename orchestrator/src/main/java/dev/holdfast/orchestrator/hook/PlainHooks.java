package dev.holdfast.orchestrator.hook;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Webhooks of whatever can sign by the rules of Standard Webhooks, for repositories that are plain
 * git. What is pushed is never taken from a body: {@code push} says only that there is something to
 * look at. Thread-safe.
 */
final class PlainHooks {
  private final Forge forge;
  private final Deliveries deliveries;
  private final InstantSource clock;

  PlainHooks(Forge forge, Deliveries deliveries, InstantSource clock) {
    this.forge = forge;
    this.deliveries = deliveries;
    this.clock = clock;
  }

  /**
   * A body.
   *
   * @param type {@code push} or {@code start}
   * @param workflow to start
   * @param ref to start it on; else the default branch
   */
  record Said(
      String type, Optional<Name> workflow, Optional<RefName> ref, Map<String, String> inputs) {}

  /** Why {@code sent} is not to be believed. */
  Optional<String> refusal(WebhookSecrets secrets, Sent sent) {
    return secrets.standardRefusal(sent, clock.instant());
  }

  /**
   * Does what is asked for. The same {@code webhook-id} again does nothing.
   *
   * @throws ForgeUnavailable if it cannot be done now, so that the sender sends it again
   */
  Hooked take(Repository repository, Sent sent) throws ForgeUnavailable {
    Said said;
    try {
      said = Records.read(Said.class, sent.body());
    } catch (MalformedJson e) {
      return unreadable(String.valueOf(e.getMessage()));
    }
    return switch (said.type()) {
      case "push" -> {
        deliveries.look(repository.id());
        yield new Hooked.Accepted();
      }
      case "start" -> start(repository, said, sent);
      default -> unreadable("type: is " + Quote.of(said.type()) + "; expected push or start");
    };
  }

  private Hooked start(Repository repository, Said said, Sent sent) throws ForgeUnavailable {
    if (said.workflow().isEmpty()) {
      return unreadable("workflow: is missing; say which to start");
    }
    RefName ref = said.ref().isPresent() ? said.ref().get() : forge.defaultBranch(repository);
    Optional<CommitId> commit = forge.resolve(repository, ref);
    if (commit.isEmpty()) {
      return unreadable(
          "the repository " + repository.name() + " has no branch or tag " + Quote.of(ref.value()));
    }
    deliveries.happened(
        new Event(
            "webhook:" + sent.header("webhook-id").orElseThrow(),
            repository.id(),
            clock.instant(),
            Optional.empty(),
            new Happening.Manual(said.workflow().get(), ref, commit.get(), said.inputs())),
        List.of());
    return new Hooked.Accepted();
  }

  private static Hooked unreadable(String why) {
    return new Hooked.Refused(Hooked.Because.UNREADABLE, why);
  }
}
