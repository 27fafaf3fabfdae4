package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line to the relay: one thread that enrols, then asks for deliveries over and over,
 * acknowledging those that are on disk here. It gives up nothing but what is on record as refused,
 * and goes on after whatever the relay does.
 *
 * <p>It pulls under a name of its own. When something could not be dealt with it takes another
 * name: the relay then keeps that source back until what the old name had of it is free again, and
 * begins with the oldest. So the order of each source holds, and others go on.
 */
final class Line implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Line.class);
  private static final Duration POLL = Duration.ofSeconds(30);

  /** While something is being dealt with, so that its acknowledgement does not wait for long. */
  private static final Duration SHORT_POLL = Duration.ofSeconds(1);

  private static final Duration SETTLE = Duration.ofMillis(500);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration REFUSED_PAUSE = Duration.ofMinutes(5);
  private static final Duration CHORES = Duration.ofMinutes(1);
  private static final Duration KEY_CHORE = Duration.ofHours(1);

  /** A new key after so long: what was sealed to the old one then stays closed for good. */
  static final Duration KEY_AGE = Duration.ofDays(30);

  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final Database database;
  private final Store store;
  private final RelayCalls calls;
  private final Lanes lanes;
  private final Refused refused;
  private final Standing standing;
  private final Runnable settle;
  private final InstantSource clock;
  private final Thread thread;
  private String puller;
  private Instant nextChores = Instant.EPOCH;
  private Instant nextKey = Instant.EPOCH;
  private volatile boolean closing;

  Line(
      Database database,
      Store store,
      RelayCalls calls,
      Receiver receiver,
      Refused refused,
      Standing standing,
      Runnable settle,
      InstantSource clock) {
    this.database = database;
    this.store = store;
    this.calls = calls;
    this.refused = refused;
    this.standing = standing;
    this.settle = settle;
    this.clock = clock;
    this.puller = database.ids().next("pull");
    this.lanes =
        new Lanes((delivery, sealed) -> {
          Enrolment at = store.enrolment().orElseThrow();
          return receiver.take(at, at.taken().orElseThrow(), delivery, sealed);
        });
    this.thread = Thread.ofVirtual().name("relay").start(this::run);
  }

  private void run() {
    int failures = 0;
    while (!closing) {
      try {
        Duration pause = once(failures);
        failures = pause.isZero() ? 0 : failures + 1;
        if (!pause.isZero()) {
          Thread.sleep(pause);
        }
      } catch (InterruptedException e) {
        if (!closing) {
          LOG.warn("the line to the relay was interrupted and goes on");
        }
      } catch (RuntimeException e) {
        failures++;
        LOG.error("the line to the relay goes on after: {}", String.valueOf(e.getMessage()), e);
        standing.now(
            RelayStatus.State.AWAY, Optional.of(String.valueOf(e.getMessage())), clock.instant());
        sleepQuietly(pause(failures));
      }
    }
  }

  private void sleepQuietly(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      if (!closing) {
        LOG.warn("the line to the relay was interrupted and goes on");
      }
    }
  }

  /** One exchange; answers how long to leave the relay alone after it. */
  private Duration once(int failures) throws InterruptedException {
    Optional<Enrolment> found = store.enrolment();
    if (found.isEmpty()) {
      throw new IllegalStateException("the enrolment at the relay is gone from the database");
    }
    Enrolment at = found.get();
    if (at.taken().isEmpty()) {
      return enrol(at, failures);
    }
    chores();
    return pull(at, failures);
  }

  private Duration enrol(Enrolment at, int failures) {
    RelayApi.PublicKey key = store.keys().getFirst().key().open();
    return switch (calls.enrol(
        at, new RelayApi.Enrol(RelayApi.VERSION, at.token().orElseThrow(), at.credential(), key))) {
      case RelayCalls.Answer.Good<RelayApi.Enrolled>(var taken) -> {
        database.write(s -> {
          store.enrolled(s, new Enrolment.Taken(taken.tenant(), taken.ingress()), clock.instant());
          store.taken(s, key.id(), List.of(key.id()), Instant.EPOCH, clock.instant());
          return true;
        });
        LOG.info("enrolled at the relay {} as {}", at.url(), taken.tenant());
        yield Duration.ZERO;
      }
      case RelayCalls.Answer.Unknown<RelayApi.Enrolled>(var why) ->
          refused(
              at,
              "the relay does not take the invitation: "
                  + why
                  + "; it was used or is over: ask its operator for another");
      case RelayCalls.Answer.Failed<RelayApi.Enrolled>(var why) ->
          away(RelayStatus.State.ENROLLING, at, why, failures);
    };
  }

  private Duration pull(Enrolment at, int failures) throws InterruptedException {
    if (lanes.broke(puller)) {
      puller = database.ids().next("pull");
    }
    if (lanes.room() == 0) {
      lanes.awaitRoom(SHORT_POLL);
    }
    List<String> acks = lanes.done(RelayApi.Pull.MOST);
    var asked =
        new RelayApi.Pull(
            puller, acks, lanes.room(), lanes.roomBytes(), lanes.idle() ? POLL : SHORT_POLL);
    long begun = System.nanoTime();
    return switch (calls.pull(at, asked)) {
      case RelayCalls.Answer.Good<Batch>(var batch) when beyond(asked, batch) -> {
        lanes.undone(acks);
        yield away(
            RelayStatus.State.AWAY, at, "it hands over more than it was asked for", failures);
      }
      case RelayCalls.Answer.Good<Batch>(var batch) -> {
        standing.said(batch.head().standing());
        if (standing.now(RelayStatus.State.CONNECTED, Optional.empty(), clock.instant())) {
          LOG.info("connected to the relay {}", at.url());
        }
        lanes.add(puller, batch.head().deliveries(), batch.sealed());
        lanes.settle(SETTLE);
        // What could not be dealt with now will not be better in a moment; and who answers at once
        // that there is nothing is not asked at once again.
        boolean hasty =
            batch.head().deliveries().isEmpty()
                && acks.isEmpty()
                && System.nanoTime() - begun < asked.patience().toNanos() / 2;
        yield lanes.broke(puller) || hasty ? pause(failures) : Duration.ZERO;
      }
      case RelayCalls.Answer.Unknown<Batch>(var why) -> {
        lanes.undone(acks);
        if (changed(at)) {
          yield Duration.ZERO;
        }
        yield refused(
            at,
            "the relay does not know this server any more: "
                + why
                + "; it was revoked there: ask the relay's operator for another invitation");
      }
      case RelayCalls.Answer.Failed<Batch>(var why) -> {
        lanes.undone(acks);
        yield away(RelayStatus.State.AWAY, at, why, failures);
      }
    };
  }

  /** Whether another credential took the place of the one that was shown. */
  private boolean changed(Enrolment shown) {
    if (store.nextCredential().isPresent()) {
      // The relay may have taken it, and its answer was lost.
      settle.run();
    }
    return store
        .enrolment()
        .filter(now -> !now.credential().equals(shown.credential()))
        .isPresent();
  }

  /** A relay that hands over more would fill this server's memory. */
  private static boolean beyond(RelayApi.Pull asked, Batch batch) {
    long bytes = batch.sealed().stream().mapToLong(sealed -> sealed.length).sum();
    int count = batch.sealed().size();
    return count > asked.most() || (count > 1 && bytes > asked.mostBytes());
  }

  private Duration refused(Enrolment at, String why) {
    if (standing.now(RelayStatus.State.REFUSED, Optional.of(why), clock.instant())) {
      LOG.error("relay {}: {}", at.url(), why);
    }
    return REFUSED_PAUSE;
  }

  private Duration away(RelayStatus.State state, Enrolment at, String why, int failures) {
    boolean news = standing.now(state, Optional.of(why), clock.instant());
    if (!closing && (news || failures == 0)) {
      LOG.warn("the relay {} is away: {}; it is tried again", at.url(), why);
    }
    return pause(failures);
  }

  /** Twice as long each time, and never the same for all who wait for one relay. */
  private static Duration pause(int failures) {
    long most =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures, 10));
    return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }

  private void chores() {
    Instant now = clock.instant();
    if (!now.isBefore(nextChores)) {
      nextChores = now.plus(CHORES);
      settle.run();
      refused.sweep(store.enrolment().map(Enrolment::url).orElse(""));
    }
    if (!now.isBefore(nextKey)) {
      nextKey = now.plus(KEY_CHORE);
      if (store.keys().getFirst().madeAt().isBefore(now.minus(KEY_AGE))) {
        database.write(s -> store.make(s, now));
      }
      settleKey().ifPresent(why -> LOG.warn("the relay does not have the newest key: {}", why));
    }
  }

  /**
   * Has the relay seal to the newest key, and forgets those that nothing is sealed to any more.
   *
   * @return why it does not, if it does not
   */
  synchronized Optional<String> settleKey() {
    Optional<Enrolment> at = store.enrolment();
    List<Store.Kept> keys = store.keys();
    if (at.flatMap(Enrolment::taken).isEmpty()
        || (keys.size() == 1 && keys.getFirst().takenAt().isPresent())) {
      return Optional.empty();
    }
    RelayApi.PublicKey newest = keys.getFirst().key().open();
    return switch (calls.key(at.get(), new RelayApi.PutKey(newest))) {
      case RelayCalls.Answer.Good<RelayApi.KeyTaken>(var taken) -> {
        Instant now = clock.instant();
        List<String> forgotten =
            database.write(
                s -> store.taken(s, newest.id(), taken.needed(), now.minus(KEY_CHORE), now));
        if (!forgotten.isEmpty()) {
          LOG.info("forgot {} keys that nothing at the relay is sealed to", forgotten.size());
        }
        yield Optional.empty();
      }
      case RelayCalls.Answer.Unknown<RelayApi.KeyTaken>(var why) -> Optional.of(why);
      case RelayCalls.Answer.Failed<RelayApi.KeyTaken>(var why) -> Optional.of(why);
    };
  }

  /** Asks for nothing more; what is being dealt with ends by itself, and is told next time. */
  @Override
  public void close() {
    closing = true;
    lanes.close();
    calls.close();
    thread.interrupt();
    try {
      if (!thread.join(CLOSING)) {
        LOG.warn("the line to the relay did not end in {} s", CLOSING.toSeconds());
      }
      lanes.settle(CLOSING);
      refused.flush(store.enrolment().map(Enrolment::url).orElse(""));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreUnavailable e) {
      LOG.warn("refusals that were only counted are not on record: {}", e.getMessage());
    }
  }
}
