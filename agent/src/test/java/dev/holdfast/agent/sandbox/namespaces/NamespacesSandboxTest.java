package dev.holdfast.agent.sandbox.namespaces;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxContract;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.ServiceSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.definition.Service;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link SandboxContract} for bubblewrap. */
public class NamespacesSandboxTest extends SandboxContract {
  @Override
  protected SandboxBackend open(Path data) throws Exception {
    return new NamespacesBackend(data, false, Limiting.ENFORCED, Wall.whole());
  }

  @Test
  void aJobWithServices_isRefusedWithTheMend(@TempDir Path own) throws Exception {
    var service =
        new Service(
            "db",
            "postgres:17",
            Map.of(),
            List.of(),
            new Service.Ready.Port(5432, Optional.empty()));
    var spec =
        new SandboxSpec(
            "att_1",
            own,
            own,
            Optional.empty(),
            Limits.standard(),
            Optional.empty(),
            List.of("true"),
            Map.of(),
            "repo_1",
            Optional.empty(),
            false,
            List.of(new ServiceSpec(service, Optional.empty(), false)));
    try (var backend = new NamespacesBackend(own, true, Limiting.WHERE_POSSIBLE, Wall.whole())) {
      assertThatThrownBy(() -> backend.create(spec))
          .isInstanceOf(SandboxRefused.class)
          .hasMessageContaining("the job has the service db")
          .hasMessageContaining("run the job on an agent with the backend container");
    }
  }
}
