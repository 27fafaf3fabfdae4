package dev.holdfast.relay.operator;

import dev.holdfast.relay.http.Answer;
import dev.holdfast.relay.http.Door;
import dev.holdfast.relay.ingress.Counters;
import dev.holdfast.relay.ingress.Counters.Outcome;
import dev.holdfast.relay.store.Store;
import dev.holdfast.relay.store.Tenants.Tenant;
import dev.holdfast.relay.store.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.eclipse.jetty.server.Request;

/**
 * Health, metrics and a page of counters, for loopback or a network of the operator's own. Nothing
 * here changes anything: tenants are looked after with {@code holdfast relay tenant}.
 */
public final class OperatorPages implements Door.Calls {
  private static final Duration TIME = Duration.ofSeconds(30);
  private static final String HTML = "text/html; charset=utf-8";
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final Store store;
  private final Counters counters;
  private final Gauges gauges;

  /** What only the running process knows. */
  public record Gauges(
      LongSupplier ingressConnections,
      LongSupplier tenantConnections,
      LongSupplier endedConnections,
      LongSupplier bodyMemory) {}

  public OperatorPages(Store store, Counters counters, Gauges gauges) {
    this.store = store;
    this.counters = counters;
    this.gauges = gauges;
  }

  @Override
  public Duration time(Request request) {
    return TIME;
  }

  @Override
  public Optional<Answer> answer(Door.Call call) {
    if (!call.method().equals("GET")) {
      return Optional.of(Answer.refusal(405, "there is nothing to change here").ending());
    }
    return Optional.of(
        switch (call.path()) {
          case "/healthz" -> Answer.text(200, PLAIN, "ok\n");
          case "/readyz" -> ready();
          case "/metrics" ->
              Answer.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics());
          case "/" -> Answer.text(200, HTML, page());
          default -> Answer.refusal(404, "there is no such page");
        });
  }

  private Answer ready() {
    try {
      store.check();
      return Answer.text(200, PLAIN, "ok\n");
    } catch (Unavailable e) {
      return Answer.text(503, PLAIN, "the database cannot be reached\n");
    }
  }

  private String metrics() {
    var out = new StringBuilder();
    out.append("# TYPE holdfast_relay_posts_total counter\n");
    for (Outcome outcome : Outcome.values()) {
      out.append("holdfast_relay_posts_total{outcome=\"")
          .append(word(outcome))
          .append("\"} ")
          .append(counters.get(outcome))
          .append('\n');
    }
    List<Tenant> tenants = inForce();
    gauge(out, "waiting_deliveries", tenants.stream().mapToLong(t -> t.standing().waiting()).sum());
    gauge(out, "waiting_bytes", tenants.stream().mapToLong(t -> t.standing().bytes()).sum());
    gauge(out, "refused_deliveries", tenants.stream().mapToLong(t -> t.standing().refused()).sum());
    gauge(out, "expired_deliveries", tenants.stream().mapToLong(t -> t.standing().expired()).sum());
    gauge(out, "tenants", tenants.size());
    gauge(out, "oldest_seconds", store.mailbox().oldest().map(Duration::toSeconds).orElse(0L));
    gauge(out, "pulls_waiting", store.arrivals().listening());
    gauge(out, "writes_waiting", store.waitingWrites());
    gauge(out, "writes", store.writes());
    gauge(out, "commits", store.commits());
    gauge(out, "ingress_connections", gauges.ingressConnections().getAsLong());
    gauge(out, "tenant_connections", gauges.tenantConnections().getAsLong());
    gauge(out, "connections_ended", gauges.endedConnections().getAsLong());
    gauge(out, "body_memory_bytes", gauges.bodyMemory().getAsLong());
    return out.toString();
  }

  private static void gauge(StringBuilder out, String name, long value) {
    out.append("# TYPE holdfast_relay_")
        .append(name)
        .append(" gauge\nholdfast_relay_")
        .append(name)
        .append(' ')
        .append(value)
        .append('\n');
  }

  private List<Tenant> inForce() {
    return store.tenants().list().stream().filter(t -> t.revoked().isEmpty()).toList();
  }

  private String page() {
    Instant now = store.now();
    var out =
        new StringBuilder(
            """
            <!doctype html>
            <html lang="en">
            <title>Holdfast relay</title>
            <style>
            body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
            td, th { padding: .2em 1em .2em 0; text-align: right; }
            td:first-child, th:first-child { text-align: left; }
            </style>
            <h1>Holdfast relay</h1>
            <h2>Tenants</h2>
            <table>
            <tr><th>tenant<th>sources<th>waiting<th>bytes<th>oldest<th>refused<th>expired
            """);
    for (Tenant tenant : inForce()) {
      cell(out.append("<tr>"), tenant.name());
      cell(out, tenant.enrolled().isEmpty() ? "not enrolled" : Long.toString(tenant.sources()));
      cell(out, Long.toString(tenant.standing().waiting()));
      cell(out, Long.toString(tenant.standing().bytes()));
      cell(out, tenant.oldest().map(at -> age(Duration.between(at, now))).orElse(""));
      cell(out, Long.toString(tenant.standing().refused()));
      cell(out, Long.toString(tenant.standing().expired()));
      out.append('\n');
    }
    out.append("</table>\n<h2>Posts since this relay started</h2>\n<table>\n");
    for (Outcome outcome : Outcome.values()) {
      cell(out.append("<tr>"), word(outcome));
      cell(out, Long.toString(counters.get(outcome)));
      out.append('\n');
    }
    return out.append("</table>\n</html>\n").toString();
  }

  private static String age(Duration age) {
    return age.toHours() > 0 ? age.toHours() + " h" : age.toSeconds() + " s";
  }

  private static void cell(StringBuilder out, String text) {
    out.append("<td>").append(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
  }

  private static String word(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
