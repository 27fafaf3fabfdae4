package dev.holdfast.cli.machines;

import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The image that jobs have where they name none. */
public final class ImageStep implements SetupStep {
  /** Makes it. */
  public interface Building {
    void build(Path kernel) throws SetupFailed, InterruptedException;
  }

  /** Where its kernel is, once it is there. */
  interface Kernel {
    Path file() throws SetupFailed;
  }

  private final Path agent;
  private final String image;
  private final Optional<Building> building;
  private Kernel kernel =
      () -> {
        throw new SetupFailed("no kernel is known");
      };

  /**
   * @param agent the agent's data directory
   * @param image by its name
   * @param building absent where nobody said what it is to be made from
   */
  public ImageStep(Path agent, String image, Optional<Building> building) {
    this.agent = agent;
    this.image = image;
    this.building = building;
  }

  void with(Kernel from) {
    kernel = from;
  }

  boolean isThere() {
    return Files.exists(agent.resolve("microvm").resolve(image + ".json"));
  }

  @Override
  public String name() {
    return "image";
  }

  @Override
  public String has() {
    return "the image " + image + " is whole";
  }

  @Override
  public Optional<String> lacks() throws SetupFailed {
    if (isThere()) {
      try {
        var images = new MachineImages(agent);
        var problems = images.verify(images.named(image)).problems();
        if (!problems.isEmpty()) {
          throw new SetupFailed("the image " + image + " is damaged: " + problems.getFirst());
        }
        return Optional.empty();
      } catch (BadImage e) {
        throw new SetupFailed(String.valueOf(e.getMessage()), e);
      }
    }
    if (building.isEmpty()) {
      throw new SetupFailed(
          "there is no image "
              + image
              + ", and nothing said to make it from; add --from PATH, or"
              + " --from-image IMAGE");
    }
    return Optional.of("build the image " + image);
  }

  @Override
  public void make(Changes changes) throws SetupFailed, InterruptedException {
    changes.add(new Done.Image(image));
    building.orElseThrow().build(kernel.file());
  }
}
