package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.container.TestEngine;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.file.Path;

/**
 * As root of the sandbox. Root may read any program, so it can look into the runner as well: there
 * it finds what its own step was given, while that runs.
 */
class ContainerRootCanaryHuntTest extends CanaryHuntContract {
  @Override
  SandboxBackend backend(Path data) {
    return TestEngine.backend("hunt-root-" + data.getFileName());
  }

  @Override
  Lease as(Lease lease) {
    return Jobs.root(lease);
  }

  @Override
  String policy() {
    return "accept:\n  root: allow\n";
  }

  @Override
  String places() {
    return "(environ|memory) of (sh|dash|perl|bash|busybox)|memory of java";
  }
}
