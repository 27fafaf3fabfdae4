package dev.holdfast.orchestrator.relay;

import java.time.Instant;
import java.util.Optional;

/**
 * How it stands with the relay.
 *
 * @param url of the relay
 * @param tenant what this server is called there, once it is enrolled
 * @param since when it came to be so
 * @param problem one line, where something is wrong
 * @param waiting deliveries that the relay keeps for this server, as it says
 * @param dropped deliveries that it did not take or no longer keeps, as it says
 * @param sources where forges can post
 */
public record RelayStatus(
    State state,
    String url,
    Optional<String> tenant,
    Instant since,
    Optional<String> problem,
    long waiting,
    long dropped,
    int sources) {

  /** The heart of it. */
  public enum State {
    /** Not a tenant yet; it goes on trying. */
    ENROLLING,
    /** The relay answers. */
    CONNECTED,
    /** The relay does not answer, or not as one does; it goes on trying. */
    AWAY,
    /** The relay does not take the credential, or the invitation: it was revoked, or used up. */
    REFUSED
  }
}
