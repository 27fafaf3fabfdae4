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
import java.util.ArrayList;
import java.util.Base64;
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
      if (real.kind() == AgentApi.Backend.MICROVM) {
        return real.create(hostile(spec, brought()));
      }
      Path jar = Files.copy(kit, spec.channel().resolve(JAR));
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot put the hostile runner in its place", e);
    }
    return real.create(hostile(spec, command(SandboxPaths.CHANNEL + "/" + JAR)));
  }

  /** A machine has no file of the host's before its runner has spoken: its arguments bring it. */
  private List<String> brought() throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "printf %s \"$1\" | base64 -d >/tmp/" + JAR + "; shift; exec \"$@\"",
                "runner",
                Base64.getEncoder().encodeToString(Files.readAllBytes(kit))));
    command.addAll(command("/tmp/" + JAR));
    return command;
  }

  private static SandboxSpec hostile(SandboxSpec spec, List<String> command) {
    return new SandboxSpec(
        spec.attempt(),
        spec.directory(),
        spec.distribution(),
        spec.image(),
        spec.limits(),
        spec.nameserver(),
        command,
        spec.environment());
  }

  private List<String> command(String jar) {
    return List.of(
        RunnerDistribution.command().getFirst(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx96m",
        "-Xlog:disable",
        "-cp",
        jar,
        "dev.holdfast.probe.kit.Main",
        "runner",
        says,
        SandboxPaths.CHANNEL + "/" + ChannelListener.SOCKET);
  }

  @Override
  public List<String> labelled(String attempt) throws SandboxUnavailable {
    return real.labelled(attempt);
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
