package dev.holdfast.probe;

import dev.holdfast.agent.channel.ChannelListener;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;

/** A backend's own sandboxes, in which a hostile program stands in the place of the runner. */
record HostileBackend(SandboxBackend real, Path kit, String says) implements SandboxBackend {
  private static final String JAR = "k.jar";

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
    try {
      Path jar = Files.copy(kit, spec.channel().resolve(JAR));
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot put the hostile runner in its place", e);
    }
    return real.create(hostile(spec));
  }

  private SandboxSpec hostile(SandboxSpec spec) {
    return new SandboxSpec(
        spec.attempt(),
        spec.directory(),
        spec.distribution(),
        spec.image(),
        spec.limits(),
        spec.nameserver(),
        command(),
        spec.environment());
  }

  private List<String> command() {
    return List.of(
        RunnerDistribution.command().getFirst(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx96m",
        "-Xlog:disable",
        "-cp",
        SandboxPaths.CHANNEL + "/" + JAR,
        "dev.holdfast.probe.kit.Main",
        "runner",
        says,
        SandboxPaths.CHANNEL + "/" + ChannelListener.SOCKET);
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
}
