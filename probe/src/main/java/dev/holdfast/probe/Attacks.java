package dev.holdfast.probe;

import static dev.holdfast.model.wire.agent.AgentApi.Backend.CONTAINER;
import static dev.holdfast.model.wire.agent.AgentApi.Backend.MICROVM;
import static dev.holdfast.model.wire.agent.AgentApi.Backend.NAMESPACES;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How the groups of the catalogue write their attacks down. */
final class Attacks {
  static final long MIB = 1024 * 1024;

  /** Small, so that what exceeds them is little. */
  static final Limits SMALL = new Limits(384 * MIB, 2000, 256, 32 * MIB, 200 * MIB);

  /** A quarter of a cpu, which a busy host has to spare as well. */
  static final Limits SLOW = new Limits(384 * MIB, 250, 256, 32 * MIB, 200 * MIB);

  private static final Trial.Setting ORDINARY = new Trial.Setting(SMALL, false, List.of());

  private Attacks() {}

  /** An attack without what stops it yet. */
  record Sketch(String id, Promise promise, String idea, Trial trial) {

    /** Everywhere; a machine stops it as well by being one. */
    Attack stoppedBy(Protection first, Protection... others) {
      Set<Protection> all = EnumSet.of(first, others);
      return made(Map.of(NAMESPACES, all, CONTAINER, all, MICROVM, orByAMachine(all)));
    }

    /** Everywhere, and a machine alone does not stop it. */
    Attack alsoInMachinesStoppedBy(Protection first, Protection... others) {
      Set<Protection> all = EnumSet.of(first, others);
      return made(Map.of(NAMESPACES, all, CONTAINER, all, MICROVM, all));
    }

    /**
     * What it wants of a kernel, a job in a machine may have: that kernel is nobody else's, and
     * ends with the job.
     */
    Attack onTheHostsKernelStoppedBy(Protection first, Protection... others) {
      Set<Protection> all = EnumSet.of(first, others);
      return made(Map.of(NAMESPACES, all, CONTAINER, all));
    }

    Attack inNamespacesBy(Protection first, Protection... others) {
      return made(Map.of(NAMESPACES, EnumSet.of(first, others)));
    }

    Attack inContainersBy(Protection first, Protection... others) {
      return made(Map.of(CONTAINER, EnumSet.of(first, others)));
    }

    Attack inMachinesBy(Protection first, Protection... others) {
      return made(Map.of(MICROVM, EnumSet.of(first, others)));
    }

    /** Everywhere, by different parts. */
    Attack stoppedBy(Set<Protection> namespaces, Set<Protection> container) {
      return made(
          Map.of(NAMESPACES, namespaces, CONTAINER, container, MICROVM, orByAMachine(namespaces)));
    }

    private static Set<Protection> orByAMachine(Set<Protection> parts) {
      Set<Protection> all = EnumSet.copyOf(parts);
      all.add(Protection.OWN_KERNEL);
      return all;
    }

    private Attack made(Map<Backend, Set<Protection>> stoppedBy) {
      return new Attack(id, promise, idea, new EnumMap<>(stoppedBy), trial);
    }
  }

  static Sketch job(String id, Promise promise, String idea, String script) {
    return new Sketch(id, promise, idea, new Trial.OneJob(script, ORDINARY));
  }

  /** Whose job may be killed for it. */
  static Sketch greedy(String id, String idea, Limits limits, String script) {
    return new Sketch(
        id, Promise.P3, idea, new Trial.OneJob(script, new Trial.Setting(limits, true, List.of())));
  }

  static Sketch needing(Trial.Need need, String id, Promise promise, String idea, String script) {
    return new Sketch(
        id,
        promise,
        idea,
        new Trial.OneJob(script, new Trial.Setting(SMALL, false, List.of(need))));
  }

  static Sketch twoJobs(String id, String idea, String plant, String look) {
    return new Sketch(id, Promise.P1, idea, new Trial.TwoJobs(plant, look, ORDINARY));
  }

  static Sketch beside(String id, Promise promise, String idea, String victim, String attack) {
    return new Sketch(id, promise, idea, new Trial.Beside(victim, attack, ORDINARY));
  }

  static Sketch left(String id, String idea, Trial.Trace trace, String script) {
    return new Sketch(id, Promise.P1, idea, new Trial.Left(script, trace, ORDINARY));
  }

  static Sketch runner(String id, String idea, String says) {
    return new Sketch("protocol." + id, Promise.P3, idea, new Trial.HostileRunner(says));
  }

  static Sketch repository(
      String id, Promise promise, String idea, String make, String naive, String job) {
    return new Sketch("git." + id, promise, idea, new Trial.HostileRepository(make, naive, job));
  }

  static Sketch packet(String id, String idea, String target, String script) {
    return new Sketch("network." + id, Promise.P4, idea, new Trial.Packet(target, script));
  }
}
