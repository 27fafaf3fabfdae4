package dev.holdfast.cli;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.doctor.Finding;
import dev.holdfast.cli.doctor.Machines;
import dev.holdfast.cli.machines.ImageStep;
import dev.holdfast.cli.machines.Setup;
import dev.holdfast.cli.machines.SetupFailed;
import dev.holdfast.cli.machines.SetupHost;
import dev.holdfast.cli.machines.SetupStep;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast microvm}. */
@CommandLine.Command(
    name = "microvm",
    description = "Prepares a host for agents with the backend microvm.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast microvm setup --dry-run",
      "  holdfast microvm setup --from-image debian:12",
      "  holdfast microvm setup --undo"
    })
final class MicrovmCommand extends Command {
  MicrovmCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new MicrovmCommand(terminal)).addSubcommand(new SetUp(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast microvm setup");
  }

  /** {@code holdfast microvm setup}. */
  @CommandLine.Command(
      name = "setup",
      description = {
        "Makes a Debian host ready for machines: packages, the kernel's devices, users that are"
            + " machines' alone, limits, a kernel, an image; then starts one. Needs root. Does only"
            + " what lacks, one line a step, and may be run as often as you like.",
        "What it changed is kept in DIR/agent/microvm-setup.json; --undo takes that back, and"
            + " nothing else.",
        "Ends with 1 if a step failed, or if with --dry-run something lacks."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast microvm setup --dry-run                 say what lacks, change nothing",
        "  holdfast microvm setup --from-image debian:12    all of it, jobs on Debian 12",
        "  holdfast microvm setup --undo --dry-run          say what would be taken back"
      })
  static final class SetUp extends Command {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description =
            "Data folder, the agent's part is DIR/agent; else HOLDFAST_DATA, else as for the"
                + " agent.")
    @Nullable Path data;

    @Mixin MachinePolicy policy = new MachinePolicy();

    @Option(
        names = "--kernel",
        paramLabel = "FILE",
        description = "A kernel for the image; else Debian's linux-image-cloud-amd64 is fetched.")
    @Nullable Path kernel;

    @ArgGroup(multiplicity = "0..1")
    MachineBuild.Origin from = new MachineBuild.Origin();

    @Option(names = "--undo", description = "Take back what earlier calls changed.")
    boolean undo;

    @Option(names = "--dry-run", description = "Say what would be done, and change nothing.")
    boolean dryRun;

    SetUp(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() throws InterruptedException {
      if (!dryRun && !HostUser.self().isRoot()) {
        throw new Refusal(
            ExitCode.USAGE, "a host is prepared by root; run it as root, or with --dry-run");
      }
      Path agent = DataDirectory.of(terminal, data).path().resolve("agent");
      MicrovmSettings settings = policy.settings(terminal);
      SetupHost host = SetupHost.here();
      var setup = new Setup(host, agent, this::say);
      if (undo) {
        return setup.undo(dryRun) ? ExitCode.OK : ExitCode.FAILED;
      }
      var image =
          new ImageStep(
              agent,
              settings.image(),
              from.isSaid()
                  ? Optional.of(file -> build(agent, settings.image(), file))
                  : Optional.empty());
      List<SetupStep> steps =
          Setup.steps(
              host,
              agent,
              settings.tcg() != MicrovmSettings.Tcg.ONLY,
              Optional.ofNullable(kernel).map(terminal::resolve),
              image);
      if (dryRun) {
        return setup.look(steps) ? ExitCode.OK : ExitCode.FAILED;
      }
      return setup.make(steps) && runs(agent, settings) ? ExitCode.OK : ExitCode.FAILED;
    }

    private void build(Path agent, String name, Path file)
        throws SetupFailed, InterruptedException {
      try {
        new MachineBuild(terminal, agent).build(name, from, file, Optional.empty());
      } catch (BadImage e) {
        throw new SetupFailed(String.valueOf(e.getMessage()), e);
      }
    }

    /** All that is there says little before a machine has run. */
    private boolean runs(Path agent, MicrovmSettings settings) {
      Finding found = Machines.trial(agent, settings, terminal.clock());
      boolean ok = found.grade() == Finding.Grade.OK;
      say(
          new Setup.Said(
              ok ? "ok" : "FAILED",
              "machine",
              ok ? found.says() : found.says() + "; " + found.mend()));
      return ok;
    }

    private void say(Setup.Said said) {
      Style style = terminal.style();
      String state = String.format("%-7s", said.state());
      terminal
          .out()
          .println(
              (said.state().equals("FAILED") ? style.bad(state) : state)
                  + String.format(" %-9s ", said.step())
                  + Plain.of(said.what()));
    }
  }
}
