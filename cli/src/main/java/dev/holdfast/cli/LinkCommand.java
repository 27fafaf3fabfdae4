package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast user link}. */
@CommandLine.Command(
    name = "link",
    description = {
      "Shows that an account at a forge is yours, by signing in there. With --forge it prints a link"
          + " for a browser, good once and for ten minutes. The browser then shows a code; give it"
          + " with --code. Never give it to anybody else."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast user link --forge github:api.github.com",
      "  holdfast user link --code 7KQ2M9XRTA"
    })
final class LinkCommand extends ClientCommand {
  @Option(
      names = "--forge",
      paramLabel = "FORGE",
      description = "Begins: the kind and the host of the forge's API.")
  @Nullable String forge;

  @Option(names = "--code", paramLabel = "CODE", description = "Ends: what the browser showed.")
  @Nullable String code;

  LinkCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    if (forge != null && code == null) {
      Fields begun = api().post("/api/v1/identities/links", new JsonFields().text("forge", forge));
      UserCommand.said(this, begun, Plain.of(begun.text("url")));
      if (!json) {
        terminal
            .err()
            .println("Open it in your browser and sign in, then: holdfast user link --code CODE");
      }
      return ExitCode.OK;
    }
    if (code != null && forge == null) {
      Fields linked = api().post("/api/v1/identities/confirm", new JsonFields().text("code", code));
      return UserCommand.said(
          this,
          linked,
          "Linked "
              + Plain.of(linked.text("name"))
              + " at "
              + Plain.of(linked.text("forge"))
              + ", account "
              + Plain.of(linked.text("account")));
    }
    throw new Refusal(
        ExitCode.USAGE, "give --forge FORGE to begin, or --code CODE to end; not both");
  }
}
