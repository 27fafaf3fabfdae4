package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast repo webhook}. */
@CommandLine.Command(
    name = "webhook",
    description = {
      "Gives a repository's webhook a new secret, and prints it, this once. The old one counts for"
          + " a while yet, so that no delivery is lost while you change it at the forge.",
      "",
      "A repository that is at no forge gets an address as well, for whatever signs by the rules of"
          + " Standard Webhooks: it may say that there is something to look at, or start workflows."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast repo webhook app",
      "  holdfast repo webhook app --overlap 0     the old one was seen by somebody"
    })
final class RepoWebhookCommand extends ClientCommand {
  @Parameters(paramLabel = "REPOSITORY", description = "As holdfast repo list shows it.")
  String repository = "";

  @Option(
      names = "--overlap",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "How long the old one counts yet; at most a week. Default: ${DEFAULT-VALUE}.")
  long overlap;

  RepoWebhookCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    if (overlap < 0) {
      throw new Refusal(ExitCode.USAGE, "--overlap is below 0; give seconds, or 0 for none");
    }
    Fields made =
        api()
            .post(
                "/api/v1/repositories/" + Api.escape(repository) + "/webhook-secret",
                new JsonFields().number("overlap-seconds", overlap));
    if (json) {
      terminal.json(made.json());
    } else {
      print(terminal, made);
      terminal
          .err()
          .println(
              overlap == 0
                  ? "The old secret counts no more."
                  : "The old secret counts for " + overlap + " s yet.");
    }
    return ExitCode.OK;
  }

  /** What is to be entered at the forge. */
  static void print(Terminal terminal, Fields made) {
    if (made.has("relay")) {
      terminal.out().println("Address  " + Plain.of(made.text("relay")));
      terminal.out().println("Secret   " + Plain.of(made.text("secret")));
      if (made.has("relay-problem")) {
        terminal
            .err()
            .println(
                "The relay does not know that address yet, and is told again every minute: "
                    + Plain.of(made.text("relay-problem")));
      }
    } else {
      terminal.out().println("Path    " + Plain.of(made.text("hook")));
      terminal.out().println("Secret  " + Plain.of(made.text("secret")));
    }
  }

  /** What a path is to be completed with; an address at a relay is whole. */
  static String before(Fields made) {
    return made.has("relay") ? "" : ", this Holdfast's own address before the path";
  }
}
