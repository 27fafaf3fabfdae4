package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.wire.agent.AgentApi;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backend's own sandboxes with the agent's egress: opened before the job is sent, as always.
 *
 * @param opened told the name of the interface on the host, before the job is sent
 */
record NetworkedBackend(SandboxBackend real, Egress egress, JobRules rules, Consumer<String> opened)
    implements SandboxBackend {

  NetworkedBackend(SandboxBackend real, Egress egress, JobRules rules) {
    this(real, egress, rules, _ -> {});
  }

  @Override
  public AgentApi.Backend kind() {
    return real.kind();
  }

  @Override
  public Readiness check() {
    return real.check();
  }

  @Override
  public Sandbox create(SandboxSpec spec)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    var named =
        new SandboxSpec(
            spec.attempt(),
            spec.directory(),
            spec.distribution(),
            spec.image(),
            spec.limits(),
            Optional.of(egress.resolver().toString()),
            spec.command(),
            spec.environment());
    return new Networked(real.create(named), spec.attempt());
  }

  @Override
  public OptionalLong workspaceDisk(Limits limits) {
    return real.workspaceDisk(limits);
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    real.reconcile();
  }

  @Override
  public void close() {}

  private final class Networked implements Sandbox {
    private final Sandbox sandbox;
    private final String attempt;
    private @Nullable EgressSession session;

    Networked(Sandbox sandbox, String attempt) {
      this.sandbox = sandbox;
      this.attempt = attempt;
    }

    @Override
    public void handOver() throws SandboxUnavailable {
      try {
        session = egress.open(attempt, sandbox.process(), rules);
        session.link().ifPresent(opened);
      } catch (EgressUnavailable e) {
        throw new SandboxUnavailable("no network for the job: " + e.getMessage(), e);
      }
      sandbox.handOver();
    }

    @Override
    public void close() throws SandboxUnavailable {
      sandbox.close();
      EgressSession open = session;
      if (open != null) {
        try {
          open.close();
        } catch (EgressUnavailable e) {
          throw new SandboxUnavailable("the job's network stays: " + e.getMessage(), e);
        }
      }
    }

    @Override
    public HostUser user() {
      return sandbox.user();
    }

    @Override
    public Map<String, String> imageEnvironment() {
      return sandbox.imageEnvironment();
    }

    @Override
    public boolean sealedUntilHandOver() {
      return sandbox.sealedUntilHandOver();
    }

    @Override
    public void start() throws SandboxUnavailable, InterruptedException {
      sandbox.start();
    }

    @Override
    public long process() throws SandboxUnavailable {
      return sandbox.process();
    }

    @Override
    public CompletableFuture<Integer> exited() {
      return sandbox.exited();
    }

    @Override
    public String diagnostics() {
      return sandbox.diagnostics();
    }

    @Override
    public boolean ranOutOfMemory() {
      return sandbox.ranOutOfMemory();
    }

    @Override
    public void kill() {
      sandbox.kill();
    }
  }
}
