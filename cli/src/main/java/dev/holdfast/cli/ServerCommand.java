package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.TimeLimit;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast server}. */
@CommandLine.Command(
    name = "server",
    description = {
      "Runs the server: it takes events in, decides, remembers, and gives jobs to agents. It never"
          + " runs workflow code. Ends gracefully on SIGTERM and Ctrl-C.",
      "At the first start it prints the admin token, once, and keeps it in DIR/admin-token for"
          + " commands on this host."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast server",
      "  holdfast server --data /var/lib/holdfast --listen 127.0.0.1:7878",
      "  holdfast server --relay https://relay.example.org#hfre_…     where no forge can call",
      "  holdfast agent token create build-1 --out agent-token     then start an agent with it"
    })
final class ServerCommand extends Command {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data folder; else HOLDFAST_DATA, else $${XDG_STATE_HOME:-~/.local/state}/holdfast.")
  @Nullable Path data;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7878",
      description = "Where to listen; ${DEFAULT-VALUE} where not given. Port 0 is any free one.")
  String listen = "";

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      defaultValue = "30s",
      description =
          "How long an agent may be silent before its jobs are tried elsewhere; ${DEFAULT-VALUE}"
              + " where not given.")
  String lease = "";

  @Option(
      names = "--sign-in",
      paramLabel = "FILE",
      description =
          "JSON file about the forges and the providers of OpenID Connect at which people sign in;"
              + " see docs/access.md.")
  @Nullable Path signIn;

  @Option(
      names = "--relay",
      paramLabel = "INVITATION",
      description =
          "The line that a relay's operator handed you: webhooks then come by that relay, which this"
              + " server dials. It is kept; a later start needs no --relay. off: do not dial.")
  @Nullable String relay;

  @Option(
      names = "--keys",
      paramLabel = "FILE",
      description =
          "JSON file about master keys and vaults; else the master keys are files in the data"
              + " folder. See docs/secrets.md.")
  @Nullable Path keys;

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "Where others find this server, as https://ci.example.org: what forges link to beside a"
              + " commit. Without it they are given no links.")
  @Nullable URI publicUrl;

  @Option(names = "--json", description = "Print the ready line as JSON.")
  boolean json;

  static Duration leaseTime(String text) {
    try {
      return new TimeLimit(text).duration();
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, "--lease: " + e.getMessage(), e);
    }
  }

  ServerCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Logging.forService(terminal);
    DataDirectory directory = DataDirectory.of(terminal, data);
    try (var server =
            RunningServer.start(
                terminal,
                directory,
                Listen.of(listen),
                leaseTime(lease),
                Optional.ofNullable(signIn).map(terminal::resolve),
                Optional.ofNullable(relay),
                Optional.ofNullable(keys).map(terminal::resolve),
                Optional.ofNullable(publicUrl));
        var service = Service.open(() -> {})) {
      if (json) {
        var fields = new JsonFields();
        fields.text("event", "ready");
        fields.text("url", server.url().toString());
        fields.text("data", directory.path().toString());
        terminal.json(fields.json());
      } else {
        terminal.out().println("ready  " + server.url() + "  data " + directory.path());
      }
      service.awaitSignal();
      return ExitCode.OK;
    }
  }
}
