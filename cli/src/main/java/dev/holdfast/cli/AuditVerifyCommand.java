package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.audit.Finding;
import dev.holdfast.model.audit.Verification;
import dev.holdfast.orchestrator.audit.LogCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast audit verify}. */
@CommandLine.Command(
    name = "verify",
    description = {
      "Checks the audit log on the server's own files, whether the server runs or not: finds every"
          + " entry that was changed, dropped, swapped or cut off, and an old copy in place of the"
          + " newest.",
      "Who can write all of these files and read their key can write the log anew. That is found"
          + " too, if you keep copies of DATA/server/audit/checkpoints and key.pub beside it elsewhere.",
      "Ends with 1 if anything is not as it was written."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast audit verify",
      "  holdfast audit verify --checkpoints /backup/checkpoints --key /backup/key.pub"
    })
final class AuditVerifyCommand extends Command {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The server's data folder; else the default one.")
  @Nullable Path data;

  @Option(
      names = "--checkpoints",
      paramLabel = "FILE",
      description = "A copy that was kept elsewhere; it counts beside the server's own.")
  @Nullable Path checkpoints;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "A copy of the key to check with; else the server's own.")
  @Nullable Path key;

  @Option(names = "--json", description = "Print JSON, for scripts.")
  boolean json;

  AuditVerifyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Path folder = DataDirectory.of(terminal, data).serverPart();
    Verification.Result result;
    try (var _ = Progress.of(terminal, "checking the audit log")) {
      result = LogCheck.of(folder, Optional.ofNullable(checkpoints), Optional.ofNullable(key));
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL, "nothing was checked: " + String.valueOf(e.getMessage()), e);
    }
    if (json) {
      json(result);
    } else if (result.good()) {
      terminal
          .out()
          .println(
              result.entries()
                  + " entries, all as they were written; vouched for up to entry "
                  + result.vouched());
    } else {
      result.findings().forEach(finding -> terminal.out().println(finding.text()));
    }
    return result.good() ? ExitCode.OK : ExitCode.FAILED;
  }

  private void json(Verification.Result result) {
    for (Finding finding : result.findings()) {
      var fields = new JsonFields();
      fields.text("finding", finding.kind().name().toLowerCase(java.util.Locale.ROOT));
      fields.number("first", finding.first());
      fields.number("last", finding.last());
      fields.text("says", finding.text());
      terminal.json(fields.json());
    }
    if (result.good()) {
      var fields = new JsonFields();
      fields.text("finding", "none");
      fields.number("entries", result.entries());
      fields.number("vouched", result.vouched());
      terminal.json(fields.json());
    }
  }
}
