package dev.holdfast.agent.policy;

import dev.holdfast.agent.keep.Keep;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an agent takes on, as its operator wrote it in {@code agent.yaml}. Where a list is absent,
 * all of that kind are taken. Immutable.
 *
 * @param source what refusals name
 * @param repositories by the name that the orchestrator gives them
 * @param images by the name that a job gives them, for itself and for its services; a job that
 *     names none is taken in any case
 * @param users {@code FORGE:ID} of whoever the event is attributed to
 * @param trust levels of trust; a job that was not cleared is {@code unknown}
 * @param root whether jobs, and services whose images say so, may be root in their containers
 * @param tier the weakest wall that this agent may have
 * @param process whether the backend without a wall may be used
 * @param system directory or archive whose system jobs in namespaces see, in place of the host's
 * @param localImages as in {@link dev.holdfast.agent.sandbox.container.ImageRules}
 * @param limits instead of those of the command line
 * @param keep how much to keep for later jobs
 * @param microvm what machines are made from, and by what
 * @param egress what jobs may reach, as maps, lists and texts
 */
public record AgentPolicy(
    String source,
    Optional<Patterns> repositories,
    Optional<Patterns> images,
    Optional<Set<String>> users,
    Optional<Set<String>> trust,
    boolean root,
    Optional<Tier> tier,
    boolean process,
    Optional<Path> system,
    Optional<Set<String>> localImages,
    Optional<Limits> limits,
    Keep keep,
    MicrovmSettings microvm,
    Map<String, Object> egress) {
  /** Where there is no file: any repository and image, but no root and no job without a wall. */
  public static AgentPolicy standard() {
    return new AgentPolicy(
        "this agent, which has no policy file",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Keep.standard(),
        MicrovmSettings.standard(),
        Map.of());
  }

  /** Names by themselves, or by how they begin: {@code team/*} is all that begins {@code team/}. */
  public record Patterns(List<String> all) {
    boolean match(String name) {
      return all.stream()
          .anyMatch(pattern ->
              pattern.endsWith("*")
                  ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                      && name.length() >= pattern.length()
                  : name.equals(pattern));
    }
  }

  /**
   * Why an agent whose sandboxes are {@code backend}'s does not take this lease; empty if it does.
   */
  public Optional<String> refusal(Lease lease, Backend backend) {
    String whose = trust(lease);
    var job = lease.job().job();
    String repository = lease.source().name();
    if (repositories.isPresent() && !repositories.get().match(repository)) {
      return refused("accept.repositories", "the repository " + Quote.of(repository));
    }
    if (images.isPresent() && job.image().isPresent() && !images.get().match(job.image().get())) {
      return refused("accept.images", "the image " + Quote.of(job.image().get()));
    }
    for (Service service : job.services()) {
      if (images.isPresent() && !images.get().match(service.image())) {
        return refused(
            "accept.images",
            "the image " + Quote.of(service.image()) + " of the service " + service.name());
      }
    }
    String user =
        lease.event().contributor().map(who -> who.forge() + ":" + who.id()).orElse("nobody");
    if (users.isPresent() && !users.get().contains(user)) {
      return refused("accept.users", "an event of the user " + Quote.of(user));
    }
    if (trust.isPresent() && !trust.get().contains(whose)) {
      return refused("accept.trust", "an event whose trust is " + whose);
    }
    if (backend == Backend.PROCESS && !(trust.isPresent() && trust.get().contains(whose))) {
      return Optional.of(
          source
              + " runs jobs without a wall, and takes only what accept.trust names as trusted; this"
              + " event's trust is "
              + whose
              + ". Run the job on an agent with a wall");
    }
    Tier wanted = lease.floor();
    if (!backend.tier().holds(wanted)) {
      return Optional.of(
          "the job wants the tier "
              + wanted.word()
              + ", and this agent has "
              + backend.tier().word()
              + "; add an agent with that tier, or lower the job's tier, the repository's floor or"
              + " the policy's");
    }
    if (!job.services().isEmpty() && backend != Backend.CONTAINER) {
      return Optional.of(
          "the job has the service "
              + job.services().getFirst().name()
              + ", and services run beside containers only; run the job on an agent with the"
              + " backend container, or remove its services");
    }
    if (job.root() && !root) {
      return refused("accept.root", "a job that is root in its container");
    }
    if (job.root() && backend != Backend.CONTAINER) {
      return Optional.of(
          "the job wants to be root, which only a container can give it; remove root from the job,"
              + " or run it on an agent with containers");
    }
    return Optional.empty();
  }

  /** What nothing is said of is the least. */
  private static String trust(Lease lease) {
    return lease
        .cleared()
        .map(cleared -> cleared.clearance().clearance().trust())
        .orElse(Trust.UNKNOWN)
        .word();
  }

  private Optional<String> refused(String rule, String what) {
    return Optional.of(
        source
            + " does not accept "
            + what
            + " (rule "
            + rule
            + "); change the job, or let the agent's operator change that rule");
  }
}
