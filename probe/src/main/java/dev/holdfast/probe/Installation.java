package dev.holdfast.probe;

import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the probe stands.
 *
 * @param folder of its own, empty, that every user of the host may pass; the caller removes it
 * @param engine address of the container engine; where absent, as {@code DOCKER_HOST} says
 * @param image for containers
 * @param machines where there are images for them
 * @param terminal whether this process was started from a terminal
 */
public record Installation(
    Path folder,
    RunnerDistribution distribution,
    Optional<String> engine,
    Optional<String> image,
    Optional<Machines> machines,
    boolean terminal) {
  /**
   * What machines are made from.
   *
   * @param images the folder that {@code holdfast image build} filled
   */
  public record Machines(Path images, MicrovmSettings settings) {}

  /** Without machines. */
  public Installation(
      Path folder,
      RunnerDistribution distribution,
      Optional<String> engine,
      Optional<String> image,
      boolean terminal) {
    this(folder, distribution, engine, image, Optional.empty(), terminal);
  }
}
