package dev.holdfast.relay.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How much each of many may do: a bucket that fills at a rate and holds a burst. So many buckets
 * are kept, those used last; one that is forgotten begins full. Thread-safe.
 */
public final class Rates {
  private static final int MOST = 50_000;

  private final double perSecond;
  private final double burst;
  private final LongSupplier nanos;
  private final LinkedHashMap<String, Bucket> buckets = new LinkedHashMap<>(1024, 0.75f, true);

  private record Bucket(double left, long at) {}

  /**
   * @param nanos as {@link System#nanoTime}
   */
  public Rates(double perSecond, double burst, LongSupplier nanos) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.nanos = nanos;
  }

  /** Takes one of {@code who}'s; if there is none left, says when there is. */
  public Optional<Duration> take(String who) {
    return take(who, 1);
  }

  /** Takes {@code cost}, which may be more than is left: then there is a debt to wait for. */
  public synchronized Optional<Duration> take(String who, double cost) {
    long now = nanos.getAsLong();
    Bucket bucket = buckets.get(who);
    double left =
        bucket == null
            ? burst
            : Math.min(burst, bucket.left() + (now - bucket.at()) / 1e9 * perSecond);
    boolean enough = left >= 1;
    buckets.put(who, new Bucket(enough ? Math.max(-burst, left - cost) : left, now));
    if (buckets.size() > MOST) {
      forgetEldest();
    }
    return enough
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds((long) Math.ceil((1 - left) / perSecond)));
  }

  private void forgetEldest() {
    var all = buckets.entrySet().iterator();
    Map.Entry<String, Bucket> _ = all.next();
    all.remove();
  }

  /** Whoever has one IPv6 address has its whole network of 64 bits. */
  public static String key(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }
}
