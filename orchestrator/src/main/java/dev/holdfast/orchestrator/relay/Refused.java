package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts on record what was refused of that which a relay handed over. Each refusal is an entry, up
 * to {@link #EACH} in a minute; of more there is one entry that counts them, so that nobody fills
 * the log by inventing deliveries. Thread-safe.
 */
final class Refused {
  private static final Logger LOG = LoggerFactory.getLogger(Refused.class);
  static final int EACH = 100;
  private static final Duration PERIOD = Duration.ofMinutes(1);

  /** Why a delivery was refused. */
  enum Because {
    /** There is no key here that it is sealed to. */
    NO_KEY,
    /** It does not open: changed, cut, or sealed for another tenant, source or delivery. */
    SEAL,
    /** Nothing here has such a source. */
    NO_SOURCE,
    /** It is too old, or from a time that is yet to come. */
    TIME,
    /** None of the source's secrets signed it, or only one that counts no more. */
    UNSIGNED,
    /** It is about what its source has no say over. */
    NOT_OURS,
    /** Signed, and not what a forge sends. */
    UNREADABLE,
    /** It could not be dealt with here, for so long that others had to go on. */
    STUCK;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  private final Database database;
  private final Audit audit;
  private final InstantSource clock;
  private Instant since = Instant.EPOCH;
  private int written;
  private final Map<Because, Integer> more = new EnumMap<>(Because.class);

  Refused(Database database, Audit audit, InstantSource clock) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Notes a refusal; it is on disk when this returns, but for what is only counted.
   *
   * @param relay where it came from
   * @throws dev.holdfast.orchestrator.db.StoreUnavailable if it cannot be: then it was not refused
   */
  void note(String relay, Delivery delivery, Because because, String why) {
    if (each(relay, because)) {
      LOG.warn(
          "refused the delivery {} for {}: {}: {}",
          delivery.delivery(),
          delivery.source(),
          because.word(),
          why);
      write(
          relay,
          delivery.source(),
          List.of(because.word() + ": " + why, "delivery " + delivery.delivery()));
    }
  }

  private boolean each(String relay, Because because) {
    Map<String, Integer> counted;
    boolean each;
    synchronized (this) {
      counted = turn();
      each = written < EACH;
      if (each) {
        written++;
      } else {
        more.merge(because, 1, Integer::sum);
      }
    }
    writeCounted(relay, counted);
    return each;
  }

  /** To be called every now and then: writes what was only counted in a minute that is over. */
  void sweep(String relay) {
    Map<String, Integer> counted;
    synchronized (this) {
      counted = turn();
    }
    writeCounted(relay, counted);
  }

  /** Writes what was only counted so far. */
  void flush(String relay) {
    synchronized (this) {
      since = Instant.EPOCH;
    }
    sweep(relay);
  }

  /** Begins a new minute if the last one is over, and answers what was only counted in it. */
  private Map<String, Integer> turn() {
    Instant now = clock.instant();
    if (now.isBefore(since.plus(PERIOD))) {
      return Map.of();
    }
    var counted = new TreeMap<String, Integer>();
    more.forEach((because, count) -> counted.put(because.word(), count));
    since = now;
    written = 0;
    more.clear();
    return counted;
  }

  private void writeCounted(String relay, Map<String, Integer> counted) {
    if (!counted.isEmpty()) {
      LOG.warn("refused more deliveries, which are only counted: {}", counted);
      write(
          relay, "relay", List.of("more than " + EACH + " in a minute; of the others: " + counted));
    }
  }

  private void write(String relay, String subject, List<String> reasons) {
    database.write(s -> {
      audit.record(
          s,
          new Audit.Entry(
              "holdfast",
              "relay.refuse",
              subject,
              Optional.of(relay),
              Audit.Outcome.REFUSED,
              reasons));
      return true;
    });
  }
}
