package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.model.json.Quote;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Images, by the names that jobs call them. */
final class Images {
  private static final int PULL_MINUTES = 20;

  private final DockerClient docker;
  private final Optional<String> standard;

  Images(DockerClient docker, Optional<String> standard) {
    this.docker = docker;
    this.standard = standard;
  }

  /**
   * An image that the engine has.
   *
   * @param id by its content, so that a name that moves meanwhile does not matter
   * @param environment that it sets
   */
  record Image(String id, Map<String, String> environment) {}

  /** The one that the job names, else the agent's; pulled if the engine does not have it. */
  Image find(Optional<String> wanted) throws SandboxRefused, InterruptedException {
    String name =
        wanted
            .or(() -> standard)
            .orElseThrow(() ->
                new SandboxRefused(
                    "the job names no image and this agent has no default one; name one with"
                        + " image(\"…\") in the workflow, or start the agent with --image"));
    try {
      return inspect(name);
    } catch (NotFoundException e) {
      pull(name);
      try {
        return inspect(name);
      } catch (NotFoundException f) {
        throw missing(name, "it is not there after it was pulled");
      }
    } catch (DockerException e) {
      throw missing(name, Failures.line(e));
    }
  }

  private Image inspect(String name) {
    InspectImageResponse found = docker.inspectImageCmd(name).exec();
    var environment = new LinkedHashMap<String, String>();
    if (found.getConfig() != null && found.getConfig().getEnv() != null) {
      for (String entry : found.getConfig().getEnv()) {
        int end = entry.indexOf('=');
        if (end > 0) {
          environment.put(entry.substring(0, end), entry.substring(end + 1));
        }
      }
    }
    return new Image(String.valueOf(found.getId()), environment);
  }

  private void pull(String name) throws SandboxRefused, InterruptedException {
    try (var pull = docker.pullImageCmd(name).exec(new Pull())) {
      Optional<String> failure = pull.await(PULL_MINUTES);
      if (failure.isPresent()) {
        throw missing(name, failure.get());
      }
    } catch (RuntimeException | java.io.IOException e) {
      throw missing(name, Failures.line(e));
    }
  }

  private static SandboxRefused missing(String name, String why) {
    return new SandboxRefused(
        "the image "
            + Quote.of(name)
            + " is not on this host, and the engine cannot get it: "
            + why
            + "; name another in the workflow, or give this one to the agent's engine");
  }
}
