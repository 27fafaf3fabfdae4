package dev.holdfast.orchestrator.relay;

import java.util.Optional;

/**
 * That this orchestrator is, or wants to be, a relay's tenant.
 *
 * @param url of the relay's API
 * @param credential that is shown to the relay; made here
 * @param token single-use, until it was used
 * @param taken what the relay answered, once it did
 */
record Enrolment(String url, String credential, Optional<String> token, Optional<Taken> taken) {
  /**
   * What a relay said of its tenant.
   *
   * @param tenant its id there
   * @param ingress where forges reach the relay
   */
  record Taken(String tenant, String ingress) {}

  /** The same tenant, who shows another credential. */
  Enrolment showing(String other) {
    return new Enrolment(url, other, token, taken);
  }

  /** Not the secrets: this may reach a log. */
  @Override
  public String toString() {
    return "the enrolment at " + url;
  }
}
