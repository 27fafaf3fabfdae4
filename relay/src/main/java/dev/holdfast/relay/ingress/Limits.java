package dev.holdfast.relay.ingress;

import dev.holdfast.model.wire.relay.RelayApi;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What may come in.
 *
 * @param body bytes of one
 * @param perSource deliveries a second, and how many at once
 * @param perAddress calls a second, and how many at once; a call that leads to nothing counts as
 *     {@link #WRONG}
 * @param start how long a post may take, whatever its size
 * @param pace bytes a second that a body has to come at beyond that, on the whole
 * @param atOnce deliveries of one tenant under way
 * @param memory bytes for bodies under way
 */
public record Limits(
    int body, Rate perSource, Rate perAddress, Duration start, int pace, int atOnce, long memory) {
  /** As many calls is one that names no source, or is no post. */
  public static final int WRONG = 20;

  public record Rate(double perSecond, double burst) {}

  public static final Limits DEFAULT =
      new Limits(
          RelayApi.LARGEST_BODY,
          new Rate(50, 500),
          new Rate(500, 2000),
          Duration.ofSeconds(20),
          32 * 1024,
          64,
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax() / 3);

  public Limits {
    if (body < 1 || body > RelayApi.LARGEST_BODY) {
      throw new IllegalArgumentException(
          "the largest body is from 1 to " + RelayApi.LARGEST_BODY + " bytes");
    }
    memory = Math.max(memory, 4L * body);
  }

  public Limits perSource(Rate rate) {
    return new Limits(body, rate, perAddress, start, pace, atOnce, memory);
  }

  public Limits perAddress(Rate rate) {
    return new Limits(body, perSource, rate, start, pace, atOnce, memory);
  }

  public Limits body(int most) {
    return new Limits(most, perSource, perAddress, start, pace, atOnce, memory);
  }

  public Limits start(Duration longest) {
    return new Limits(body, perSource, perAddress, longest, pace, atOnce, memory);
  }
}
