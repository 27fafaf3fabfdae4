package dev.holdfast.probe;

import dev.holdfast.agent.job.RunnerDistribution;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the probe stands.
 *
 * @param folder of its own, empty, that every user of the host may pass; the caller removes it
 * @param engine address of the container engine; where absent, as {@code DOCKER_HOST} says
 * @param image for containers
 * @param terminal whether this process was started from a terminal
 */
public record Installation(
    Path folder,
    RunnerDistribution distribution,
    Optional<String> engine,
    Optional<String> image,
    boolean terminal) {}
