package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import dev.holdfast.model.json.Quote;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast token}. */
@CommandLine.Command(
    name = "token",
    description =
        "The tokens of users. None is good for more than the one that made it. The server keeps"
            + " only their hashes.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast token make deploy --scope start-runs --repository app --expires 30d",
      "  holdfast token list",
      "  holdfast token revoke tok_01k3…"
    })
final class TokenCommand extends Command {
  private static final String TOKENS = "/api/v1/tokens";

  TokenCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new TokenCommand(terminal))
        .addSubcommand(new Make(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Revoke(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast token make, list or revoke");
  }

  /** {@code holdfast token make}. */
  @CommandLine.Command(
      name = "make",
      description = "Makes a token and prints it, this once: the server keeps its hash.",
      footer = {
        "",
        "Examples:",
        "  holdfast token make laptop",
        "  holdfast token make deploy --scope start-runs --repository app --expires 30d",
        "  holdfast token make ann-laptop --user ann --scope view,start-runs --out ann-token"
      })
  static final class Make extends ClientCommand {
    private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})([hd])");

    @Parameters(paramLabel = "NAME", description = "What it is for, for people.")
    String name = "";

    @Option(
        names = "--user",
        paramLabel = "NAME",
        description = "Whose; else your own. Needs the permission manage-tokens.")
    @Nullable String user;

    @Option(
        names = "--scope",
        paramLabel = "PERMISSION",
        split = ",",
        description = "All that it is good for; else as much as the token that you use.")
    List<String> scope = List.of();

    @Option(
        names = "--repository",
        paramLabel = "NAME",
        description = "The only one that it is good for.")
    @Nullable String repository;

    @Option(
        names = "--expires",
        paramLabel = "WHEN",
        description = "After 30d or 12h, or at 2027-01-31T00:00:00Z; after 90 days if not given.")
    @Nullable String expires;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Write the token there, readable for you alone, and do not print it.")
    @Nullable Path out;

    Make(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      var asked = new JsonFields().text("name", name);
      if (user != null) {
        asked.text("user", user);
      }
      if (!scope.isEmpty()) {
        asked.texts("scope", scope);
      }
      if (repository != null) {
        asked.text("repository", repository);
      }
      if (expires != null) {
        asked.text("expires", end(expires, terminal.clock().instant()).toString());
      }
      Fields made = api().post(TOKENS, asked);
      String token = made.text("token");
      if (out != null) {
        Path file = terminal.resolve(out);
        DataDirectory.writeSecret(file, token);
        var fields = new JsonFields();
        fields.text("id", made.text("id"));
        fields.text("name", name);
        fields.text("file", file.toString());
        return UserCommand.said(
            this,
            new Fields(fields.json()),
            "Made " + Plain.of(made.text("id")) + "; the token is in " + file);
      }
      UserCommand.said(this, made, Plain.of(token));
      if (!json) {
        terminal
            .err()
            .println(
                "Keep it: it is not shown again. It ends "
                    + Plain.of(made.text("expires"))
                    + ". Revoke it: holdfast token revoke "
                    + Plain.of(made.text("id")));
      }
      return ExitCode.OK;
    }

    private static Instant end(String expires, Instant now) {
      Matcher length = LENGTH.matcher(expires);
      try {
        if (length.matches()) {
          long count = Long.parseLong(length.group(1));
          return now.plus(
              length.group(2).equals("h") ? Duration.ofHours(count) : Duration.ofDays(count));
        }
        return Instant.parse(expires);
      } catch (DateTimeException e) {
        throw new Refusal(
            ExitCode.USAGE,
            "--expires is " + Quote.of(expires) + "; give 30d, 12h or 2027-01-31T00:00:00Z",
            e);
      }
    }
  }

  /** {@code holdfast token list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists your tokens, never the tokens themselves. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast token list", "  holdfast token list --all"})
  static final class Listing extends ClientCommand {
    @Option(
        names = "--all",
        description = "Those of all users. Needs the permission manage-tokens.")
    boolean all;

    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> tokens = api().get(all ? TOKENS + "?all=true" : TOKENS).list("tokens");
      if (json) {
        tokens.forEach(token -> terminal.json(token.json()));
        return ExitCode.OK;
      }
      Instant now = terminal.clock().instant();
      var table =
          new Table(
              terminal.style(), "ID", "USER", "NAME", "GOOD FOR", "IN", "MADE", "USED", "ENDS");
      for (Fields token : tokens) {
        String good =
            token.list("scope").stream().map(Fields::text).collect(Collectors.joining(", "));
        table
            .cell(token.text("id"))
            .cell(token.text("user"))
            .cell(token.text("name"))
            .cell(good.isEmpty() ? "all" : good)
            .cell(token.has("repository") ? token.text("repository") : "all")
            .cell(token.time("created").map(at -> Times.ago(at, now)).orElse(""))
            .cell(token.time("used").map(at -> Times.ago(at, now)).orElse("never"))
            .cell(token.time("expires").map(Instant::toString).orElse("never"))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
      return ExitCode.OK;
    }
  }

  /** {@code holdfast token revoke}. */
  @CommandLine.Command(
      name = "revoke",
      description = "Makes a token worthless, at once.",
      footer = {"", "Examples:", "  holdfast token revoke tok_01k3…"})
  static final class Revoke extends ClientCommand {
    @Parameters(paramLabel = "ID", description = "As `holdfast token list` shows it.")
    String id = "";

    Revoke(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(TOKENS + "/" + Api.escape(id));
      return UserCommand.said(
          this, new Fields(new JsonFields().text("revoked", id).json()), "Revoked " + Plain.of(id));
    }
  }
}
