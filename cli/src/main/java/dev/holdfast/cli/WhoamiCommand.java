package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** {@code holdfast whoami}. */
@CommandLine.Command(
    name = "whoami",
    description = "Says whose token this is, and what it is good for.",
    footer = {"", "Examples:", "  holdfast whoami"})
final class WhoamiCommand extends ClientCommand {
  WhoamiCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields me = api().get("/api/v1/whoami");
    if (json) {
      terminal.json(me.json());
      return ExitCode.OK;
    }
    Fields user = me.at("user");
    terminal.out().println(Plain.of(user.text("name")) + "  " + Plain.of(user.text("id")));
    for (Fields identity : user.list("identities")) {
      terminal
          .out()
          .println(
              "is   "
                  + Plain.of(identity.text("name"))
                  + " at "
                  + Plain.of(identity.text("forge")));
    }
    for (Fields place : me.list("may")) {
      terminal
          .out()
          .println(
              "may  "
                  + place.list("permissions").stream()
                      .map(permission -> Plain.of(permission.text()))
                      .collect(Collectors.joining(", "))
                  + (place.has("repository")
                      ? " in " + Plain.of(place.text("repository"))
                      : " everywhere"));
    }
    if (me.list("may").isEmpty()) {
      terminal.out().println("may  nothing; an owner gives more with holdfast user grant");
    }
    return ExitCode.OK;
  }
}
