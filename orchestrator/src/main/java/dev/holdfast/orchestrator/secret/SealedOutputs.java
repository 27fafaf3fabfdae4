package dev.holdfast.orchestrator.secret;

import dev.holdfast.orchestrator.seal.DataKeys;

/** {@link SecretOutputs} under the data key of their repository. Thread-safe. */
public final class SealedOutputs implements SecretOutputs {
  private final DataKeys keys;

  public SealedOutputs(DataKeys keys) {
    this.keys = keys;
  }

  @Override
  public String seal(Place place, byte[] value) {
    return keys.seal(scope(place), sealed(place), value);
  }

  @Override
  public byte[] open(Place place, String sealed) {
    return keys.open(scope(place), sealed(place), sealed);
  }

  private static String scope(Place place) {
    return new SecretScope.OfRepository(place.repository()).text();
  }

  private static dev.holdfast.orchestrator.seal.Place sealed(Place place) {
    return dev.holdfast.orchestrator.seal.Place.of(
        "output", place.repository(), place.run(), place.job(), place.attempt(), place.output());
  }
}
