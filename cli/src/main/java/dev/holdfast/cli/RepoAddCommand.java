package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
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
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
          + " One that is only a URL is asked for news by the server.",
      "",
      "With --github, --gitea or --gitlab it is found at that forge and tells of pushes, pull"
          + " requests and comments by a webhook, whose path and secret are printed, this once. The token is used to read the"
          + " repository and what people may do there, and is kept sealed."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast repo add /srv/git/app.git",
      "  holdfast repo add https://git.example.org/team/app.git --name team-app",
      "  holdfast repo add --github octo/app --forge-token-file token",
      "  holdfast repo add --github octo/app --app ours"
    })
final class RepoAddCommand extends ClientCommand {
  /** {@code user@host:path}, as git and ssh write it. */
  private static final Pattern SCP = Pattern.compile("([^/:@]+@)?([A-Za-z0-9.-]+):([^/].*)");

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH-OR-URL",
      description = "A bare repository's folder, or an https://, http:// or ssh:// URL.")
  @Nullable String where;

  @Option(
      names = "--github",
      paramLabel = "OWNER/NAME",
      description = "A repository at a GitHub, instead of PATH-OR-URL.")
  @Nullable String github;

  @Option(
      names = "--gitea",
      paramLabel = "OWNER/NAME",
      description = "A repository at a Gitea or Forgejo, instead of PATH-OR-URL.")
  @Nullable String gitea;

  @Option(
      names = "--gitlab",
      paramLabel = "GROUP/PROJECT",
      description = "A project at a GitLab, instead of PATH-OR-URL.")
  @Nullable String gitlab;

  @Option(
      names = "--api",
      paramLabel = "URL",
      description =
          "Where that forge's calls start: https://HOST/api/v1 for Gitea, https://HOST/api/v4 for"
              + " GitLab, https://HOST/api/v3 for GitHub Enterprise; else that of github.com or"
              + " gitlab.com.")
  @Nullable String api;

  @Option(
      names = "--forge-token-file",
      paramLabel = "FILE",
      description =
          "A file with the token to show to the forge; - for standard input. It needs to read"
              + " contents, metadata and pull requests, and to write commit statuses.")
  @Nullable Path forgeToken;

  @Option(
      names = "--app",
      paramLabel = "NAME",
      description = "The GitHub App that speaks for it, instead of a token; see `holdfast app`.")
  @Nullable String app;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What people call it; else the last part of PATH-OR-URL without .git.")
  @Nullable String name;

  @Option(
      names = "--organisation",
      paramLabel = "NAME",
      description =
          "Whose it is: a policy can be set for all repositories of an organisation; see `holdfast"
              + " policy`.")
  @Nullable String organisation;

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
    if (Stream.of(where, github, gitea, gitlab).filter(Objects::nonNull).count() != 1) {
      throw new Refusal(
          ExitCode.USAGE,
          "give one of PATH-OR-URL, --github OWNER/NAME, --gitea OWNER/NAME and --gitlab"
              + " GROUP/PROJECT");
    }
    if (app != null && (github == null || forgeToken != null)) {
      throw new Refusal(ExitCode.USAGE, "--app goes with --github, and without --forge-token-file");
    }
    if (github != null) {
      return atForge("github", api != null ? api : "https://api.github.com", github);
    }
    if (gitea != null) {
      if (api == null) {
        throw new Refusal(
            ExitCode.USAGE, "which Gitea? Give --api, as https://git.example.org/api/v1");
      }
      return atForge("gitea", api, gitea);
    }
    if (gitlab != null) {
      return atForge("gitlab", api != null ? api : "https://gitlab.com/api/v4", gitlab);
    }
    if (forgeToken != null || api != null) {
      throw new Refusal(
          ExitCode.USAGE, "--forge-token-file and --api go with --github, --gitea and --gitlab");
    }
    String url = location(Objects.requireNonNull(where));
    String chosen = chosen(url);
    var asked = new JsonFields().text("name", chosen).text("url", url);
    if (floor != null) {
      asked.text("floor", floor.word());
    }
    if (organisation != null) {
      asked.text("organisation", organisation);
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

  private ExitCode atForge(String kind, String from, String fullName) {
    String chosen = chosen(fullName);
    var asked =
        new JsonFields()
            .text("name", chosen)
            .text("kind", kind)
            .text("api", from)
            .text("repository", fullName);
    if (floor != null) {
      asked.text("floor", floor.word());
    }
    if (organisation != null) {
      asked.text("organisation", organisation);
    }
    if (app != null) {
      asked.text("app", app);
    }
    if (forgeToken != null) {
      asked.text(
          "token",
          DataDirectory.readSecret(
              forgeToken.toString().equals("-")
                  ? Path.of("/dev/stdin")
                  : terminal.resolve(forgeToken)));
    }
    Fields added = api().post("/api/v1/forge-repositories", asked);
    if (json) {
      terminal.json(added.json());
      return ExitCode.OK;
    }
    terminal.out().println("Added " + chosen + "  " + Plain.of(added.text("url")));
    if (app != null) {
      terminal.err().println("Its webhooks come by the app's; there is none to enter.");
      return ExitCode.OK;
    }
    RepoWebhookCommand.print(terminal, added);
    terminal
        .err()
        .println(
            kind.equals("gitlab")
                ? "Enter both at the project's webhooks"
                    + RepoWebhookCommand.before(added)
                    + ", the secret as signing token"
                    + (added.has("relay")
                        ? " (a relay passes no secret token on)"
                        : " (as secret token in a GitLab that has no such field)")
                    + ", for pushes, tags, comments and merge requests."
                : "Enter both at the forge as a webhook of type application/json"
                    + RepoWebhookCommand.before(added)
                    + ", for pushes, pull requests, issue comments, collaborators and visibility.");
    if (forgeToken == null) {
      terminal
          .err()
          .println(
              "Without a token the forge tells nobody's permission: what anybody sends in waits."
                  + " Give one by --forge-token-file.");
    }
    return ExitCode.OK;
  }

  private String chosen(String from) {
    String chosen = name != null ? name : nameOf(from);
    try {
      new Name(chosen);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, e.getMessage() + "; give one by --name", e);
    }
    return chosen;
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
