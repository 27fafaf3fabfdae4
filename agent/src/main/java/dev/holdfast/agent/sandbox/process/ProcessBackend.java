package dev.holdfast.agent.sandbox.process;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.namespaces.Leftovers;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * No sandbox: jobs are processes of the host, which see its files, processes and network. For what
 * is trusted and needs the host itself. What is left is what lets a job end: a user of the host of
 * its own, a cgroup with its limits, a workspace on a disk of its own. Needs root for all three,
 * and is off unless {@code agent.yaml} says {@code process: allow}.
 */
public final class ProcessBackend implements SandboxBackend {
  private final boolean allowed;
  private final HostUser self = HostUser.self();
  private final Slots slots = new Slots(Path.of("/run/holdfast/users"));
  private final Cgroups cgroups;

  /**
   * @param data the agent's data directory
   * @param allowed whether the operator has switched this backend on
   */
  public ProcessBackend(Path data, boolean allowed) throws IOException {
    this.allowed = allowed;
    this.cgroups = Cgroups.of(data);
  }

  @Override
  public AgentApi.Backend kind() {
    return AgentApi.Backend.PROCESS;
  }

  @Override
  public Readiness check() {
    if (!allowed) {
      return new Readiness.Unusable(
          "it is no wall at all, and is switched off",
          "choose another backend, or write `process: allow` into agent.yaml, give that by --policy,"
              + " and say by accept.trust whose jobs may have the host");
    }
    if (!self.isRoot()) {
      return new Readiness.Unusable(
          "only an agent that is root can give a job a user of its own, by which its processes are"
              + " found again",
          "run the agent as root, or take the backend namespaces");
    }
    Optional<String> limitless = cgroups.problem();
    if (limitless.isPresent()) {
      return new Readiness.Unusable("jobs cannot be limited", limitless.get());
    }
    return new Readiness.Usable(
        "plain processes of this host, each job as a user of its own, WITHOUT A WALL: a job sees the"
            + " host's files, processes and network");
  }

  @Override
  public OptionalLong workspaceDisk(Limits limits) {
    return OptionalLong.of(limits.disk());
  }

  @Override
  public Sandbox create(SandboxSpec spec) throws SandboxUnavailable, SandboxRefused {
    if (!allowed || !self.isRoot()) {
      throw new SandboxRefused(
          "jobs without a wall are switched off on this agent; agent.yaml's `process: allow` is what"
              + " switches them on");
    }
    if (spec.image().isPresent()) {
      throw new SandboxRefused(
          "the job names the image "
              + Quote.of(spec.image().get())
              + ", and this agent runs plain processes; give the job a label of an agent with"
              + " containers");
    }
    if (spec.nameserver().isPresent()) {
      throw new SandboxRefused(
          "this agent is to filter the job's network, and a plain process has the host's; start it"
              + " with --network none, or choose another backend");
    }
    Slots.Slot slot = slots.take();
    try {
      Leftovers.end(slot.user());
      return prepared(spec, slot);
    } catch (SandboxUnavailable e) {
      give(slot, e);
      throw e;
    } catch (IOException e) {
      give(slot, e);
      throw new SandboxUnavailable("cannot prepare the job's places: " + e.getMessage(), e);
    }
  }

  private Sandbox prepared(SandboxSpec spec, Slots.Slot slot) throws IOException {
    passable(spec.directory());
    passable(spec.distribution());
    for (String own : ProcessSandbox.PLACES) {
      Path place = Files.createDirectory(spec.directory().resolve(own));
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx------"));
      Workspace.give(place, slot.user());
    }
    Files.setAttribute(spec.directory(), "unix:gid", slot.user().gid());
    Files.setPosixFilePermissions(spec.directory(), PosixFilePermissions.fromString("rwx--x---"));
    Cgroup cgroup = cgroups.create(String.valueOf(spec.directory().getFileName()), spec.limits());
    return new ProcessSandbox(spec, slot, cgroup);
  }

  /** The job's user is nobody, and has to come to what is its own. */
  private static void passable(Path path) throws IOException {
    for (Path up = path.toRealPath().getParent(); up != null; up = up.getParent()) {
      if (!Files.getPosixFilePermissions(up).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new IOException(
            "other users may not pass " + up + "; choose a --data that all may pass, or chmod o+x");
      }
    }
  }

  private static void give(Slots.Slot slot, Exception failure) {
    try {
      slot.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    try {
      for (Cgroup left : cgroups.leftovers()) {
        left.destroy();
      }
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot look for cgroups that were left: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    cgroups.close();
  }
}
