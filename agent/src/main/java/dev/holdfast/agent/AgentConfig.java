package dev.holdfast.agent;

import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.model.definition.Name;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an agent is told at its start.
 *
 * @param server the orchestrator's address, {@code http:} or {@code https:}
 * @param token of kind agent; goes into no sandbox and no log
 * @param release of Holdfast, for the orchestrator's list
 * @param capacity attempts at a time
 * @param data its directory, which no other agent may use
 * @param distribution the {@code runner/} directory of a Holdfast distribution
 * @param engine address of the container engine; where absent, as {@code DOCKER_HOST} says, or a
 *     usual place
 * @param runtime of the container engine, as {@code runsc}; where absent, its own choice
 * @param image for jobs that name none
 * @param ignoreImages on namespaces: run jobs that name an image on the host's own system
 * @param limiting on namespaces: whether jobs may go without limits that the host cannot enforce
 * @param maxLog bytes that an attempt may print
 * @param grace that running jobs get when the agent is stopped
 * @param policy what it takes on, whatever the orchestrator says
 */
public record AgentConfig(
    URI server,
    String token,
    Name name,
    String release,
    List<Name> labels,
    int capacity,
    BackendChoice backend,
    Path data,
    Path distribution,
    Optional<String> engine,
    Optional<String> runtime,
    Optional<String> image,
    JobNetwork network,
    boolean ignoreImages,
    Limits limits,
    Limiting limiting,
    long maxLog,
    Duration grace,
    AgentPolicy policy) {

  /** Which backend makes the sandboxes. */
  public enum BackendChoice {
    /** Containers where an engine answers, else namespaces. */
    AUTO,
    CONTAINER,
    NAMESPACES,
    /** A machine for each job, from an image that {@code holdfast image build} made. */
    MICROVM,
    /** No wall; only where the agent's policy switches it on. */
    PROCESS
  }

  public AgentConfig {
    String scheme = server.getScheme();
    if (server.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException(
          "the server's address is " + server + "; expected http://HOST:PORT or https://HOST");
    }
    if (token.isBlank()) {
      throw new IllegalArgumentException(
          "the agent's token is empty; make one with `holdfast agent token` at the server");
    }
    if (capacity < 1 || capacity > 1000) {
      throw new IllegalArgumentException("the capacity is " + capacity + "; expected 1 to 1000");
    }
    data = data.toAbsolutePath().normalize();
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "agent " + name + " of " + server + " in " + data;
  }
}
