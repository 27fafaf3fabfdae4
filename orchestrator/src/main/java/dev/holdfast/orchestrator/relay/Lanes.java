package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Deals with deliveries of one source one after the other, with those of different sources beside
 * each other, and gathers what can be acknowledged.
 *
 * <p>One that the relay must keep takes those behind it of the same source along, whatever they
 * are: they come again, in order, to another puller. That is why every delivery is remembered with
 * the puller that it came to. Thread-safe.
 */
final class Lanes implements AutoCloseable {
  /** Bytes that wait here at most; a relay keeps the rest. One delivery may go beyond. */
  static final int MOST_BYTES = 16 * 1024 * 1024;

  static final int MOST = 256;

  /** Deals with one. */
  interface Receiving {
    Receiver.Next take(Delivery delivery, byte[] sealed);
  }

  private record Item(String puller, Delivery delivery, byte[] sealed) {}

  private final Receiving receiving;
  private final Map<String, Deque<Item>> lanes = new HashMap<>();
  private final Deque<String> done = new ArrayDeque<>();

  /** By puller, the sources of which the relay must keep something that came to it. */
  private final Map<String, Set<String>> broken = new HashMap<>();

  private String newest = "";
  private int items;
  private long bytes;
  private boolean closed;

  Lanes(Receiving receiving) {
    this.receiving = receiving;
  }

  /** Has deliveries dealt with that came to {@code puller}. */
  synchronized void add(String puller, List<Delivery> deliveries, List<byte[]> sealed) {
    newest = puller;
    for (int i = 0; i < deliveries.size() && !closed; i++) {
      var item = new Item(puller, deliveries.get(i), sealed.get(i));
      items++;
      bytes += item.sealed().length;
      String source = item.delivery().source();
      Deque<Item> lane = lanes.get(source);
      if (lane != null) {
        lane.add(item);
        continue;
      }
      var made = new ArrayDeque<Item>(List.of(item));
      lanes.put(source, made);
      Thread.ofVirtual().name("relay-" + source).start(() -> work(source, made));
    }
  }

  private void work(String source, Deque<Item> lane) {
    for (Item item = first(source, lane); item != null; item = first(source, lane)) {
      Receiver.Next next =
          broken(item.puller(), source)
              ? Receiver.Next.KEEP
              : receiving.take(item.delivery(), item.sealed());
      over(lane, item, next);
    }
  }

  private synchronized @Nullable Item first(String source, Deque<Item> lane) {
    if (closed) {
      items -= lane.size();
      lane.clear();
      notifyAll();
    }
    Item first = lane.peek();
    if (first == null) {
      lanes.remove(source);
    }
    return first;
  }

  private synchronized void over(Deque<Item> lane, Item item, Receiver.Next next) {
    lane.remove();
    items--;
    bytes -= item.sealed().length;
    switch (next) {
      case ACKNOWLEDGE -> done.add(item.delivery().delivery());
      case KEEP ->
          broken.computeIfAbsent(item.puller(), _ -> new HashSet<>()).add(item.delivery().source());
    }
    if (items == 0) {
      broken.keySet().removeIf(puller -> !puller.equals(newest));
    }
    notifyAll();
  }

  private synchronized boolean broken(String puller, String source) {
    return broken.getOrDefault(puller, Set.of()).contains(source);
  }

  /** Takes at most {@code most} ids that can be acknowledged. */
  synchronized List<String> done(int most) {
    var taken = new ArrayList<String>();
    while (taken.size() < most && !done.isEmpty()) {
      taken.add(done.remove());
    }
    return taken;
  }

  /** Puts ids back whose acknowledgement did not reach the relay. */
  synchronized void undone(List<String> ids) {
    for (String id : ids.reversed()) {
      done.addFirst(id);
    }
  }

  synchronized int room() {
    return bytes >= MOST_BYTES ? 0 : Math.max(0, MOST - items);
  }

  synchronized int roomBytes() {
    return (int) Math.max(0, MOST_BYTES - bytes);
  }

  /** Whether nothing is being dealt with. */
  synchronized boolean idle() {
    return items == 0;
  }

  /**
   * Whether something that came to {@code puller} must be kept by the relay: no more of its source
   * is dealt with until another one pulls.
   */
  synchronized boolean broke(String puller) {
    return broken.containsKey(puller);
  }

  /** Waits until nothing is being dealt with, at most for {@code most}. */
  synchronized void settle(Duration most) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    for (long left = most.toNanos(); left > 0 && items > 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Waits until there is room, at most for {@code most}. */
  synchronized void awaitRoom(Duration most) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    for (long left = most.toNanos(); left > 0 && room() == 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Begins nothing more. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
