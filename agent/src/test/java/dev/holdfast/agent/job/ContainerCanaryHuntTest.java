package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.container.TestEngine;
import java.nio.file.Path;

class ContainerCanaryHuntTest extends CanaryHuntContract {
  @Override
  SandboxBackend backend(Path data) {
    return TestEngine.backend("hunt-" + data.getFileName());
  }
}
