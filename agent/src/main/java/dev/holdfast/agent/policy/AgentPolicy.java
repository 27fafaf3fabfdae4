package dev.holdfast.agent.policy;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The operator's word on what an agent takes, checked by the agent itself: an orchestrator that was
 * broken into still cannot make it run anything else. Immutable.
 *
 * @param accept which jobs; all where there is nothing
 * @param network whether jobs get any
 * @param egress what jobs may reach; where there is nothing, what is public
 */
public record AgentPolicy(Accept accept, Network network, Optional<Egress> egress) {

  /** Whether jobs get a network besides loopback. */
  public enum Network {
    NONE,
    EGRESS
  }

  /**
   * Each part that is there must be met.
   *
   * @param repositories by their names at the orchestrator
   * @param images whole references, or what they start with up to a {@code /} or {@code :} and
   *     {@code *}
   * @param users as {@code FORGE:ID}, the forge's immutable id of whoever the event is attributed
   *     to
   */
  public record Accept(
      Optional<Set<String>> repositories,
      Optional<List<String>> images,
      Optional<Set<String>> users) {
    public static Accept everything() {
      return new Accept(Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /** The rules of the network, as they are written; {@code agent.egress.rule} reads them. */
  public record Egress(List<Part> parts, List<String> internalZones) {}

  /** What holds for some jobs; for all, where no scope is given. */
  public record Part(
      Optional<String> pool,
      Optional<String> repository,
      Optional<String> workflow,
      Optional<String> otherwise,
      List<String> rules) {}

  /** What holds where there is no file. */
  public static AgentPolicy standard() {
    return new AgentPolicy(Accept.everything(), Network.NONE, Optional.empty());
  }

  /** Why this agent does not take {@code lease}; empty if it does. */
  public Optional<String> refusal(Lease lease) {
    if (accept.repositories().isPresent()
        && !accept.repositories().get().contains(lease.source().name())) {
      return Optional.of(
          "this agent's policy (accept.repositories) does not name the repository "
              + Quote.of(lease.source().name()));
    }
    Optional<String> image = lease.job().job().image();
    if (accept.images().isPresent()
        && image.isPresent()
        && accept.images().get().stream().noneMatch(pattern -> matches(pattern, image.get()))) {
      return Optional.of(
          "this agent's policy (accept.images) does not name the image " + Quote.of(image.get()));
    }
    if (accept.users().isPresent()) {
      Optional<String> user =
          lease.event().contributor().map(from -> from.forge() + ":" + from.id());
      if (user.isEmpty()) {
        return Optional.of(
            "this agent's policy (accept.users) names users, and this event is attributed to"
                + " nobody");
      }
      if (!accept.users().get().contains(user.get())) {
        return Optional.of(
            "this agent's policy (accept.users) does not name " + Quote.of(user.get()));
      }
    }
    return Optional.empty();
  }

  private static boolean matches(String pattern, String image) {
    return pattern.endsWith("*")
        ? image.startsWith(pattern.substring(0, pattern.length() - 1))
        : image.equals(pattern);
  }
}
