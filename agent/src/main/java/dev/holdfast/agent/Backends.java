package dev.holdfast.agent;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.container.ContainerBackend;
import dev.holdfast.agent.sandbox.container.ImageRules;
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import dev.holdfast.agent.sandbox.process.ProcessBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** Chooses what makes the sandboxes. */
public final class Backends {
  private Backends() {}

  /**
   * @param backend ready to make sandboxes; the caller closes it
   * @param what made it usable, and why it is this one, in one line
   */
  public record Chosen(SandboxBackend backend, String what) {}

  /**
   * What an operator says of a host.
   *
   * @param process whether the backend without a wall is switched on
   * @param system directory or archive that jobs in namespaces see in place of the host's programs
   * @param microvm what jobs in machines are made from, and by what
   */
  public record OnHost(boolean process, Optional<Path> system, MicrovmSettings microvm) {}

  /**
   * @param agent see {@link ContainerBackend}
   * @param host what the operator says of it
   * @throws AgentUnusable if the choice cannot be had; a weaker one is never taken in its stead
   */
  public static Chosen choose(
      BackendChoice choice,
      Path data,
      String agent,
      Optional<String> engine,
      Optional<String> runtime,
      ImageRules images,
      boolean ignoreImages,
      Limiting limiting,
      OnHost host)
      throws AgentUnusable {
    return switch (choice) {
      case PROCESS -> only(process(data, host.process()));
      case CONTAINER -> only(new ContainerBackend(engine, agent, runtime, images, Wall.whole()));
      case NAMESPACES -> only(namespaces(data, ignoreImages, limiting, host.system()));
      case MICROVM -> only(microvm(data, host.microvm()));
      case AUTO -> {
        var container = new ContainerBackend(engine, agent, runtime, images, Wall.whole());
        switch (container.check()) {
          case Readiness.Usable(String what) -> {
            yield new Chosen(container, "container: " + what);
          }
          case Readiness.Unusable(String why, String mend) -> {
            container.close();
            Chosen second = only(namespaces(data, ignoreImages, limiting, host.system()));
            yield new Chosen(second.backend(), second.what() + "; not container, since " + why);
          }
        }
      }
    };
  }

  /**
   * For evaluating workflow sources: namespaces where they can be had, since they start in a moment
   * and need no image, else containers.
   */
  public static Chosen forCompiling(
      Path data, String agent, Optional<String> engine, Optional<String> image)
      throws AgentUnusable {
    try {
      // An image means nothing here: nothing but the runner is started.
      return only(namespaces(data, true, Limiting.WHERE_POSSIBLE, Optional.empty()));
    } catch (AgentUnusable first) {
      try {
        return only(
            new ContainerBackend(
                engine,
                agent,
                Optional.empty(),
                new ImageRules(image, Optional.empty(), data.resolve("images")),
                Wall.whole()));
      } catch (AgentUnusable second) {
        throw new AgentUnusable(first.getMessage() + "; and " + second.getMessage());
      }
    }
  }

  private static SandboxBackend namespaces(
      Path data, boolean ignoreImages, Limiting limiting, Optional<Path> system)
      throws AgentUnusable {
    try {
      return new NamespacesBackend(data, ignoreImages, limiting, system, Wall.whole());
    } catch (IOException e) {
      throw new AgentUnusable(
          "the data directory " + data + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static SandboxBackend microvm(Path data, MicrovmSettings settings) throws AgentUnusable {
    try {
      return new MicrovmBackend(data, settings, InstantSource.system());
    } catch (IOException e) {
      throw new AgentUnusable(
          "the data directory " + data + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static SandboxBackend process(Path data, boolean allowed) throws AgentUnusable {
    try {
      return new ProcessBackend(data, allowed);
    } catch (IOException e) {
      throw new AgentUnusable(
          "the data directory " + data + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static Chosen only(SandboxBackend backend) throws AgentUnusable {
    String name = backend.kind().name().toLowerCase(java.util.Locale.ROOT);
    return switch (backend.check()) {
      case Readiness.Usable(String what) -> new Chosen(backend, name + ": " + what);
      case Readiness.Unusable(String why, String mend) -> {
        backend.close();
        throw new AgentUnusable("the backend " + name + " cannot be used: " + why + "; " + mend);
      }
    };
  }
}
