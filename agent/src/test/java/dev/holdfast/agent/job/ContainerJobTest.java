package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.container.TestEngine;
import java.nio.file.Path;

class ContainerJobTest extends JobExecutionContract {
  @Override
  SandboxBackend backend(Path data) {
    return TestEngine.backend("test-" + data.getFileName());
  }
}
