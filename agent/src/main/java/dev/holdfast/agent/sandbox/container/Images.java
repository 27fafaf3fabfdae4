package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.ContainerConfig;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images, by the names that jobs call them, for those who may use them: what one repository could
 * pull, another gets only by a pull of its own.
 */
final class Images {
  private static final Logger LOG = LoggerFactory.getLogger(Images.class);
  private static final int PULL_MINUTES = 20;

  private final DockerClient docker;
  private final ImageRules rules;
  private final PulledImages pulled;
  private final BroughtImages brought;

  Images(DockerClient docker, ImageRules rules) {
    this.docker = docker;
    this.rules = rules;
    this.pulled = new PulledImages(rules.record());
    this.brought = new BroughtImages(docker, rules);
  }

  /**
   * An image that the engine has.
   *
   * @param id by its content, so that a name that moves meanwhile does not matter
   * @param digests of its registries, as {@code NAME@sha256:…}; none if it was never in one
   * @param environment that it sets
   * @param user that it says its program is; empty where it says none
   * @param volumes directories that it says its program writes
   */
  record Image(
      String id,
      List<String> digests,
      Map<String, String> environment,
      String user,
      List<String> volumes) {
    /** What names this very image and no other, for a later attempt and for people. */
    String pin() {
      return digests.isEmpty() ? id : digests.getFirst();
    }
  }

  /** To be open from before {@link #find} until containers are made from what it found. */
  BroughtImages.Hold hold() {
    return brought.new Hold();
  }

  /** Lets go what this agent brought and has no more room for. */
  void trim() {
    try {
      brought.trim();
    } catch (IOException | RuntimeException e) {
      LOG.warn("images may take more room than they should: {}", Failures.line(e));
    }
  }

  /**
   * The one that the job names, else the agent's; pulled if the engine does not have it, or if the
   * repository has not yet shown that it may have it.
   *
   * @param pin what an earlier attempt at the job ran in; used if it is still to be had
   * @param hold keeps what is found
   */
  Image find(
      String repository, Optional<String> wanted, Optional<String> pin, BroughtImages.Hold hold)
      throws SandboxRefused, SandboxUnavailable, InterruptedException {
    String name =
        wanted
            .or(rules::standard)
            .orElseThrow(() ->
                new SandboxRefused(
                    "the job names no image and this agent has no default one; name one with"
                        + " image(\"…\") in the workflow, or start the agent with --image"));
    try {
      Image found = kept(repository, name, pin, hold);
      pulled.add(repository, PulledImages.How.USED, found.id(), name);
      return found;
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "the record of images in " + rules.record() + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** What was found can be let go before it is held; then it is to be had once more. */
  private Image kept(String repository, String name, Optional<String> pin, BroughtImages.Hold hold)
      throws IOException, SandboxRefused, InterruptedException {
    Image found = find(repository, name, pin);
    hold.keep(found.id());
    if (known(found.id()).isPresent()) {
      return found;
    }
    Image again = find(repository, name, pin);
    hold.keep(again.id());
    return again;
  }

  private Image find(String repository, String name, Optional<String> pin)
      throws IOException, SandboxRefused, InterruptedException {
    Optional<Image> earlier = pin.flatMap(this::known);
    // The pin is the orchestrator's word: it counts only where this agent remembers the same.
    if (earlier.isPresent()
        && pulled.has(repository, PulledImages.How.USED, earlier.get().id(), name)
        && mayUse(repository, name, earlier.get())) {
      return earlier.get();
    }
    Optional<Image> there = known(name);
    if (there.isPresent() && mayUse(repository, name, there.get())) {
      return there.get();
    }
    Set<String> before = brought.present();
    pull(name, there.isPresent());
    Image got = known(name).orElseThrow(() -> missing(name, "it is not there after it was pulled"));
    pulled.add(repository, PulledImages.How.PULLED, got.id(), name);
    brought.brought(got.id(), name, before);
    return got;
  }

  private boolean mayUse(String repository, String name, Image image) throws IOException {
    return rules.standard().filter(name::equals).isPresent()
        || rules.local().map(list -> list.contains(name)).orElse(image.digests().isEmpty())
        || pulled.has(repository, PulledImages.How.PULLED, image.id(), name);
  }

  private Optional<Image> known(String name) {
    try {
      return Optional.of(inspect(name));
    } catch (NotFoundException e) {
      return Optional.empty();
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
    List<String> digests = found.getRepoDigests() == null ? List.of() : found.getRepoDigests();
    ContainerConfig config = found.getConfig();
    String user = config == null || config.getUser() == null ? "" : config.getUser();
    Map<String, ?> volumes =
        config == null || config.getVolumes() == null ? Map.of() : config.getVolumes();
    return new Image(
        String.valueOf(found.getId()),
        List.copyOf(digests),
        environment,
        user,
        volumes.keySet().stream().sorted().toList());
  }

  private void pull(String name, boolean others) throws SandboxRefused, InterruptedException {
    try (var pull = docker.pullImageCmd(name).exec(new Pull())) {
      Optional<String> failure = pull.await(PULL_MINUTES);
      if (failure.isPresent()) {
        throw others ? notTheirs(name, failure.get()) : missing(name, failure.get());
      }
    } catch (DockerException | IOException e) {
      throw others ? notTheirs(name, Failures.line(e)) : missing(name, Failures.line(e));
    } catch (RuntimeException e) {
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

  /** Does not say more than that: the image may be another repository's secret. */
  private static SandboxRefused notTheirs(String name, String why) {
    return new SandboxRefused(
        "this repository may not use the image "
            + Quote.of(name)
            + " of this host, since its own pull of it fails: "
            + why
            + "; name another in the workflow, or let the operator list it under images.local in"
            + " agent.yaml");
  }
}
