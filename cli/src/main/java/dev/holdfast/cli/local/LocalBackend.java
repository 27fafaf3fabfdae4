package dev.holdfast.cli.local;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.agent.AgentUnusable;
import dev.holdfast.agent.Backends;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.container.ImageRules;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What makes the sandboxes of a command.
 *
 * @param image for jobs that name none, in containers
 * @param ignoreImages whether namespaces run a job that names an image on the host's own system
 */
public record LocalBackend(BackendChoice choice, Optional<String> image, boolean ignoreImages) {

  /** Ready to make sandboxes in {@code folder}, whose name marks what it makes on this host. */
  SandboxBackend open(Path folder) {
    try {
      return Backends.choose(
              choice,
              folder,
              String.valueOf(folder.getFileName()),
              Optional.empty(),
              Optional.empty(),
              new ImageRules(image, Optional.empty(), folder.resolve("images")),
              ignoreImages,
              Limiting.WHERE_POSSIBLE,
              new Backends.OnHost(false, Optional.empty(), MicrovmSettings.standard()))
          .backend();
    } catch (AgentUnusable e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          Plain.of(String.valueOf(e.getMessage())) + "; see: holdfast doctor",
          e);
    }
  }
}
