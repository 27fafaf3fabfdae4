package dev.holdfast.cli;

import dev.holdfast.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * All commands, by what people use them for. A call builds only the command that it names: reading
 * the annotations of all of them would double the start of a short command.
 */
final class CommandTree {
  /** A command's name, and a line about it. */
  private record Entry(String name, String about) {}

  private record Group(String heading, List<Entry> entries) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group(
              "Write workflows",
              List.of(
                  new Entry("init", "write a first workflow that works"),
                  new Entry("compile", "write the lock file of the Java workflows"),
                  new Entry("preview", "show what an event would start, and why"),
                  new Entry("run", "run workflows of this working tree here, without a server"),
                  new Entry("schema", "print the JSON schema of workflow files"))),
          new Group(
              "Follow runs",
              List.of(
                  new Entry("runs", "list runs, newest first"),
                  new Entry("show", "show one run: its jobs, attempts and steps"),
                  new Entry("logs", "print or follow what a run's jobs print"),
                  new Entry("artifact", "list and fetch what a run's jobs uploaded"),
                  new Entry("start", "start a workflow by hand, with inputs"),
                  new Entry("cancel", "stop a run"),
                  new Entry("rerun", "run a run again"),
                  new Entry("hold", "what waits for a person: look, approve, reject"),
                  new Entry("events", "list what happened, and what it started or did not"))),
          new Group(
              "Operate",
              List.of(
                  new Entry("dev", "server and agent on this machine, until Ctrl-C"),
                  new Entry("server", "the server: decides and remembers"),
                  new Entry("agent", "an agent: makes sandboxes on this host; its tokens"),
                  new Entry("image", "make and check the images of machines, on an agent's host"),
                  new Entry("microvm", "prepare an agent's host for machines"),
                  new Entry("repo", "add, list and remove repositories"),
                  new Entry("cache", "list and remove what jobs keep for later runs"),
                  new Entry("app", "what this installation is as a GitHub App"),
                  new Entry("secret", "what jobs are given and nobody else; who was given it"),
                  new Entry("identity", "the keys that sign tokens of jobs"),
                  new Entry("policy", "what is asked of code from people who are not trusted"),
                  new Entry("environment", "what jobs deploy to, and who may, from where and when"),
                  new Entry("user", "who uses this installation, and what they may do"),
                  new Entry("team", "users to whom something is granted together"),
                  new Entry("token", "make, list and revoke users' tokens"),
                  new Entry("whoami", "whose token this is, and what it is good for"),
                  new Entry("audit", "what was done here, by whom and why; whether it was changed"),
                  new Entry("probe", "attack this installation, and see what held"),
                  new Entry("egress", "what jobs may reach over the network, and what they did"),
                  new Entry("relay", "takes webhooks for servers that no forge can reach"),
                  new Entry("doctor", "what this host can do, and how to mend what it cannot"),
                  new Entry("version", "print the version"),
                  new Entry("completion", "print shell completion"))));

  private CommandTree() {}

  /** The names of all commands, in the order of the help. */
  static List<String> names() {
    return GROUPS.stream().flatMap(g -> g.entries().stream()).map(Entry::name).toList();
  }

  private static CommandLine make(String name, Terminal terminal) {
    return switch (name) {
      case "init" -> new CommandLine(new InitCommand(terminal));
      case "compile" -> new CommandLine(new CompileCommand(terminal));
      case "preview" -> new CommandLine(new PreviewCommand(terminal));
      case "run" -> new CommandLine(new RunCommand(terminal));
      case "schema" -> new CommandLine(new SchemaCommand(terminal));
      case "runs" -> new CommandLine(new RunsCommand(terminal));
      case "show" -> new CommandLine(new ShowCommand(terminal));
      case "logs" -> new CommandLine(new LogsCommand(terminal));
      case "artifact" -> ArtifactCommand.with(terminal);
      case "cache" -> CacheCommand.with(terminal);
      case "start" -> new CommandLine(new StartCommand(terminal));
      case "cancel" -> new CommandLine(new CancelCommand(terminal));
      case "rerun" -> new CommandLine(new RerunCommand(terminal));
      case "hold" ->
          new CommandLine(new HoldCommand(terminal))
              .addSubcommand(new HoldListCommand(terminal))
              .addSubcommand(new HoldShowCommand(terminal))
              .addSubcommand(new HoldApproveCommand(terminal))
              .addSubcommand(new HoldRejectCommand(terminal))
              .addSubcommand(new HoldAgainCommand(terminal));
      case "policy" ->
          new CommandLine(new PolicyCommand(terminal))
              .addSubcommand(new PolicyShowCommand(terminal))
              .addSubcommand(new PolicySetCommand(terminal))
              .addSubcommand(new PolicyTestCommand(terminal))
              .addSubcommand(new PolicyClearCommand(terminal));
      case "environment" -> EnvironmentCommand.with(terminal);
      case "events" -> new CommandLine(new EventsCommand(terminal));
      case "dev" -> new CommandLine(new DevCommand(terminal));
      case "server" -> new CommandLine(new ServerCommand(terminal));
      case "agent" ->
          new CommandLine(new AgentCommand(terminal))
              .addSubcommand(new AgentListCommand(terminal))
              .addSubcommand(
                  new CommandLine(new AgentTokenCommand(terminal))
                      .addSubcommand(new AgentTokenCreateCommand(terminal))
                      .addSubcommand(new AgentTokenListCommand(terminal))
                      .addSubcommand(new AgentTokenRevokeCommand(terminal)));
      case "repo" ->
          new CommandLine(new RepoCommand(terminal))
              .addSubcommand(new RepoAddCommand(terminal))
              .addSubcommand(new RepoListCommand(terminal))
              .addSubcommand(new RepoWebhookCommand(terminal))
              .addSubcommand(new RepoRemoveCommand(terminal));
      case "image" -> ImageCommand.with(terminal);
      case "microvm" -> MicrovmCommand.with(terminal);
      case "secret" -> SecretCommand.with(terminal);
      case "user" -> UserCommand.with(terminal);
      case "audit" -> AuditCommand.with(terminal);
      case "app" -> AppCommand.with(terminal);
      case "identity" -> IdentityCommand.with(terminal);
      case "team" -> TeamCommand.with(terminal);
      case "token" -> TokenCommand.with(terminal);
      case "whoami" -> new CommandLine(new WhoamiCommand(terminal));
      case "probe" -> new CommandLine(new ProbeCommand(terminal));
      case "egress" ->
          new CommandLine(new EgressCommand(terminal))
              .addSubcommand(new EgressExplainCommand(terminal))
              .addSubcommand(new EgressContactsCommand(terminal))
              .addSubcommand(new EgressLearnCommand(terminal));
      case "relay" -> RelayCommand.with(terminal);
      case "doctor" -> new CommandLine(new DoctorCommand(terminal));
      case "version" -> new CommandLine(new VersionCommand(terminal));
      case "completion" -> new CommandLine(new CompletionCommand(terminal));
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** What is needed to understand {@code args}. */
  static CommandLine forCall(Terminal terminal, List<String> args) {
    if (args.isEmpty() || !names().contains(args.getFirst())) {
      return full(terminal);
    }
    CommandLine root = new CommandLine(new Holdfast(terminal));
    root.addSubcommand(make(args.getFirst(), terminal));
    return configured(root, terminal);
  }

  /** With every command: for help, completion and typing errors. */
  static CommandLine full(Terminal terminal) {
    CommandLine root = new CommandLine(new Holdfast(terminal));
    names().forEach(name -> root.addSubcommand(make(name, terminal)));
    return configured(root, terminal);
  }

  private static CommandLine configured(CommandLine root, Terminal terminal) {
    root.getCommandSpec().version(Version.line());
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(terminal.style().on() ? Ansi.ON : Ansi.OFF));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    // A file may be called `token`, a branch `run`.
    root.setAllowSubcommandsAsOptionParameters(true);
    root.setUsageHelpWidth(100);
    root.setUsageHelpLongOptionsMaxWidth(30);
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> groups());
    return root;
  }

  private static String groups() {
    var lines = new ArrayList<String>();
    for (Group group : GROUPS) {
      lines.add("");
      lines.add(group.heading() + ":");
      for (Entry entry : group.entries()) {
        lines.add(String.format("  %-12s%s", entry.name(), entry.about()));
      }
    }
    lines.add("");
    return String.join("\n", lines);
  }
}
