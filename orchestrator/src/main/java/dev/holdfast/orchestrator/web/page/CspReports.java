package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.metric.Metrics;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What browsers refused to do on a page of ours. Anybody can say so: it is counted, and logged once
 * a minute.
 */
final class CspReports {
  static final String PATH = "/csp-report";

  private static final Logger LOG = LoggerFactory.getLogger(CspReports.class);
  private static final int MOST_BYTES = 16 * 1024;
  private static final int MOST_SHOWN = 500;
  private static final Duration ONCE_IN = Duration.ofMinutes(1);

  private final Metrics metrics;
  private final InstantSource clock;
  private Instant next = Instant.EPOCH;

  CspReports(Metrics metrics, InstantSource clock) {
    this.metrics = metrics;
    this.clock = clock;
  }

  void take(Context ctx) throws IOException {
    byte[] bytes = ctx.req().getInputStream().readNBytes(MOST_BYTES);
    metrics.cspReport();
    if (due()) {
      LOG.warn(
          "a browser refused something on a page: {}",
          Quote.line(new String(bytes, StandardCharsets.UTF_8), MOST_SHOWN));
    }
    ctx.status(204);
  }

  private synchronized boolean due() {
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      return false;
    }
    next = now.plus(ONCE_IN);
    return true;
  }
}
