package dev.holdfast.relay.tenant;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.Bounds;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.CredentialTaken;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.model.wire.relay.RelayApi.Enrolled;
import dev.holdfast.model.wire.relay.RelayApi.KeyTaken;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.RelayApi.Pulled;
import dev.holdfast.model.wire.relay.RelayApi.PutCredential;
import dev.holdfast.model.wire.relay.RelayApi.PutKey;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.model.wire.relay.RelayApi.SourceGone;
import dev.holdfast.model.wire.relay.RelayApi.SourceTaken;
import dev.holdfast.relay.http.Answer;
import dev.holdfast.relay.http.Callers;
import dev.holdfast.relay.http.Door;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.http.Rates;
import dev.holdfast.relay.seal.Sealer;
import dev.holdfast.relay.store.Arrivals;
import dev.holdfast.relay.store.Mailbox.Claimed;
import dev.holdfast.relay.store.Refused;
import dev.holdfast.relay.store.Store;
import dev.holdfast.relay.store.Tenants.Caller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;

/**
 * Answers the calls of {@link RelayApi}. Every call is looked up anew, so that who was revoked is
 * so from the next call on, at any relay.
 */
public final class TenantApi implements Door.Calls {
  private static final String PREFIX = "/relay/v1/";
  private static final String SOURCES = PREFIX + "sources/";
  private static final Pattern BEARER =
      Pattern.compile("Bearer (" + RelayApi.CREDENTIAL + "[A-Za-z0-9_-]{43})");
  private static final int LONGEST_BODY = 256 * 1024;

  /** One who lost its answer and asks again has two; others are other orchestrators. */
  private static final int MOST_POLLS = 16;

  /** Beyond what a poll waits: for the answer to be written. */
  private static final Duration TIME = Duration.ofMinutes(10);

  private final Store store;
  private final Sealer sealer;
  private final Callers callers;
  private final String ingress;
  private final Rates strangers = new Rates(2, 50, System::nanoTime);
  private final Rates tenants = new Rates(200, 1000, System::nanoTime);
  private volatile boolean ending;

  /**
   * @param ingress the address at which forges reach the relay, without a slash at its end
   */
  public TenantApi(Store store, Sealer sealer, Callers callers, String ingress) {
    this.store = store;
    this.sealer = sealer;
    this.callers = callers;
    this.ingress = ingress;
  }

  @Override
  public Duration time(Request request) {
    return TIME;
  }

  /** Has every pull that waits answered now: whoever asks next asks another relay, or again. */
  public void end() {
    ending = true;
    store.arrivals().all();
  }

  @Override
  public Optional<Answer> answer(Door.Call call) throws IOException, InterruptedException {
    try {
      if (call.announced() > LONGEST_BODY) {
        return refusal(413, "the body is over " + LONGEST_BODY + " bytes; send less at a time");
      }
      if (call.path().equals(PREFIX + "enrol") && call.method().equals("POST")) {
        return enrol(call);
      }
      Optional<Caller> caller =
          call.header("Authorization")
              .map(BEARER::matcher)
              .filter(Matcher::matches)
              .flatMap(header -> store.tenants().caller(header.group(1)));
      if (caller.isEmpty()) {
        return stranger(call, "the credential is none, or was revoked; ask the relay's operator");
      }
      Optional<Duration> wait = tenants.take(caller.get().tenant());
      if (wait.isPresent()) {
        return Optional.of(Answer.refusal(429, "too many calls; slow down").retry(wait.get()));
      }
      return called(call, caller.get());
    } catch (MalformedJson | IllegalArgumentException e) {
      return refusal(400, "what was sent is not what this release reads; update the older side");
    } catch (Refused e) {
      return refusal(409, String.valueOf(e.getMessage()));
    }
  }

  /** Guessing is hopeless; it is slow all the same. */
  private Optional<Answer> stranger(Door.Call call, String why) {
    Optional<Duration> wait = strangers.take(Rates.key(callers.of(call.request())));
    return wait.isPresent()
        ? Optional.of(
            Answer.refusal(429, "too many calls without a credential; slow down")
                .retry(wait.get())
                .ending())
        : Optional.of(Answer.refusal(401, why).ending());
  }

  private Optional<Answer> enrol(Door.Call call) throws IOException {
    Enrol asked = read(call, Enrol.class);
    if (asked.version() != RelayApi.VERSION) {
      return refusal(
          400, "this relay speaks version " + RelayApi.VERSION + "; update the older side");
    }
    if (!sealer.usable(asked.key())) {
      return refusal(400, "nothing can be sealed to that key; make another");
    }
    Optional<String> tenant = store.tenants().enrol(asked);
    return tenant.isPresent()
        ? json(Enrolled.class, new Enrolled(tenant.get(), ingress))
        : stranger(call, "the token is none, or was used; ask the relay's operator for another");
  }

