package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import java.nio.file.Path;

class NamespacesCanaryHuntTest extends CanaryHuntContract {
  @Override
  SandboxBackend backend(Path data) throws Exception {
    return new NamespacesBackend(data, false, Limiting.ENFORCED, Wall.whole());
  }
}
