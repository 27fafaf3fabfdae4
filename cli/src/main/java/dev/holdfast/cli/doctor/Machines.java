package dev.holdfast.cli.doctor;

import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.cli.terminal.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether machines run here: by starting one, since that {@code /dev/kvm} opens proves nothing. */
public final class Machines {
  private static final String KVM = "kvm";
  private static final String SUBJECT = "machines";
  private static final String QEMU = "qemu-system-x86_64";

  private Machines() {}

  /**
   * @param agent the agent's data directory
   * @param settings what its policy says of machines, or what is usual
   */
  static List<Finding> examine(
      Host host, boolean root, Path agent, MicrovmSettings settings, InstantSource clock)
      throws InterruptedException {
    var findings = new ArrayList<Finding>();
    findings.add(kvm(host));
    findings.add(whole(root, agent, settings, clock));
    return findings;
  }

  /** Whether the processor runs guests. */
  public static Finding kvm() throws InterruptedException {
    return kvm(Host.here());
  }

  private static Finding kvm(Host host) throws InterruptedException {
    Optional<Path> qemu =
        Stream.of("/usr/bin", "/usr/local/bin")
            .map(directory -> Path.of(directory, QEMU))
            .filter(Files::isExecutable)
            .findFirst();
    if (!host.exists("/dev/kvm")) {
      String flags = host.text("/proc/cpuinfo").orElse("");
      boolean can = flags.contains(" vmx") || flags.contains(" svm");
      return Finding.weak(
          KVM,
          "/dev/kvm is not there, so no job can have a machine",
          can
              ? "modprobe kvm-intel or kvm-amd; holdfast microvm setup does it for good"
              : "the processor shows neither vmx nor svm: switch virtualisation on in the firmware,"
                  + " or, in a virtual machine, have its host allow nested ones");
    }
    if (qemu.isEmpty()) {
      return Finding.weak(
          KVM,
          "/dev/kvm is there, and there is no "
              + QEMU
              + " to start a machine with, so nothing is"
              + " known",
          "holdfast microvm setup, or apt-get install qemu-system-x86");
    }
    if (!Files.isReadable(Path.of("/dev/kvm")) || !Files.isWritable(Path.of("/dev/kvm"))) {
      return Finding.weak(
          KVM, "/dev/kvm does not let you in", "run this as root, as an agent with machines is");
    }
    try {
      ProbeMachine.Seen seen = ProbeMachine.start(qemu.get(), "kvm");
      return seen instanceof ProbeMachine.Seen.Runs(var took)
          ? Finding.ok(KVM, "a machine of nothing runs in " + Times.length(took))
          : explained(seen, ProbeMachine.start(qemu.get(), "tcg"));
    } catch (IOException e) {
      return Finding.weak(
          KVM,
          "no machine can be tried: " + e.getMessage(),
          "see that " + qemu.get() + " starts, and that there is room in /tmp");
    }
  }

  /**
   * @param kvm what it did under KVM, which is not to run
   * @param translated what the same machine did by translation
   */
  static Finding explained(ProbeMachine.Seen kvm, ProbeMachine.Seen translated) {
    String did =
        switch (kvm) {
          case ProbeMachine.Seen.Runs(var took) -> "runs in " + Times.length(took);
          case ProbeMachine.Seen.Hangs(boolean begun, var after) ->
              (begun ? "begins, and is not done after " : "does not even begin within ")
                  + Times.length(after);
          case ProbeMachine.Seen.Fails(String said) -> "fails: " + said;
        };
    if (translated instanceof ProbeMachine.Seen.Runs) {
      return Finding.weak(
          KVM,
          "/dev/kvm opens, and a machine of nothing "
              + did
              + "; by translation the same one runs, so this host's KVM runs no ordinary guests",
          "a host with hardware virtualisation; some clouds' KVM is for guests made for it alone"
              + " (PVM), or nested without its processor's help");
    }
    return Finding.weak(
        KVM,
        "/dev/kvm opens, and a machine of nothing "
            + did
            + "; by translation it does not run either",
        "see that qemu-system-x86 and its firmware (seabios) are whole: apt-get install --reinstall"
            + " qemu-system-x86 seabios");
  }

  /** The machine of a job, by the image that jobs have. */
  private static Finding whole(
      boolean root, Path agent, MicrovmSettings settings, InstantSource clock) {
    if (!Files.exists(agent.resolve("microvm").resolve(settings.image() + ".json"))) {
      return Finding.weak(
          SUBJECT,
          "there is no image " + settings.image() + " of machines in " + agent,
          "holdfast microvm setup, or holdfast image build");
    }
    if (!root) {
      return Finding.weak(
          SUBJECT, "an agent with machines is root, which you are not", "run this as root");
    }
    return trial(agent, settings, clock);
  }

  /** As an agent does at its start, with the same deadlines. */
  public static Finding trial(Path agent, MicrovmSettings settings, InstantSource clock) {
    try (var backend = new MicrovmBackend(agent, settings, clock)) {
      return switch (backend.check()) {
        case Readiness.Usable(String what) -> Finding.ok(SUBJECT, what);
        case Readiness.Unusable(String why, String mend) -> Finding.weak(SUBJECT, why, mend);
      };
    } catch (IOException e) {
      return Finding.weak(
          SUBJECT, agent + " cannot be used: " + e.getMessage(), "give another folder by --data");
    }
  }
}
