package dev.holdfast.agent.sandbox.container;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.ServiceSpec;
import dev.holdfast.model.json.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds what services are made from, before anything of the job runs. Thread-safe. */
final class ServicePlans {
  /** Those whose containers are processes of this kernel, in namespaces that others can enter. */
  private static final Set<String> SHARING = Set.of("runc", "crun", "io.containerd.runc.v2");

  private static final int MOST_VOLUMES = 20;

  /** An absolute path of plain names. */
  private static final Pattern VOLUME =
      Pattern.compile("(/(?!\\.\\.?(/|$))[A-Za-z0-9._-]{1,100}){1,20}/?");

  /** What is the kernel's or the wall's own. */
  private static final Pattern RESERVED = Pattern.compile("/(proc|sys|dev)(/.*)?");

  private final Images images;
  private final ServiceUsers users;
  private final Optional<String> runtime;

  /**
   * @param runtime of the engine's list; where absent, the engine's own choice
   */
  ServicePlans(Images images, ServiceUsers users, Optional<String> runtime) {
    this.images = images;
    this.users = users;
    this.runtime = runtime;
  }

  /**
   * @param user who a service is whose image does not say
   * @param hold keeps the images until there are containers of them
   */
  List<Services.Planned> of(SandboxSpec spec, HostUser user, BroughtImages.Hold hold)
      throws SandboxRefused, SandboxUnavailable, InterruptedException {
    if (spec.services().isEmpty()) {
      return List.of();
    }
    if (runtime.isPresent() && !SHARING.contains(runtime.get())) {
      throw new SandboxRefused(
          "the job has services, which share the network of its container, and containers of this"
              + " agent's runtime "
              + runtime.get()
              + " share none; run the job on an agent without --runtime, or remove its services");
    }
    enough(spec);
    var planned = new ArrayList<Services.Planned>();
    for (ServiceSpec each : spec.services()) {
      Images.Image image =
          images.find(spec.repository(), Optional.of(each.service().image()), each.pinned(), hold);
      planned.add(
          new Services.Planned(
              each.service(), image, users.of(image, user, each.mayBeRoot()), volumes(image)));
    }
    return List.copyOf(planned);
  }

  private static void enough(SandboxSpec spec) throws SandboxRefused {
    int count = spec.services().size();
    try {
      var _ = spec.limits().beside(count);
      var _ = spec.limits().ofEach(count);
    } catch (IllegalArgumentException e) {
      throw new SandboxRefused(
          "this agent's limits are too small to be shared by a job and its "
              + count
              + " services: "
              + e.getMessage()
              + "; remove services, or let the agent's operator raise the limits in agent.yaml");
    }
  }

  private static List<String> volumes(Images.Image image) throws SandboxRefused {
    if (image.volumes().size() > MOST_VOLUMES) {
      throw new SandboxRefused(
          "the image "
              + image.pin()
              + " of a service declares "
              + image.volumes().size()
              + " volumes; the most is "
              + MOST_VOLUMES
              + ": use another image");
    }
    for (String volume : image.volumes()) {
      if (!VOLUME.matcher(volume).matches() || RESERVED.matcher(volume).matches()) {
        throw new SandboxRefused(
            "the image "
                + image.pin()
                + " of a service declares the volume "
                + Quote.of(volume)
                + ", which is no plain directory of its own; use another image");
      }
    }
    return image.volumes();
  }
}
