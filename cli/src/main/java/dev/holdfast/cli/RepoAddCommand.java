package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.json.Quote;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast repo add}. */
@CommandLine.Command(
    name = "add",
    description = {
      "Adds a repository. A bare repository on the server's disk gets a post-receive hook, which"
          + " notes each push in a file inside the repository; it knows no address and no secret."
          + " One that is only a URL is asked for news by the server."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast repo add /srv/git/app.git",
      "  holdfast repo add https://git.example.org/team/app.git --name team-app"
    })
final class RepoAddCommand extends ClientCommand {
  /** {@code user@host:path}, as git and ssh write it. */
  private static final Pattern SCP = Pattern.compile("([^/:@]+@)?([A-Za-z0-9.-]+):([^/].*)");

  @Parameters(
      paramLabel = "PATH-OR-URL",
      description = "A bare repository's folder, or an https://, http:// or ssh:// URL.")
  String where = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What people call it; else the last part of PATH-OR-URL without .git.")
  @Nullable String name;

  @Option(
      names = "--floor",
      paramLabel = "TIER",
      description =
          "The weakest wall that its jobs may have: namespaces, container or microvm. For one that"
              + " is there already, this replaces the floor.")
  @Nullable Tier floor;

  RepoAddCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    String url = location(where);
    String chosen = name != null ? name : nameOf(url);
    try {
      new Name(chosen);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, e.getMessage() + "; give one by --name", e);
    }
    var asked = new JsonFields().text("name", chosen).text("url", url);
    if (floor != null) {
      asked.text("floor", floor.word());
    }
    Fields added = api().post("/api/v1/repositories", asked);
    if (json) {
      terminal.json(added.json());
    } else {
      terminal.out().println("Added " + chosen + "  " + Plain.of(url));
      terminal.err().println("Push to it, and see: holdfast runs --repository " + chosen);
    }
    return ExitCode.OK;
  }

  /** What the server is told: an absolute path, or a URL. */
  private String location(String given) {
    if (given.contains("://")) {
      return given;
    }
    var scp = SCP.matcher(given);
    if (scp.matches()) {
      throw new Refusal(
          ExitCode.USAGE,
          Quote.of(given)
              + " is ssh's short form; write ssh://"
              + (scp.group(1) == null ? "" : Plain.of(scp.group(1)))
              + scp.group(2)
              + "/"
              + Plain.of(scp.group(3)));
    }
    return terminal.resolve(Path.of(given)).toString();
  }

  private static String nameOf(String url) {
    String path = url.replaceAll("/+$", "");
    String last = path.substring(path.lastIndexOf('/') + 1);
    return last.endsWith(".git") && last.length() > 4 ? last.substring(0, last.length() - 4) : last;
  }
}
