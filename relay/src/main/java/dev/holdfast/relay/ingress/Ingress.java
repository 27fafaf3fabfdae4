package dev.holdfast.relay.ingress;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.http.Answer;
import dev.holdfast.relay.http.Callers;
import dev.holdfast.relay.http.Door;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.http.Rates;
import dev.holdfast.relay.ingress.Counters.Outcome;
import dev.holdfast.relay.seal.Sealed;
import dev.holdfast.relay.seal.Sealer;
import dev.holdfast.relay.store.Sources;
import dev.holdfast.relay.store.Store;
import dev.holdfast.relay.store.Unavailable;
import dev.holdfast.relay.store.Unguessable;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.server.Request;

/**
 * Takes what forges post. A body is read, sealed, and written over; what goes on from here is
 * sealed. A post is answered with 202 once it is on disk. There is nothing else to be had here: no
 * page, no list, nothing to change.
 */
public final class Ingress implements Door.Calls {
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration LATER = Duration.ofSeconds(60);

  private final Store store;
  private final Sealer sealer;
  private final Callers callers;
  private final Limits limits;
  private final Counters counters;
  private final Budget budget;
  private final Rates addresses;
  private final Rates sources;

  public Ingress(Store store, Sealer sealer, Callers callers, Limits limits, Counters counters) {
    this.store = store;
    this.sealer = sealer;
    this.callers = callers;
    this.limits = limits;
    this.counters = counters;
    this.budget = new Budget(limits.memory(), limits.atOnce());
    this.addresses =
        new Rates(limits.perAddress().perSecond(), limits.perAddress().burst(), System::nanoTime);
    this.sources =
        new Rates(limits.perSource().perSecond(), limits.perSource().burst(), System::nanoTime);
  }

  private record Taken(String state) {}

  /**
   * The connection ends with it, as with every answer here: Jetty keeps what it read last of one
   * that goes on, and this process is to forget it.
   */
  private static final Answer KEPT = Answer.json(202, Taken.class, new Taken("kept")).ending();

  /** Bytes of bodies under way, with what sealing them takes. */
  public long memory() {
    return budget.used();
  }

  @Override
  public Duration time(Request request) {
    long announced = Math.clamp(request.getLength(), 0, limits.body());
    return limits.start().plusSeconds(announced / limits.pace());
  }

  @Override
  public Optional<Answer> answer(Door.Call call) throws IOException {
    InetAddress from = callers.of(call.request());
    Optional<Duration> wait = addresses.take(Rates.key(from));
    if (wait.isPresent()) {
      return refused(
          Outcome.ADDRESS_TOO_FAST, 429, "too many calls of one address; slow down", wait.get());
    }
    String path = call.path();
    String secret =
        path.startsWith(RelayApi.INGRESS) ? path.substring(RelayApi.INGRESS.length()) : "";
    Optional<Sources.Door> door =
        SECRET.matcher(secret).matches() ? store.sources().door(secret) : Optional.empty();
    if (door.isEmpty()) {
      wrong(from);
      return refused(
          Outcome.NO_SUCH_SOURCE, 404, "there is no such address; see the webhook's URL");
    }
    if (!call.method().equals("POST") && !call.method().equals("PUT")) {
      wrong(from);
      return refused(Outcome.NOT_A_POST, 405, "webhooks are posted here, and nothing else");
    }
    return posted(call, from, door.get());
  }

  private void wrong(InetAddress from) {
    var _ = addresses.take(Rates.key(from), Limits.WRONG - 1.0);
  }

  private Optional<Answer> posted(Door.Call call, InetAddress from, Sources.Door door)
      throws IOException {
    if (!door.ranges().isEmpty() && !Ranges.of(door.ranges()).holds(from)) {
      wrong(from);
      return refused(
          Outcome.ADDRESS_NOT_ALLOWED, 403, "this source takes nothing from that address");
    }
    Optional<Duration> wait = sources.take(door.tenant() + "/" + door.source());
    if (wait.isPresent()) {
      return refused(
          Outcome.SOURCE_TOO_FAST, 429, "too many deliveries of one source; try later", wait.get());
    }
    long length = call.announced();
    if (length < 0) {
      return refused(Outcome.NO_LENGTH, 411, "the body's length is not said; send Content-Length");
    }
    if (length > limits.body()) {
      return refused(
          Outcome.TOO_LARGE,
          413,
          "the body is over " + limits.body() + " bytes, which is the most");
    }
    if (!store.mailbox().allowance().roomFor(length, door.standing())) {
      store.mailbox().refused(door.tenant());
      return full();
    }
    if (!budget.take(door.tenant(), length)) {
      return refused(
          Outcome.TENANT_TOO_MANY_AT_ONCE, 429, "too much is under way; try again", SOON);
    }
    try {
      return kept(call, door);
    } finally {
      budget.free(door.tenant(), length);
    }
  }

  private Optional<Answer> kept(Door.Call call, Sources.Door door) throws IOException {
    byte[] body = call.body();
    Sealing.Bound bound;
    Sealed sealed;
    try {
      bound = new Sealing.Bound(door.tenant(), door.source(), Unguessable.id("dlv"), store.now());
      sealed = sealer.seal(door.key(), bound, new Original(call.method(), headers(call), body));
    } finally {
      Arrays.fill(body, (byte) 0);
    }
    try {
      return switch (store.mailbox().keep(bound, sealed).join()) {
        case KEPT -> {
          counters.count(Outcome.KEPT);
          yield Optional.of(KEPT);
        }
        case FULL -> full();
        case GONE ->
            refused(Outcome.NO_SUCH_SOURCE, 404, "there is no such address; see the webhook's URL");
      };
    } catch (CompletionException e) {
      counters.count(Outcome.STORE_AWAY);
      throw e.getCause() instanceof Unavailable unavailable ? unavailable : e;
    }
  }

  /**
   * What is passed on; of a header that came twice nothing, since nobody could say which counts.
   */
  private static Map<String, String> headers(Door.Call call) {
    var out = new TreeMap<String, String>();
    for (HttpField field : call.request().getHeaders()) {
      String name = field.getLowerCaseName();
      if (Original.HEADERS.contains(name)) {
        call.header(name)
            .filter(value -> value.length() <= Original.LONGEST_VALUE)
            .ifPresent(value -> out.put(name, value));
      }
    }
    return out;
  }

  private Optional<Answer> full() {
    return refused(
        Outcome.FULL, 507, "the tenant has as much here as it may; try again later", LATER);
  }

  private Optional<Answer> refused(Outcome outcome, int status, String why) {
    counters.count(outcome);
    // What of a body is on its way is not worth reading.
    return Optional.of(Answer.refusal(status, why).ending());
  }

  private Optional<Answer> refused(Outcome outcome, int status, String why, Duration retry) {
    counters.count(outcome);
    return Optional.of(Answer.refusal(status, why).retry(retry).ending());
  }
}
