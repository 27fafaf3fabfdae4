package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hook.Hooks;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.seal.Seal;
import java.net.InetAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This orchestrator as a relay's tenant: where forges post, which keys the relay seals to, and the
 * line by which deliveries come. Thread-safe.
 */
public final class Relay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /** In place of a relay's address: not to be dialled, whatever is kept. */
  public static final String OFF = "off";

  private final Database database;
  private final Store store;
  private final Links links;
  private final InstantSource clock;
  private final RelayCalls calls = new RelayCalls();
  private final Refused refused;
  private final Receiver receiver;
  private final Standing standing;
  private final boolean dialled;
  private final Object settling = new Object();
  private @Nullable Line line;

  private Relay(
      Database database,
      Store store,
      Links links,
      Hooks hooks,
      Audit audit,
      Metrics metrics,
      InstantSource clock,
      boolean dialled) {
    this.database = database;
    this.store = store;
    this.links = links;
    this.clock = clock;
    this.dialled = dialled;
    this.refused = new Refused(database, audit, clock);
    this.receiver = new Receiver(store, hooks, refused, metrics, clock);
    this.standing = new Standing(clock.instant());
    if (dialled) {
      standing.of(metrics);
    }
  }

  /**
   * Of the relay that is meant. Nothing is dialled yet.
   *
   * @param asked an invitation, the address of the relay that this server is a tenant of already,
   *     {@link #OFF}, or nothing for whatever was said last
   * @throws IllegalArgumentException if it is neither, with the mend
   */
  public static Relay of(
      Optional<String> asked,
      Database database,
      Seal seal,
      Links links,
      Hooks hooks,
      Audit audit,
      Metrics metrics,
      InstantSource clock) {
    var store = new Store(database, seal);
    boolean off = asked.filter(OFF::equals).isPresent();
    if (asked.isPresent() && !off) {
      meant(store, database, audit, asked.get(), clock);
    }
    boolean dialled = !off && store.enrolment().isPresent();
    return new Relay(database, store, links, hooks, audit, metrics, clock, dialled);
  }

  private static void meant(
      Store store, Database database, Audit audit, String asked, InstantSource clock) {
    if (!asked.contains("#")) {
      String kept = store.enrolment().map(Enrolment::url).orElse("");
      if (!kept.equals(asked.replaceAll("/+$", ""))) {
        throw new IllegalArgumentException(
            "--relay: this server is "
                + (kept.isEmpty() ? "no relay's tenant" : "a tenant of " + kept)
                + "; give the invitation that the relay's operator prints: address, # and token");
      }
      return;
    }
    Invitation invitation = Invitation.of(asked);
    if (!Repository.Host.safe(URI.create(invitation.url()))) {
      throw new IllegalArgumentException(
          "--relay: what is said would travel unencrypted to "
              + invitation.url()
              + "; a relay has an https:// address");
    }
    if (!store.used(invitation)) {
      database.write(s -> {
        store.begin(s, invitation, clock.instant());
        audit.record(
            s,
            new Audit.Entry(
                "holdfast",
                "relay.enrol",
                "relay",
                Optional.empty(),
                Audit.Outcome.DONE,
                List.of("at " + invitation.url())));
        return true;
      });
    }
  }

  /** Dials, where there is a relay to dial. */
  public synchronized void start() {
    if (dialled) {
      line = new Line(database, store, calls, receiver, refused, standing, this::settle, clock);
    }
  }

  /**
   * The address at which forges reach the link that {@code Links} calls {@code link} by the relay,
   * in the transaction that makes the link; empty where there is no relay. After the commit, {@link
   * #settle} has the relay know it.
   */
  public Optional<String> address(Session session, String link) throws SQLException {
    if (!dialled) {
      return Optional.empty();
    }
    Optional<Enrolment.Taken> taken = store.enrolment(session).flatMap(Enrolment::taken);
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of(
            taken.get().ingress()
                + RelayApi.INGRESS
                + store.source(session, link, clock.instant()).secret());
  }

  /**
   * Has the relay know every source that there is, and none that is no more.
   *
   * @return why it does not, if it does not; it is tried again every minute
   */
  public Optional<String> settle() {
    synchronized (settling) {
      return settled();
    }
  }

  private Optional<String> settled() {
    Optional<Enrolment> at = store.enrolment();
    if (!dialled || at.flatMap(Enrolment::taken).isEmpty()) {
      return Optional.empty();
    }
    Optional<String> credential = settledCredential(at.get());
    if (credential.isPresent()) {
      return credential;
    }
    at = store.enrolment();
    for (Store.Source source : store.sources()) {
      boolean wanted = links.at(source.link()).isPresent();
      if (wanted && source.taken()) {
        continue;
      }
      RelayCalls.Answer<?> answer =
          wanted
              ? calls.put(
                  at.orElseThrow(),
                  source.id(),
                  new RelayApi.PutSource(source.secret(), source.ranges(), source.overlap()))
              : calls.remove(at.orElseThrow(), source.id());
      switch (answer) {
        case RelayCalls.Answer.Good<?> _ ->
            database.write(s -> {
              if (wanted) {
                store.taken(s, source, clock.instant());
              } else {
                store.gone(s, source);
              }
              return true;
            });
        case RelayCalls.Answer.Unknown<?>(var why) -> {
          return Optional.of("the relay does not know this server: " + why);
        }
        case RelayCalls.Answer.Failed<?>(var why) -> {
          LOG.warn("the relay does not know of {} yet: {}", source.id(), why);
          return Optional.of(why);
        }
      }
    }
    return Optional.empty();
  }

  /** Has the relay take the next credential, where there is one that it did not take yet. */
  private Optional<String> settledCredential(Enrolment at) {
    Optional<Store.NextCredential> next = store.nextCredential();
    if (next.isEmpty()) {
      return Optional.empty();
    }
    var asked = new RelayApi.PutCredential(next.get().value(), next.get().overlap());
    RelayCalls.Answer<RelayApi.CredentialTaken> answer = calls.credential(at, asked);
    if (answer instanceof RelayCalls.Answer.Unknown<RelayApi.CredentialTaken>) {
      // It may have been taken, without overlap, and the answer was lost: then it is good itself.
      answer = calls.credential(at.showing(next.get().value()), asked);
    }
    return switch (answer) {
      case RelayCalls.Answer.Good<RelayApi.CredentialTaken>(var taken) -> {
        database.write(s -> {
          store.credentialTaken(s, next.get());
          return true;
        });
        LOG.info("the relay takes another credential; the one before until {}", taken.until());
        yield Optional.empty();
      }
      case RelayCalls.Answer.Unknown<RelayApi.CredentialTaken>(var why) -> Optional.of(why);
      case RelayCalls.Answer.Failed<RelayApi.CredentialTaken>(var why) -> Optional.of(why);
    };
  }

  /**
   * Has another credential made, which {@link #settle} has the relay take.
   *
   * @param overlap how long the relay still takes the one before
   * @return whether there is a relay
   */
  public boolean newCredential(Session session, Duration overlap) throws SQLException {
    if (dialled) {
      store.makeCredential(session, overlap);
    }
    return dialled;
  }

  /**
   * A source at the relay.
   *
   * @param of whose webhooks arrive there; empty for a repository or an app that was removed
   * @param ranges of addresses that may post to it; none for any
   * @param known whether the relay knows it as it is
   */
  public record Source(String id, Optional<Links.Source> of, List<String> ranges, boolean known) {}

  /** All sources; empty where there is no relay. */
  public Optional<List<Source>> sources() {
    return dialled
        ? Optional.of(
            store.sources().stream()
                .map(one -> new Source(one.id(), links.at(one.link()), one.ranges(), one.taken()))
                .toList())
        : Optional.empty();
  }

  /**
   * Gives a source another address, which {@link #settle} has the relay know.
   *
   * @param overlap how long the relay still takes what is posted to the one before
   * @return the address; empty if there is no such source
   */
  public Optional<String> readdress(Session session, String source, Duration overlap)
      throws SQLException {
    Optional<Enrolment.Taken> taken = store.enrolment(session).flatMap(Enrolment::taken);
    return dialled && taken.isPresent()
        ? store
            .readdress(session, source, overlap)
            .map(made -> taken.get().ingress() + RelayApi.INGRESS + made.secret())
        : Optional.empty();
  }

  /**
   * Has the relay take for a source only what comes from these addresses, or, with none, from any.
   *
   * @param ranges that {@link #ranges} found good
   * @return whether there is such a source
   */
  public boolean allow(Session session, String source, List<String> ranges) throws SQLException {
    return dialled && store.allow(session, source, ranges);
  }

  /**
   * The same ranges, if all are ones that a relay takes.
   *
   * @throws IllegalArgumentException otherwise, with the mend
   */
  public static List<String> ranges(List<String> texts) {
    for (String text : texts) {
      int slash = text.indexOf('/');
      try {
        // No name is looked up, whatever this is.
        int most = 8 * InetAddress.ofLiteral(text.substring(0, slash)).getAddress().length;
        int bits = Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
          throw new IllegalArgumentException("it has more bits than its address");
        }
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw new IllegalArgumentException(
            "ranges: "
                + Quote.of(text)
                + " is no range of addresses; write it as 192.0.2.0/24 or 2001:db8::/32",
            e);
      }
    }
    return new RelayApi.PutSource(Store.unguessable(), texts, Duration.ZERO).ranges();
  }

  /** How it stands; empty where there is no relay. */
  public Optional<RelayStatus> status() {
    return dialled
        ? store
            .enrolment()
            .map(at ->
                standing.status(
                    at.url(), at.taken().map(Enrolment.Taken::tenant), store.sources().size()))
        : Optional.empty();
  }

  /**
   * Has the relay seal to a new key from now on; the old one is kept for as long as the relay has
   * something that is sealed to it.
   *
   * @return the new key's id; empty where there is no relay
   */
  public Optional<String> rotate(Session session) throws SQLException {
    return dialled
        ? Optional.of(store.make(session, clock.instant()).open().id())
        : Optional.empty();
  }

  /** As {@link #settle} for the key. */
  public Optional<String> settleKey() {
    Line dialling;
    synchronized (this) {
      dialling = line;
    }
    return dialling == null ? Optional.of("the relay is not dialled") : dialling.settleKey();
  }

  @Override
  public void close() {
    Line dialling;
    synchronized (this) {
      dialling = line;
    }
    if (dialling != null) {
      dialling.close();
    }
    calls.close();
  }
}
