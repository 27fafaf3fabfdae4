package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxContract;
import dev.holdfast.agent.sandbox.Wall;
import java.nio.file.Path;

/** {@link SandboxContract} for bubblewrap. */
public class NamespacesSandboxTest extends SandboxContract {
  @Override
  protected SandboxBackend open(Path data) throws Exception {
    return new NamespacesBackend(data, false, Limiting.ENFORCED, Wall.whole());
  }
}
