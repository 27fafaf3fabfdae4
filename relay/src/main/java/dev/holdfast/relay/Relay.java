package dev.holdfast.relay;

import dev.holdfast.relay.http.Callers;
import dev.holdfast.relay.http.Door;
import dev.holdfast.relay.ingress.Counters;
import dev.holdfast.relay.ingress.Ingress;
import dev.holdfast.relay.operator.OperatorPages;
import dev.holdfast.relay.seal.Sealer;
import dev.holdfast.relay.store.Store;
import dev.holdfast.relay.store.Unavailable;
import dev.holdfast.relay.tenant.TenantApi;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running relay: its parts, and in which order they start and end. */
public final class Relay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final int EXPIRY_SECONDS = 60;

  /** A pull is silent for a minute on purpose. */
  private static final Duration PULL = Duration.ofSeconds(75);

  private final Store store;
  private final Door ingress;
  private final TenantApi api;
  private final Door tenants;
  private final Door operator;
  private final ScheduledExecutorService chores;

  private Relay(Store store, RelaySettings settings) throws IOException {
    this.store = store;
    var callers = new Callers(settings.proxies());
    var counters = new Counters();
    var sealer = new Sealer();
    var posts = new Ingress(store, sealer, callers, settings.limits(), counters);
    api = new TenantApi(store, sealer, callers, settings.address());
    // Tenants first: what comes in can then be fetched.
    tenants = Door.open("tenants' door", settings.tenants().idle(PULL), callers, api);
    try {
      ingress = Door.open("ingress", settings.ingress(), callers, posts);
    } catch (IOException e) {
      tenants.close();
      throw e;
    }
    try {
      operator =
          Door.open(
              "operator's door",
              settings.operator(),
              callers,
              new OperatorPages(
                  store,
                  counters,
                  new OperatorPages.Gauges(
                      ingress::connections,
                      tenants::connections,
                      () -> ingress.ended() + tenants.ended(),
                      posts::memory)));
    } catch (IOException e) {
      ingress.close();
      tenants.close();
      throw e;
    }
    chores =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("relay-chores").factory());
    var _ =
        chores.scheduleWithFixedDelay(
            this::expire, EXPIRY_SECONDS, EXPIRY_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Starts a relay.
   *
   * @throws Unavailable if its database cannot be opened
   * @throws IOException if it cannot listen, or a certificate cannot be read
   */
  public static Relay start(RelaySettings settings, InstantSource clock) throws IOException {
    Store store = Store.open(settings.database(), clock, settings.allowance());
    try {
      return new Relay(store, settings);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private void expire() {
    try {
      long dropped = store.mailbox().expire();
      if (dropped > 0) {
        LOG.warn("{} deliveries were too old and were dropped", dropped);
      }
    } catch (Unavailable e) {
      LOG.warn("old deliveries stay for now: {}", e.getMessage());
    } catch (RuntimeException e) {
      // The next time is tried all the same.
      LOG.error("old deliveries could not be dropped", e);
    }
  }

  public Store store() {
    return store;
  }

  /** The ports that it listens on. */
  public record Ports(int ingress, int tenants, int operator) {}

  public Ports ports() {
    return new Ports(ingress.port(), tenants.port(), operator.port());
  }

  /** Takes nothing more, and ends once what was taken is on disk. */
  @Override
  public void close() {
    ingress.close();
    api.end();
    tenants.close();
    operator.close();
    chores.shutdownNow();
    store.close();
  }
}
