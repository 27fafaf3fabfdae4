package dev.holdfast.relay;

import dev.holdfast.relay.http.Listening;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.ingress.Limits;
import dev.holdfast.relay.store.Allowance;

/**
 * All that an operator decides.
 *
 * @param database {@code postgresql://HOST/NAME…}, else a file, which is SQLite's
 * @param ingress where forges reach this relay
 * @param tenants where orchestrators do
 * @param operator where its operator does
 * @param address how forges write it, as {@code https://hooks.example.org}
 * @param proxies whose word on where a call comes from is taken
 */
public record RelaySettings(
    String database,
    Listening ingress,
    Listening tenants,
    Listening operator,
    String address,
    Ranges proxies,
    Limits limits,
    Allowance allowance) {
  public RelaySettings {
    if (!address.matches("https?://[A-Za-z0-9.:\\[\\]_-]+(/[A-Za-z0-9._/-]*[A-Za-z0-9._-])?")) {
      throw new IllegalArgumentException(
          "the address at which forges reach the relay is not as https://hooks.example.org");
    }
  }
}
