package dev.holdfast.orchestrator;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so. */
final class ManualClock extends Clock {
  private final AtomicLong now =
      new AtomicLong(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli());

  void pass(Duration time) {
    now.addAndGet(time.toMillis());
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(now.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
