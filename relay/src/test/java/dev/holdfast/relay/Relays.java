package dev.holdfast.relay;

import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.relay.http.Listening;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.ingress.Limits;
import dev.holdfast.relay.seal.Opener;
import dev.holdfast.relay.store.Allowance;
import dev.holdfast.relay.store.Store;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;

/** Relays as tests start them, on loopback and any free ports. */
@NullMarked
final class Relays {
  private Relays() {}

  static Listening anywhere() {
    return Listening.at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty());
  }

  static RelaySettings settings(String database) {
    return new RelaySettings(
        database,
        anywhere(),
        anywhere(),
        anywhere(),
        "http://relay.test",
        Ranges.of(List.of()),
        Limits.DEFAULT,
        Allowance.DEFAULT);
  }

  static Relay start(String database, UnaryOperator<RelaySettings> with) throws Exception {
    return Relay.start(with.apply(settings(database)), InstantSource.system());
  }

  static RelaySettings with(RelaySettings s, Listening ingress, Ranges proxies, Limits limits) {
    return new RelaySettings(
        s.database(),
        ingress,
        s.tenants(),
        s.operator(),
        s.address(),
        proxies,
        limits,
        s.allowance());
  }

  static Tenant tenant(Relay relay) throws Exception {
    return Tenant.enrolled(
        "http://127.0.0.1:" + relay.ports().tenants(), relay.store().tenants().add("acme").token());
  }

  /** Somebody enrols without a relay in between. */
  static void enrol(Store store) {
    var _ =
        store
            .tenants()
            .enrol(
                new Enrol(
                    RelayApi.VERSION,
                    store.tenants().add("acme").token(),
                    Tenant.secret(RelayApi.CREDENTIAL),
                    Opener.make().key()));
  }

  /** Where an address that a forge was told really is. */
  static String here(Relay relay, String url) {
    return url.replace("http://relay.test", "http://127.0.0.1:" + relay.ports().ingress());
  }
}