  private Optional<Answer> called(Door.Call call, Caller caller)
      throws IOException, InterruptedException {
    String path = call.path();
    return switch (call.method()) {
      case "POST" ->
          switch (path) {
            case PREFIX + "pull" -> pull(call, caller);
            case PREFIX + "key" -> key(call, caller);
            case PREFIX + "credential" -> {
              PutCredential asked = read(call, PutCredential.class);
              Instant until = store.tenants().put(caller, asked);
              yield json(CredentialTaken.class, new CredentialTaken(until));
            }
            default -> unknown();
          };
      case "GET" ->
          path.equals(PREFIX + "sources")
              ? json(
                  RelayApi.Sources.class,
                  new RelayApi.Sources(store.sources().list(caller.tenant())))
              : unknown();
      case "PUT" -> {
        if (!path.startsWith(SOURCES)) {
          yield unknown();
        }
        PutSource asked = read(call, PutSource.class);
        // What could not be read at a post would keep the forge out.
        var _ = Ranges.of(asked.ranges());
        store.sources().put(caller.tenant(), source(path), asked);
        yield json(SourceTaken.class, new SourceTaken(ingress + RelayApi.INGRESS + asked.secret()));
      }
      case "DELETE" ->
          path.startsWith(SOURCES)
              ? json(
                  SourceGone.class,
                  new SourceGone(store.sources().remove(caller.tenant(), source(path))))
              : unknown();
      default -> unknown();
    };
  }

  private static String source(String path) {
    String source = path.substring(SOURCES.length());
    Bounds.id("a source", source);
    return source;
  }

  private Optional<Answer> key(Door.Call call, Caller caller) throws IOException {
    PutKey asked = read(call, PutKey.class);
    if (!sealer.usable(asked.key())) {
      return refusal(400, "nothing can be sealed to that key; make another");
    }
    return json(KeyTaken.class, new KeyTaken(store.tenants().put(caller.tenant(), asked.key())));
  }

  private Optional<Answer> pull(Door.Call call, Caller caller)
      throws IOException, InterruptedException {
    Pull asked = read(call, Pull.class);
    String tenant = caller.tenant();
    Instant end = store.now().plus(asked.patience());
    Optional<Arrivals.Ear> listening = store.arrivals().listen(tenant, MOST_POLLS);
    if (listening.isEmpty()) {
      return Optional.of(
          Answer.refusal(429, "the tenant has " + MOST_POLLS + " pulls waiting; end some")
              .retry(Duration.ofSeconds(5)));
    }
    try (Arrivals.Ear ear = listening.get()) {
      Pull now = asked;
      while (true) {
        // Listening began before looking, so nothing can come in between unheard.
        if (!now.acks().isEmpty() || store.mailbox().anyWaiting(tenant)) {
          Claimed claimed = store.mailbox().claim(tenant, now);
          if (!claimed.deliveries().isEmpty() || over(asked, end)) {
            return send(call, tenant, claimed);
          }
          // What was acknowledged is so; it need not be said again.
          now =
              new Pull(
                  asked.puller(), List.of(), asked.most(), asked.mostBytes(), asked.patience());
          ear.await(patience(end, claimed.next()));
        } else if (over(asked, end)) {
          return send(
              call,
              tenant,
              new Claimed(List.of(), store.mailbox().standing(tenant), Optional.empty()));
        } else {
          ear.await(patience(end, Optional.empty()));
        }
        if (store.tenants().caller(bearer(call)).isEmpty()) {
          return stranger(call, "the credential was revoked; ask the relay's operator");
        }
      }
    }
  }

  private static String bearer(Door.Call call) {
    return call.header("Authorization").orElse("").replaceFirst("Bearer ", "");
  }

  private boolean over(Pull asked, Instant end) {
    return ending || asked.most() == 0 || !store.now().isBefore(end);
  }

  /** Until the end, or the moment at which another puller's lease is over. */
  private Duration patience(Instant end, Optional<Instant> next) {
    Instant until = next.filter(at -> at.isBefore(end)).orElse(end);
    return Duration.between(store.now(), until);
  }

  private Optional<Answer> send(Door.Call call, String tenant, Claimed claimed) throws IOException {
    byte[] first = Batch.first(new Pulled(claimed.deliveries(), claimed.standing()));
    long length = first.length + claimed.deliveries().stream().mapToLong(Delivery::length).sum();
    Door.Out out = call.stream(Batch.TYPE, length);
    out.write(first);
    for (Delivery delivery : claimed.deliveries()) {
      byte[] sealed =
          store
              .mailbox()
              .sealed(tenant, delivery)
              .orElseThrow(() -> new IOException("a delivery was acknowledged meanwhile"));
      out.write(sealed);
    }
    return Optional.empty();
  }

  private static <T> T read(Door.Call call, Class<T> type) throws IOException {
    return Records.read(type, call.body());
  }

  private static <T> Optional<Answer> json(Class<T> type, T value) {
    return Optional.of(Answer.json(200, type, value));
  }

  private static Optional<Answer> unknown() {
    return refusal(404, "there is no such call; update the older side");
  }

  private static Optional<Answer> refusal(int status, String why) {
    return Optional.of(Answer.refusal(status, why).ending());
  }
}
