package dev.holdfast.cli;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Connection;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast dev}. */
@CommandLine.Command(
    name = "dev",
    description = {
      "Runs a server and an agent on this machine, until Ctrl-C or SIGTERM. The agent is a process of"
          + " its own; it is started again if it ends, and ends with this one.",
      "Prints one line when both are ready. Commands on this host find the server by its data folder."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast dev",
      "  holdfast dev --data /tmp/try --backend namespaces --capacity 4",
      "  HOLDFAST_DATA=/tmp/try holdfast runs        from another terminal"
    })
final class DevCommand extends Command {
  private static final String AGENT = "dev";

  /** A cold engine and a cold disk take seconds, not minutes. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration PAUSE = Duration.ofMillis(20);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data folder; else HOLDFAST_DATA, else $${XDG_STATE_HOME:-~/.local/state}/holdfast.")
  @Nullable Path data;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "What makes the sandboxes: auto (else), container or namespaces.")
  BackendChoice backend = BackendChoice.AUTO;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Where on loopback the server listens; 0, any free one, where not given.")
  int port;

  @Option(
      names = "--capacity",
      paramLabel = "N",
      description = "Jobs at a time; else the number of processors.")
  @Nullable Integer capacity;

  @Option(
      names = "--label",
      paramLabel = "LABEL",
      description = "A label of the agent; repeat for more.")
  List<String> labels = List.of();

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "In containers, for jobs that name none.")
  @Nullable String image;

  @Option(
      names = "--ignore-images",
      description = "In namespaces, run jobs that name an image with this host's own programs.")
  boolean ignoreImages;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      defaultValue = "30s",
      description =
          "How long an agent may be silent before its jobs are tried elsewhere; ${DEFAULT-VALUE}"
              + " where not given.")
  String lease = "";

  @Option(names = "--json", description = "Print the ready line as JSON.")
  boolean json;

  DevCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Logging.forService(terminal);
    if (port < 0 || port > 65535) {
      throw new Refusal(ExitCode.USAGE, "--port is " + port + "; give 0 to 65535");
    }
    DataDirectory directory = DataDirectory.of(terminal, data);
    try (var server =
        RunningServer.start(
            terminal, directory, new Listen("127.0.0.1", port), ServerCommand.leaseTime(lease))) {
      var api =
          new Api(
              new Connection(server.url(), DataDirectory.readSecret(directory.adminToken())),
              terminal);
      Path token = freshToken(api, directory);
      try (var agent = new AgentChild(terminal, arguments(server, directory, token));
          var service = Service.open(agent::stop)) {
        agent.start();
        ready(server, directory, awaitAgent(api, agent));
        agent.supervise();
        service.awaitSignal();
        return ExitCode.OK;
      }
    }
  }

  private List<String> arguments(RunningServer server, DataDirectory directory, Path token) {
    var all = new ArrayList<String>();
    all.addAll(List.of("agent", "--until-eof", "--server", server.url().toString()));
    // A laptop's own user may make no cgroups, and what runs is their own.
    all.add("--without-limits");
    all.addAll(List.of("--token-file", token.toString(), "--name", AGENT));
    all.addAll(List.of("--data", directory.path().toString()));
    all.addAll(List.of("--backend", backend.name().toLowerCase(Locale.ROOT)));
    if (capacity != null) {
      all.addAll(List.of("--capacity", capacity.toString()));
    }
    labels.forEach(label -> all.addAll(List.of("--label", label)));
    if (image != null) {
      all.addAll(List.of("--image", image));
    }
    if (ignoreImages) {
      all.add("--ignore-images");
    }
    return all;
  }

  /** A token for this start alone; those of earlier starts are worth nothing any more. */
  private static Path freshToken(Api api, DataDirectory directory) {
    for (Fields token : api.get("/api/v1/agent-tokens").list("tokens")) {
      if (token.text("name").equals(AGENT)) {
        api.delete("/api/v1/agent-tokens/" + Api.escape(token.text("id")));
      }
    }
    Fields made = api.post("/api/v1/agent-tokens", new JsonFields().text("name", AGENT));
    Path file = directory.serverPart().resolve("dev-agent-token");
    DataDirectory.writeSecret(file, made.text("token"));
    return file;
  }

  /** The agent, as the server has it, once it has registered. */
  private Fields awaitAgent(Api api, AgentChild agent) throws InterruptedException {
    Optional<String> before = registered(api).map(a -> a.text("registered"));
    try (var _ = Progress.of(terminal, "waiting for the agent")) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < end) {
        Optional<Fields> now = registered(api);
        if (now.isPresent() && !now.map(a -> a.text("registered")).equals(before)) {
          return now.get();
        }
        if (!agent.alive()) {
          throw new Refusal(
              ExitCode.INTERNAL, "the agent ended instead of getting ready; its reason is above");
        }
        Thread.sleep(PAUSE);
      }
    }
    throw new Refusal(
        ExitCode.INTERNAL, "the agent did not get ready within " + PATIENCE.toSeconds() + " s");
  }

  private static Optional<Fields> registered(Api api) {
    return api.get("/api/v1/agents").list("agents").stream()
        .filter(a -> a.text("name").equals(AGENT))
        .findFirst();
  }

  private void ready(RunningServer server, DataDirectory directory, Fields agent) {
    String made = agent.text("backend");
    if (json) {
      var fields = new JsonFields();
      fields.text("event", "ready");
      fields.text("url", server.url().toString());
      fields.text("data", directory.path().toString());
      fields.text("backend", made);
      terminal.json(fields.json());
    } else {
      terminal
          .out()
          .println(
              "ready  "
                  + server.url()
                  + "  data "
                  + directory.path()
                  + "  backend "
                  + Plain.of(made));
    }
  }
}
