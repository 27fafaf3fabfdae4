package dev.holdfast.cli;

import dev.holdfast.agent.Agent;
import dev.holdfast.agent.AgentConfig;
import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.agent.AgentUnusable;
import dev.holdfast.agent.JobNetwork;
import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.GitCheckout;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.policy.BadPolicy;
import dev.holdfast.agent.policy.PolicyFile;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.cli.client.Connection;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.Distribution;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.TimeLimit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast agent}. */
@CommandLine.Command(
    name = "agent",
    description = {
      "Runs an agent: it dials out to a server, takes jobs, and makes a sandbox on this host for"
          + " each. It listens on nothing.",
      "It needs a token, made where the admin token is: holdfast agent token create NAME --out FILE"
    },
    footer = {
      "",
      "Examples:",
      "  holdfast agent token create build-1 --out agent-token      with the admin token",
      "  holdfast agent --server https://ci.example.org --token-file agent-token",
      "  holdfast agent --server https://ci.example.org --token-file agent-token \\",
      "      --backend namespaces --label linux --label fast --capacity 4",
      "  holdfast agent list"
    })
final class AgentCommand extends Command {
  /** A clone of a large repository takes its time. */
  private static final Duration GIT = Duration.ofMinutes(30);

  private static final long MIB = 1024 * 1024;

  @Option(names = "--server", paramLabel = "URL", description = "The server; else HOLDFAST_SERVER.")
  @Nullable String server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Holds the agent's token; else HOLDFAST_AGENT_TOKEN is the token.")
  @Nullable Path tokenFile;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What people call it; else this host's name.")
  @Nullable String name;

  @Option(
      names = "--label",
      paramLabel = "LABEL",
      description = "What jobs may ask for by runs-on; repeat for more.")
  List<String> labels = List.of();

  @Option(
      names = "--capacity",
      paramLabel = "N",
      description = "Jobs at a time; else the number of processors.")
  @Nullable Integer capacity;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "What makes the sandboxes: auto (else), container, namespaces, or microvm, which wants an"
              + " image (holdfast image); or process, which is no sandbox at all, and wants a"
              + " --policy that allows it.")
  BackendChoice backend = BackendChoice.AUTO;

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "In containers, one of the engine's runtimes, as runsc; else its own choice.")
  @Nullable String runtime;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "An agent.yaml: which repositories, images and users this agent accepts, and how. No"
              + " server can override it.")
  @Nullable Path policy;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "What network jobs have: none (else) or egress.")
  JobNetwork network = JobNetwork.NONE;

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
      names = "--without-limits",
      description =
          "In namespaces, take jobs even where this host cannot limit memory and processor time.")
  boolean withoutLimits;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      description = "The most memory for a job; else 4096.")
  @Nullable Long memory;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "The most processors for a job; else 2.")
  @Nullable Double cpus;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description =
          "How long jobs may go on when the agent is told to stop, as 90s or 10m; else not at all."
              + " What is ended is tried elsewhere.")
  @Nullable String grace;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data folder, the agent's part is DIR/agent; else HOLDFAST_DATA, else as for the server.")
  @Nullable Path data;

  @Option(names = "--json", description = "Print the ready line as JSON.")
  boolean json;

  @Option(names = "--until-eof", hidden = true, description = "Stop when standard input ends.")
  boolean untilEof;

  AgentCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException, IOException {
    Logging.forService(terminal);
    AgentConfig config = config();
    var checkout =
        new GitCheckout(
            config.data(),
            GIT,
            config.policy().keep().mirrors(),
            Optional.of(new GitCheckout.Server(config.server(), config.token())));
    try (Agent agent = Agent.open(config, checkout, terminal.clock());
        Service _ = Service.open(agent::stop)) {
      if (untilEof) {
        Service.exitAtEof();
      }
      agent.run(what -> ready(config, what));
      return ExitCode.OK;
    } catch (AgentUnusable e) {
      throw new Refusal(ExitCode.INTERNAL, Plain.of(String.valueOf(e.getMessage())), e);
    }
  }

  private void ready(AgentConfig config, String what) {
    if (json) {
      var fields = new JsonFields();
      fields.text("event", "ready");
      fields.text("name", config.name().value());
      fields.text("server", config.server().toString());
      fields.text("sandboxes", what);
      terminal.json(fields.json());
    } else {
      terminal
          .out()
          .println("ready  " + config.name() + " at " + config.server() + "  " + Plain.of(what));
    }
  }

  private AgentConfig config() {
    URI url =
        Optional.ofNullable(server)
            .or(() -> terminal.variable("HOLDFAST_SERVER"))
            .map(Connection::url)
            .orElseThrow(() ->
                new Refusal(
                    ExitCode.USAGE, "which server? Give --server URL or set HOLDFAST_SERVER"));
    if (Connection.inTheClear(url)) {
      terminal
          .err()
          .println(
              "holdfast: the agent's token travels unencrypted to "
                  + url
                  + "; put TLS before the server and use https");
    }
    Limits usual = Limits.standard();
    try {
      return new AgentConfig(
          url,
          token(),
          new Name(name != null ? name : hostName()),
          Version.number(),
          labels.stream().map(Name::new).toList(),
          capacity != null ? capacity : Runtime.getRuntime().availableProcessors(),
          backend,
          DataDirectory.of(terminal, data).path().resolve("agent"),
          runner(),
          Optional.empty(),
          Optional.ofNullable(runtime),
          Optional.ofNullable(image),
          network,
          ignoreImages,
          new Limits(
              memory != null ? memory * MIB : usual.memory(),
              cpus != null ? (int) (cpus * 1000) : usual.cpus(),
              usual.pids(),
              usual.scratch()),
          withoutLimits ? Limiting.WHERE_POSSIBLE : Limiting.ENFORCED,
          Bounds.standard().log(),
          grace == null ? Duration.ZERO : new TimeLimit(grace).duration(),
          policy());
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private AgentPolicy policy() {
    if (policy == null) {
      return AgentPolicy.standard();
    }
    try {
      return PolicyFile.read(terminal.resolve(policy));
    } catch (BadPolicy e) {
      throw new Refusal(ExitCode.USAGE, Plain.of(String.valueOf(e.getMessage())), e);
    }
  }

  private String token() {
    if (tokenFile != null) {
      return DataDirectory.readSecret(terminal.resolve(tokenFile));
    }
    return terminal
        .variable("HOLDFAST_AGENT_TOKEN")
        .orElseThrow(() ->
            new Refusal(
                ExitCode.USAGE,
                "no token: make one where the admin token is by `holdfast agent token create"
                    + " NAME --out FILE`, and give --token-file FILE"));
  }

  private Path runner() {
    return Distribution.home(terminal, "no runner to put into sandboxes").resolve("runner");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
    } catch (IOException e) {
      throw new Refusal(ExitCode.USAGE, "this host has no name; give the agent one by --name", e);
    }
  }
}
