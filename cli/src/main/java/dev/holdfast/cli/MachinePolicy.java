package dev.holdfast.cli;

import dev.holdfast.agent.policy.BadPolicy;
import dev.holdfast.agent.policy.PolicyFile;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What commands that start machines want to know of the agent of this host. */
final class MachinePolicy {
  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The agent's policy, for what it says under `microvm`.")
  @Nullable Path policy;

  /** What it says of machines; without one, what is usual. */
  MicrovmSettings settings(Terminal terminal) {
    if (policy == null) {
      return MicrovmSettings.standard();
    }
    try {
      return PolicyFile.read(terminal.resolve(policy)).microvm();
    } catch (BadPolicy e) {
      throw new Refusal(ExitCode.USAGE, Plain.of(String.valueOf(e.getMessage())), e);
    }
  }
}
