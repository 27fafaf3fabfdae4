package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a container's image, as one archive, by the engine of this host. Nothing of the
 * image is started: a container is made of it, its files are read, and it is removed.
 */
public final class ImageFiles {
  private static final int PULL_MINUTES = 20;
  private static final String LABEL = "dev.holdfast.export";

  private ImageFiles() {}

  /**
   * Writes them.
   *
   * @param engine its address; where absent, as {@code DOCKER_HOST} says, else a usual place
   * @param image a name that the engine has, or can pull
   * @param tar is made
   * @return the image's own id, by its content
   */
  public static String write(Optional<String> engine, String image, Path tar)
      throws SandboxUnavailable, InterruptedException {
    String address = Engine.address(engine, System.getenv("DOCKER_HOST"));
    try (DockerClient docker = Engine.client(address)) {
      String id = id(docker, image);
      String container =
          docker
              .createContainerCmd(id)
              // Never run; an engine wants some command where the image says none.
              .withEntrypoint("/none")
              .withCmd()
              .withNetworkDisabled(true)
              .withLabels(Map.of(LABEL, image))
              .exec()
              .getId();
      try (InputStream files = docker.exportContainerCmd(container).exec()) {
        Files.copy(files, tar);
      } finally {
        docker.removeContainerCmd(container).withRemoveVolumes(true).withForce(true).exec();
      }
      return id;
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "the files of the image " + Quote.of(image) + " cannot be kept in " + tar + ": " + e, e);
    } catch (RuntimeException e) {
      throw new SandboxUnavailable(
          "the container engine at "
              + address
              + " does not give the files of the image "
              + Quote.of(image)
              + ": "
              + Failures.line(e)
              + "; see that it runs, or set DOCKER_HOST to its socket",
          e);
    }
  }

  private static String id(DockerClient docker, String image)
      throws SandboxUnavailable, InterruptedException {
    try {
      return docker.inspectImageCmd(image).exec().getId();
    } catch (NotFoundException e) {
      Pull pull = new Pull();
      docker.pullImageCmd(image).exec(pull);
      Optional<String> failure = pull.await(PULL_MINUTES);
      if (failure.isPresent()) {
        throw new SandboxUnavailable(
            "the container engine has no image "
                + Quote.of(image)
                + ", and cannot pull it: "
                + failure.get()
                + "; pull or build it there first",
            e);
      }
      return docker.inspectImageCmd(image).exec().getId();
    }
  }
}
