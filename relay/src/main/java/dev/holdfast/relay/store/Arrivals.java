package dev.holdfast.relay.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes who waits for a tenant's deliveries. Thread-safe. */
public final class Arrivals {
  private final ConcurrentHashMap<String, Set<Ear>> listening = new ConcurrentHashMap<>();

  /** Hears of all that arrives for a tenant from the moment on that it is made. */
  public final class Ear implements AutoCloseable {
    private final String tenant;
    private final Semaphore heard = new Semaphore(0);

    private Ear(String tenant) {
      this.tenant = tenant;
    }

    /** Returns when something arrived since the last call, or time is up. */
    public void await(Duration patience) throws InterruptedException {
      if (heard.tryAcquire(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS)) {
        heard.drainPermits();
      }
    }

    @Override
    public void close() {
      listening.computeIfPresent(
          tenant,
          (t, ears) -> {
            ears.remove(this);
            return ears.isEmpty() ? null : ears;
          });
    }
  }

  /** Begins to listen for a tenant; empty if so many do already. */
  public java.util.Optional<Ear> listen(String tenant, int most) {
    var ear = new Ear(tenant);
    Set<Ear> all =
        listening.compute(
            tenant,
            (t, ears) -> {
              Set<Ear> present = ears == null ? ConcurrentHashMap.newKeySet() : ears;
              if (present.size() < most) {
                present.add(ear);
              }
              return present;
            });
    return all.contains(ear) ? java.util.Optional.of(ear) : java.util.Optional.empty();
  }

  /** How many wait. */
  public int listening() {
    return listening.values().stream().mapToInt(Set::size).sum();
  }

  void arrived(String tenant) {
    Set<Ear> ears = listening.get(tenant);
    if (ears != null) {
      ears.forEach(ear -> ear.heard.release());
    }
  }

  /** After anything may have been missed, or when nobody is to wait any longer. */
  public void all() {
    listening.values().forEach(ears -> ears.forEach(ear -> ear.heard.release()));
  }
}
