package dev.holdfast.cli;

import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.agent.egress.rule.Blocked;
import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Explanation;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.policy.BadPolicy;
import dev.holdfast.agent.policy.EgressRules;
import dev.holdfast.agent.policy.PolicyFile;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast egress explain}. */
@CommandLine.Command(
    name = "explain",
    description = {
      "Says whether a job reaches a destination, and which rule decides. Asks nobody: give a name's"
          + " addresses with --address.",
      "Ends with 0 where the job gets there, and 1 where it does not."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast egress explain 10.0.0.5:5432 --policy agent.yaml --repository app",
      "  holdfast egress explain repo.example:443 --address 203.0.113.7"
    })
final class EgressExplainCommand extends Command {
  @Parameters(
      paramLabel = "DESTINATION",
      description = "As name:443, 10.0.0.5:5432, [2001:db8::1]:53/udp or 1.1.1.1/icmp.")
  String destination = "";

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The agent's policy; else what holds without one.")
  @Nullable Path policy;

  @Option(names = "--pool", paramLabel = "NAME", description = "The agent that the job runs on.")
  String pool = "any";

  @Option(names = "--repository", paramLabel = "NAME", description = "The job's repository.")
  String repository = "any";

  @Option(names = "--workflow", paramLabel = "NAME", description = "The job's workflow.")
  String workflow = "any";

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "What the name has; repeat for more.")
  List<String> addresses = new ArrayList<>();

  EgressExplainCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    try {
      AgentPolicy read =
          policy == null ? AgentPolicy.standard() : PolicyFile.read(terminal.resolve(policy));
      JobRules rules =
          EgressRules.of(read).forJob(new JobScope(pool, repository, workflow), Blocked.standard());
      List<Ip> known = addresses.stream().map(this::ip).toList();
      Explanation explanation = Explanation.of(rules, destination, name -> known);
      for (Decision step : explanation.steps()) {
        terminal.out().println(Plain.of(step + " (" + step.by() + ")"));
      }
      terminal
          .out()
          .println(explanation.open() ? "The job gets there." : "The job does not get there.");
      return explanation.open() ? ExitCode.OK : ExitCode.FAILED;
    } catch (BadPolicy | BadRule e) {
      throw new Refusal(ExitCode.USAGE, Plain.of(String.valueOf(e.getMessage())), e);
    }
  }

  private Ip ip(String text) {
    return Ip.parse(text).orElseThrow(() -> new BadRule("--address " + text + " is no address"));
  }
}
