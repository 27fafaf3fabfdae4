package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast app}. */
@CommandLine.Command(
    name = "app",
    description = {
      "Holdfast as a GitHub App: one webhook for all repositories that it is installed on, tokens"
          + " that are good for one repository and an hour, checks with a button to run again.",
      "",
      "Make the app in GitHub's settings, without a webhook at first. It needs the permissions"
          + " contents: read, metadata: read, pull requests: write, checks: write, and the events"
          + " push, pull request and issue comment. Generate a private key, add the app here, and"
          + " enter at GitHub the webhook's address and secret that are printed."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast app add ours --app-id 12345 --key-file ours.private-key.pem",
      "  holdfast repo add --github octo/app --app ours",
      "  holdfast app list"
    })
final class AppCommand extends Command {
  private static final String APPS = "/api/v1/forge-apps";

  AppCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new AppCommand(terminal))
        .addSubcommand(new Add(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Webhook(terminal))
        .addSubcommand(new Remove(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast app add, list, webhook or remove");
  }

  /** {@code holdfast app add}. */
  @CommandLine.Command(
      name = "add",
      description = {
        "Adds an app. GitHub is asked whether number and key are right and what the app lacks; the"
            + " webhook's path and secret are printed, this once. The key is kept sealed."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast app add ours --app-id 12345 --key-file ours.private-key.pem"
      })
  static final class Add extends ClientCommand {
    /** Above any such key. */
    private static final long MOST_BYTES = 64 * 1024;

    @Parameters(paramLabel = "NAME", description = "What you call it.")
    String name = "";

    @Option(
        names = "--app-id",
        required = true,
        paramLabel = "NUMBER",
        description = "The App ID that GitHub shows.")
    long number;

    @Option(
        names = "--key-file",
        required = true,
        paramLabel = "FILE",
        description = "The private key that GitHub generated.")
    @Nullable Path key;

    @Option(
        names = "--api",
        paramLabel = "URL",
        defaultValue = "https://api.github.com",
        description =
            "Where the forge's calls start; https://HOST/api/v3 for GitHub Enterprise. Default:"
                + " ${DEFAULT-VALUE}.")
    String api = "";

    Add(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields added =
          api()
              .post(
                  APPS,
                  new JsonFields()
                      .text("name", name)
                      .text("api", api)
                      .number("number", number)
                      .text("key", read(terminal.resolve(java.util.Objects.requireNonNull(key)))));
      if (json) {
        terminal.json(added.json());
        return ExitCode.OK;
      }
      terminal
          .out()
          .println("Added the app " + Plain.of(name) + "  " + Plain.of(added.text("title")));
      RepoWebhookCommand.print(terminal, added);
      terminal
          .err()
          .println(
              "Enter both in the app's settings"
                  + RepoWebhookCommand.before(added)
                  + ". Then: holdfast repo add --github OWNER/NAME --app "
                  + Plain.of(name));
      for (Fields missing : added.list("missing")) {
        terminal.err().println("The app lacks " + Plain.of(missing.text()) + "; give it that.");
      }
      return ExitCode.OK;
    }

    private static String read(Path file) {
      try {
        if (Files.size(file) > MOST_BYTES) {
          throw new Refusal(ExitCode.USAGE, file + " is too large to be a private key");
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        throw new Refusal(ExitCode.USAGE, file + " cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** {@code holdfast app list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists apps. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast app list"})
  static final class Listing extends ClientCommand {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> apps = api().get(APPS).list("apps");
      if (json) {
        apps.forEach(app -> terminal.json(app.json()));
      } else if (apps.isEmpty()) {
        terminal.err().println("No apps. Add one: holdfast app add NAME --app-id … --key-file …");
      } else {
        var table = new Table(terminal.style(), "NAME", "APP ID", "AT");
        for (Fields app : apps) {
          table
              .cell(app.text("name"))
              .cell(Long.toString(app.number("number", 0)))
              .cell(app.text("api"))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast app webhook}. */
  @CommandLine.Command(
      name = "webhook",
      description = "Gives an app's webhook a new secret, and prints it, this once.",
      footer = {"", "Examples:", "  holdfast app webhook ours"})
  static final class Webhook extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "As `holdfast app list` shows it.")
    String name = "";

    @Option(
        names = "--overlap",
        paramLabel = "SECONDS",
        defaultValue = "3600",
        description = "How long the old one counts yet; at most a week. Default: ${DEFAULT-VALUE}.")
    long overlap;

    Webhook(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields made =
          api()
              .post(
                  APPS + "/" + Api.escape(name) + "/webhook-secret",
                  new JsonFields().number("overlap-seconds", overlap));
      if (json) {
        terminal.json(made.json());
      } else {
        RepoWebhookCommand.print(terminal, made);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast app remove}. */
  @CommandLine.Command(
      name = "remove",
      description = "Removes an app by which no repository is linked any more.",
      footer = {"", "Examples:", "  holdfast app remove ours"})
  static final class Remove extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "As `holdfast app list` shows it.")
    String name = "";

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(APPS + "/" + Api.escape(name));
      return UserCommand.said(
          this,
          new Fields(new JsonFields().text("removed", name).json()),
          "Removed the app " + Plain.of(name));
    }
  }
}
