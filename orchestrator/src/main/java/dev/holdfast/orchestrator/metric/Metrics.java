package dev.holdfast.orchestrator.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** What is counted and timed, for Prometheus. Thread-safe. */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<String, Timer> http = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> webhooks = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> relayed = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> reports = new ConcurrentHashMap<>();
  private final Counter events =
      Counter.builder("holdfast_events").description("Events accepted").register(registry);
  private final Counter cspReports =
      Counter.builder("holdfast_csp_reports")
          .description("What browsers said that they refused to do on a page")
          .register(registry);
  private final Counter attemptsOver =
      Counter.builder("holdfast_attempts_over").description("Attempts ended").register(registry);
  private final Timer leased =
      Timer.builder("holdfast_queue_wait")
          .description("From a job's being queued to its lease")
          .publishPercentiles(0.5, 0.95, 0.99)
          .register(registry);
  private final DistributionSummary commits =
      DistributionSummary.builder("holdfast_commit_writes")
          .description("Writes that one commit holds")
          .register(registry);

  public void eventAccepted() {
    events.increment();
  }

  /** One webhook; {@code became} is one of a few words. */
  public void webhook(String became) {
    webhooks
        .computeIfAbsent(
            became,
            key ->
                Counter.builder("holdfast_webhooks")
                    .description("Webhooks that arrived, by what became of them")
                    .tag("became", key)
                    .register(registry))
        .increment();
  }

  /** One delivery of the relay; {@code became} is one of a few words. */
  public void relayDelivery(String became) {
    relayed
        .computeIfAbsent(
            became,
            key ->
                Counter.builder("holdfast_relay_deliveries")
                    .description("Deliveries that the relay handed over, by what became of them")
                    .tag("became", key)
                    .register(registry))
        .increment();
  }

  /** One try to tell a forge something; {@code became} is one of a few words. */
  public void report(String became) {
    reports
        .computeIfAbsent(
            became,
            key ->
                Counter.builder("holdfast_reports")
                    .description("Tries to tell a forge something, by what became of them")
                    .tag("became", key)
                    .register(registry))
        .increment();
  }

  public void cspReport() {
    cspReports.increment();
  }

  public void attemptOver() {
    attemptsOver.increment();
  }

  public void leased(Duration waited) {
    leased.record(waited);
  }

  public void commit(int writes) {
    commits.record(writes);
  }

  /** One answered request; {@code route} is its pattern, never what a client wrote. */
  public void http(String method, String route, int status, Duration took) {
    http.computeIfAbsent(
            method + " " + route + " " + status,
            key ->
                Timer.builder("holdfast_http_requests")
                    .description("Requests answered")
                    .tag("method", method)
                    .tag("route", route)
                    .tag("status", String.valueOf(status))
                    .register(registry))
        .record(took);
  }

  /** Has {@code value} asked of {@code source}, which must be kept elsewhere, at each scrape. */
  public <T> void gauge(String name, String what, T source, ToDoubleFunction<T> value) {
    io.micrometer.core.instrument.Gauge.builder(name, source, value)
        .description(what)
        .register(registry);
  }

  /** All of it as Prometheus' text. */
  public String text() {
    return registry.scrape();
  }
}
