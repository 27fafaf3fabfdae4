package dev.holdfast.orchestrator.schedule;

import com.cronutils.model.time.ExecutionTime;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.definition.Schedules;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When a schedule comes true, in UTC. */
final class Times {
  private Times() {}

  /** A short name of a schedule, which may be long. */
  static String digest(String cron) {
    return Sha256.hex(cron, 8);
  }

  /** The first time after {@code now}; none for a date that never comes, as 30 February. */
  static Optional<Instant> after(String cron, Instant now) {
    return ExecutionTime.forCron(Schedules.parse(cron))
        .nextExecution(now.atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toInstant);
  }
}
