package dev.holdfast.agent.sandbox.microvm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was made before it is wanted, each for one use: so many of each kind, of the kinds that were
 * wanted last as many as memory allows. {@link #step} does one thing, and is one thread's; {@link
 * #take} and {@link #wanted} are anybody's. Knows neither machines nor a clock.
 *
 * @param <K> by which those are told apart that can stand for each other
 * @param <M> what waits
 */
final class WarmPool<K, M> {
  /** After that long without a job nobody waits for one of a kind any more. */
  static final Duration FORGOTTEN = Duration.ofHours(1);

  /** What waited so long is replaced: its caches are cold, and what it knows of its host is old. */
  static final Duration AGED = Duration.ofMinutes(30);

  /** How long none of a kind is made after one could not be. */
  static final Duration RESTS = Duration.ofMinutes(1);

  /** Makes and ends what waits. */
  interface Maker<K, M> {
    /** One of this kind, or nothing if that failed, which the maker has told whoever must know. */
    Optional<M> make(K kind) throws InterruptedException;

    /** Whether it can still be used. */
    boolean lives(M waiting);

    /** Ends it. */
    void end(M waiting) throws InterruptedException;

    /** Bytes of memory that one of this kind may have. */
    long memory(K kind);

    /** Bytes that the host has free. */
    long free();
  }

  private record Waiting<M>(M it, Instant since) {}

  private static final class Of<M> {
    private final Deque<Waiting<M>> waiting = new ArrayDeque<>();
    private Instant wanted = Instant.MIN;
    private Instant rests = Instant.MIN;
  }

  private final int size;
  private final long memory;
  private final Maker<K, M> maker;
  private final Map<K, Of<M>> kinds = new LinkedHashMap<>();
  private boolean closed;

  /**
   * @param size of each kind
   * @param memory bytes that all together may have
   */
  WarmPool(int size, long memory, Maker<K, M> maker) {
    this.size = size;
    this.memory = memory;
    this.maker = maker;
  }

  /** There is a job of this kind, so there may be another. */
  synchronized void wanted(K kind, Instant now) {
    // The one that was wanted last comes last.
    Of<M> known = kinds.remove(kind);
    Of<M> of = known == null ? new Of<>() : known;
    of.wanted = now;
    kinds.put(kind, of);
  }

  /** One that waits, which is the caller's from now on. */
  synchronized Optional<M> take(K kind) {
    Of<M> of = kinds.get(kind);
    if (of == null) {
      return Optional.empty();
    }
    for (Iterator<Waiting<M>> each = of.waiting.iterator(); each.hasNext(); ) {
      M it = each.next().it();
      // One that has ended stays for the next step, which ends it with all that it has.
      if (maker.lives(it)) {
        each.remove();
        return Optional.of(it);
      }
    }
    return Optional.empty();
  }

  synchronized int waiting() {
    return kinds.values().stream().mapToInt(of -> of.waiting.size()).sum();
  }

  /**
   * Ends one that should not wait any more, or else makes one that should.
   *
   * @return whether there was something to do
   */
  boolean step(Instant now) throws InterruptedException {
    Optional<M> surplus = surplus(now);
    if (surplus.isPresent()) {
      maker.end(surplus.get());
      return true;
    }
    Optional<K> missing = missing(now);
    if (missing.isEmpty()) {
      return false;
    }
    K kind = missing.get();
    Optional<M> made = maker.make(kind);
    if (made.isPresent() && !put(kind, made.get(), now)) {
      maker.end(made.get());
    }
    if (made.isEmpty()) {
      rest(kind, now.plus(RESTS));
    }
    return true;
  }

  private synchronized void rest(K kind, Instant until) {
    Of<M> of = kinds.get(kind);
    if (of != null) {
      of.rests = until;
    }
  }

  private synchronized boolean put(K kind, M made, Instant now) {
    Of<M> of = kinds.get(kind);
    if (closed || of == null) {
      return false;
    }
    of.waiting.addLast(new Waiting<>(made, now));
    return true;
  }

  /** How many of each kind should wait: first come those that were wanted last. */
  private Map<K, Integer> should(Instant now) {
    var should = new LinkedHashMap<K, Integer>();
    long left = memory;
    for (K kind : new ArrayList<>(kinds.keySet()).reversed()) {
      Of<M> of = kinds.get(kind);
      boolean forgotten = of == null || of.wanted.plus(FORGOTTEN).isBefore(now);
      int count = forgotten ? 0 : (int) Math.min(size, left / Math.max(1, maker.memory(kind)));
      left -= count * maker.memory(kind);
      should.put(kind, count);
    }
    return should;
  }

  private synchronized Optional<M> surplus(Instant now) {
    Map<K, Integer> should = should(now);
    for (Iterator<Map.Entry<K, Of<M>>> each = kinds.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<K, Of<M>> entry = each.next();
      Deque<Waiting<M>> waiting = entry.getValue().waiting;
      for (Waiting<M> one : waiting) {
        if (!maker.lives(one.it()) || one.since().plus(AGED).isBefore(now)) {
          waiting.remove(one);
          return Optional.of(one.it());
        }
      }
      int count = should.getOrDefault(entry.getKey(), 0);
      if (waiting.size() > count) {
        return Optional.of(waiting.removeFirst().it());
      }
      if (waiting.isEmpty() && entry.getValue().wanted.plus(FORGOTTEN).isBefore(now)) {
        each.remove();
      }
    }
    return Optional.empty();
  }

  private synchronized Optional<K> missing(Instant now) {
    if (closed) {
      return Optional.empty();
    }
    for (Map.Entry<K, Integer> each : should(now).entrySet()) {
      Of<M> of = kinds.get(each.getKey());
      if (of != null
          && of.waiting.size() < each.getValue()
          && !of.rests.isAfter(now)
          // So that one more leaves as much again for those who work.
          && maker.free() > 2 * maker.memory(each.getKey())) {
        return Optional.of(each.getKey());
      }
    }
    return Optional.empty();
  }

  /** Nothing waits any more. What is being made just now ends with the step that makes it. */
  void close() throws InterruptedException {
    List<M> left = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (Of<M> of : kinds.values()) {
        of.waiting.forEach(one -> left.add(one.it()));
        of.waiting.clear();
      }
      kinds.clear();
    }
    for (M each : left) {
      maker.end(each);
    }
  }
}
