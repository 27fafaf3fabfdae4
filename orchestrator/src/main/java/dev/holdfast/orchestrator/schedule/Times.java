package dev.holdfast.orchestrator.schedule;

import com.cronutils.model.time.ExecutionTime;
import dev.holdfast.orchestrator.definition.Schedules;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HexFormat;
import java.util.Optional;

/** When a schedule comes true, in UTC. */
final class Times {
  private Times() {}

  /** A short name of a schedule, which may be long. */
  static String digest(String cron) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(cron.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The first time after {@code now}; none for a date that never comes, as 30 February. */
  static Optional<Instant> after(String cron, Instant now) {
    return ExecutionTime.forCron(Schedules.parse(cron))
        .nextExecution(now.atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toInstant);
  }
}
