package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.hook.Hooked;
import dev.holdfast.orchestrator.hook.Hooks;
import dev.holdfast.orchestrator.metric.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals with one delivery. The only thing that a relay can say is that there is one: what it may
 * lead to is what {@link Hooks} does with a body that its forge signed. Thread-safe.
 */
final class Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Receiver.class);

  /** Longer than relays keep anything. Whoever stole an old copy of one's store is too late. */
  static final Duration OLDEST = Duration.ofDays(14);

  /** By how much a relay's clock may be ahead. */
  static final Duration AHEAD = Duration.ofHours(1);

  /** After that, what cannot be dealt with lets those behind it go on. */
  static final Duration STUCK = Duration.ofHours(1);

  /** As by HTTP: what a body's parts take in memory is a multiple of it. */
  private static final int MOST_BODY = 8 * 1024 * 1024;

  private static final int MOST_FAILED = 1000;

  private final Store store;
  private final Hooks hooks;
  private final Refused refused;
  private final Metrics metrics;
  private final InstantSource clock;

  /** When a delivery could first not be dealt with. */
  private final Map<String, Instant> failed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MOST_FAILED;
        }
      };

  Receiver(Store store, Hooks hooks, Refused refused, Metrics metrics, InstantSource clock) {
    this.store = store;
    this.hooks = hooks;
    this.refused = refused;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** What is to be done with a delivery. */
  enum Next {
    /** It is on disk here, or was refused for good, which is on record: the relay can forget it. */
    ACKNOWLEDGE,
    /** It could not be dealt with now, through no fault of its own: the relay must keep it. */
    KEEP
  }

  private record Refusal(Refused.Because because, String why) {}

  Next take(Enrolment from, Enrolment.Taken tenant, Delivery delivery, byte[] sealed) {
    try {
      Optional<Refusal> refusal = refusal(tenant, delivery, sealed);
      if (refusal.isPresent()) {
        refused.note(from.url(), delivery, refusal.get().because(), refusal.get().why());
        metrics.relayDelivery(refusal.get().because().word());
      } else {
        metrics.relayDelivery("taken");
      }
      synchronized (failed) {
        failed.remove(delivery.delivery());
      }
      return Next.ACKNOWLEDGE;
    } catch (StoreUnavailable e) {
      // Nothing is wrong with it, however long this takes.
      LOG.warn("the delivery {} waits at the relay: {}", delivery.delivery(), e.getMessage());
      return Next.KEEP;
    } catch (ForgeUnavailable e) {
      return stuck(from, delivery, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("the delivery {} cannot be dealt with", delivery.delivery(), e);
      return stuck(from, delivery, "it cannot be dealt with: " + e);
    }
  }

  private Next stuck(Enrolment from, Delivery delivery, String why) {
    Instant now = clock.instant();
    Instant first;
    synchronized (failed) {
      first = failed.computeIfAbsent(delivery.delivery(), _ -> now);
    }
    if (now.isBefore(first.plus(STUCK))) {
      LOG.warn("the delivery {} waits at the relay: {}", delivery.delivery(), why);
      return Next.KEEP;
    }
    try {
      refused.note(from.url(), delivery, Refused.Because.STUCK, why);
    } catch (StoreUnavailable e) {
      LOG.warn("the delivery {} waits at the relay: {}", delivery.delivery(), e.getMessage());
      return Next.KEEP;
    }
    metrics.relayDelivery(Refused.Because.STUCK.word());
    return Next.ACKNOWLEDGE;
  }

  private Optional<Refusal> refusal(Enrolment.Taken tenant, Delivery delivery, byte[] sealed)
      throws ForgeUnavailable {
    Optional<Opener.Key> key = store.key(delivery.key());
    if (key.isEmpty()) {
      return refusal(
          Refused.Because.NO_KEY, "it is sealed to a key that is not this server's, or is no more");
    }
    Original original;
    try {
      original = Opener.open(key.get(), delivery.bound(tenant.tenant()), sealed);
    } catch (Opener.Unopened e) {
      return refusal(Refused.Because.SEAL, String.valueOf(e.getMessage()));
    }
    // Only now is it sure that these are the source and the time that it was sealed for; whoever
    // has the open half of the key can say anything there, and the signature comes after.
    Instant now = clock.instant();
    if (delivery.arrived().isBefore(now.minus(OLDEST))
        || delivery.arrived().isAfter(now.plus(AHEAD))) {
      return refusal(
          Refused.Because.TIME, "the relay says that it arrived at " + delivery.arrived());
    }
    Optional<String> link = store.link(delivery.source());
    if (link.isEmpty()) {
      return refusal(Refused.Because.NO_SOURCE, "there is no such source here, or it was removed");
    }
    if (!original.method().equals("POST")) {
      return refusal(Refused.Because.UNREADABLE, "forges POST, and this is another method");
    }
    if (original.body().length > MOST_BODY) {
      return refusal(
          Refused.Because.UNREADABLE, "its body is over " + MOST_BODY / 1024 / 1024 + " MiB");
    }
    return switch (hooks.take(link.get(), new Sent(original.headers(), original.body()))) {
      case Hooked.Accepted() -> Optional.empty();
      case Hooked.Ignored _ -> Optional.empty();
      case Hooked.Refused(var because, var why) ->
          refusal(
              switch (because) {
                case UNSIGNED -> Refused.Because.UNSIGNED;
                case NOT_OURS -> Refused.Because.NOT_OURS;
                case UNREADABLE -> Refused.Because.UNREADABLE;
              },
              why);
    };
  }

  private static Optional<Refusal> refusal(Refused.Because because, String why) {
    return Optional.of(new Refusal(because, why));
  }
}
