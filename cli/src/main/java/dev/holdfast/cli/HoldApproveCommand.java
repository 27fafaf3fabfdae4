package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast hold approve}. */
@CommandLine.Command(
    name = "approve",
    description = {
      "Releases what waits, for exactly its commit and its definitions; look at them first with"
          + " holdfast hold show.",
      "Of a job that asks for environments, it grants these for this commit; of a run, none.",
      "With --commit it is refused if another commit waits than the one you looked at."
    },
    footer = {"", "Examples:", "  holdfast hold approve app#7 --commit 8c4c9b1d"})
final class HoldApproveCommand extends ClientCommand {
  @Parameters(paramLabel = "HOLD", description = HoldView.NAMING)
  String hold = "";

  @Option(names = "--commit", paramLabel = "SHA", description = "The commit that you looked at.")
  @Nullable String commit;

  HoldApproveCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Api api = api();
    HoldView found = HoldView.one(api, hold);
    if (commit != null && (commit.length() < 7 || !found.head().startsWith(commit))) {
      throw new Refusal(
          ExitCode.FAILED,
          "what waits is at " + Plain.of(found.head()) + ", not at " + Plain.of(commit));
    }
    Fields answer =
        api.post("/api/v1/holds/" + Api.escape(found.id()) + "/approve", new JsonFields());
    HoldView now = new HoldView(answer);
    if (json) {
      terminal.json(answer.json());
    } else if (now.state().equals("released")) {
      terminal
          .out()
          .println(
              "Released "
                  + Plain.of(now.title())
                  + " at "
                  + Plain.of(now.head())
                  + (now.environments().isEmpty()
                      ? ""
                      : ", and granted the environments "
                          + Plain.of(String.join(", ", now.environments()))));
    } else {
      terminal
          .out()
          .println(
              "Counted for "
                  + Plain.of(now.title())
                  + "; still needed: "
                  + Plain.of(String.join("; ", now.missing())));
    }
    return ExitCode.OK;
  }
}
