package dev.holdfast.cli;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.agent.LastProbe;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.local.LocalBackend;
import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.probe.ForAgent;
import dev.holdfast.cli.probe.ProbeTables;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.probe.Attack;
import dev.holdfast.probe.Catalogue;
import dev.holdfast.probe.Installation;
import dev.holdfast.probe.Probe;
import dev.holdfast.probe.Report;
import dev.holdfast.probe.ReportHtml;
import dev.holdfast.probe.ReportJson;
import dev.holdfast.probe.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast probe}. */
@CommandLine.Command(
    name = "probe",
    description = {
      "Attacks this installation: runs a catalogue of hostile programs as real jobs in real"
          + " sandboxes, and prints a table of what held. Each attack has a control, which is the"
          + " same attack where the part of the wall that stops it is missing: it must get through,"
          + " else the attack shows nothing.",
      "Ends with 0 only if everything that was run held and every control works. No packet of it"
          + " leaves this host."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast probe",
      "  holdfast probe --html probe.html --json probe.json",
      "  holdfast probe --agent-data /var/lib/holdfast    the agents' page then shows it",
      "  holdfast probe --backend namespaces --only 'file.*' --only 'kernel.*'",
      "  holdfast probe --without own-files    must be red: shows that the suite can fail",
      "  holdfast probe --list"
    })
final class ProbeCommand extends Command {
  /** For the attack that runs at Ctrl-C, which is the last, and its sandboxes. */
  private static final Duration CLEANING = Duration.ofSeconds(60);

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = {
        "What to attack: container, namespaces or microvm; else all that can be used here.",
        "Machines are tried if `holdfast image build` made an image."
      })
  BackendChoice backend = BackendChoice.AUTO;

  @Option(
      names = "--only",
      paramLabel = "GLOB",
      description = "Only attacks whose id fits, as 'file.*'; repeat for more.")
  List<String> only = new ArrayList<>();

  @Option(
      names = "--without",
      paramLabel = "PART",
      description = {
        "Leave a part of the wall out, as own-files, and run what it stops, without controls:"
            + " the result must be red. Only the sandboxes of this call lack it."
      })
  List<String> without = new ArrayList<>();

  @Option(names = "--image", paramLabel = "IMAGE", description = "What containers are made from.")
  @Nullable String image;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where images of machines are, in DIR/agent; else as for the agent.")
  @Nullable Path data;

  @Mixin MachinePolicy policy = new MachinePolicy();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the report there as JSON.")
  @Nullable Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write the report there as one page of HTML.")
  @Nullable Path html;

  @Option(
      names = "--agent-data",
      paramLabel = "DIR",
      description =
          "Leave what came of it for the agent whose --data this is, which tells its server.")
  @Nullable Path agentData;

  @Option(names = "--list", description = "Print the catalogue, and run nothing.")
  boolean list;

  ProbeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    List<Attack> attacks = attacks();
    Set<Protection> missing = missing();
    var tables = new ProbeTables(terminal.style());
    if (list) {
      tables.catalogue(attacks).forEach(terminal.out()::println);
      return ExitCode.OK;
    }
    Optional<LastProbe> agent = agent(missing);
    Report report = probe(attacks, missing);
    tables.of(report).forEach(terminal.out()::println);
    terminal.out().println(verdict(report));
    write(report);
    agent.ifPresent(folder -> leave(folder, report));
    return report.held() ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<Attack> attacks() {
    if (only.isEmpty()) {
      return Catalogue.all();
    }
    var wanted = new LinkedHashSet<Attack>();
    for (String glob : only) {
      List<Attack> matching = Catalogue.matching(glob);
      if (matching.isEmpty()) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "no attack fits --only " + Quote.of(glob) + "; holdfast probe --list names them all");
      }
      wanted.addAll(matching);
    }
    return Catalogue.all().stream().filter(wanted::contains).toList();
  }

  private Set<Protection> missing() {
    var all = new TreeSet<Protection>();
    for (String name : without) {
      all.add(
          Stream.of(Protection.values())
              .filter(p -> ProbeTables.word(p).equals(name.toLowerCase(Locale.ROOT)))
              .findFirst()
              .orElseThrow(() ->
                  new Refusal(
                      ExitCode.USAGE,
                      "--without "
                          + Quote.of(name)
                          + " is no part of the wall; write one of "
                          + String.join(
                              ", ",
                              Stream.of(Protection.values()).map(ProbeTables::word).toList()))));
    }
    return all;
  }

  private Report probe(List<Attack> attacks, Set<Protection> missing) throws InterruptedException {
    Optional<Installation.Machines> machines = machines();
    // The folder of this call is all that is wanted of it; the probe makes its own sandboxes.
    var choice =
        new LocalBackend(
            backend == BackendChoice.MICROVM ? BackendChoice.NAMESPACES : backend,
            Optional.ofNullable(image),
            true);
    var results = new ArrayList<Result>();
    try (var workshop = LocalWorkshop.open(terminal, choice)) {
      var installation =
          new Installation(
              workshop.folder(),
              workshop.distribution(),
              Optional.empty(),
              Optional.ofNullable(image),
              machines,
              hasTerminal());
      var probe = new Probe(installation);
      Thread hook = CtrlC.stops(probe::stop, CLEANING);
      for (Backend one : backends(machines.isPresent())) {
        results.addAll(results(probe, new Probe.Order(attacks, one, missing)));
      }
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        throw new Refusal(ExitCode.INTERRUPTED, "stopped by Ctrl-C; this is not a report", e);
      }
    }
    return new Report(results, missing);
  }

  private List<Backend> backends(boolean machines) {
    return switch (backend) {
      case AUTO ->
          machines
              ? List.of(Backend.NAMESPACES, Backend.CONTAINER, Backend.MICROVM)
              : List.of(Backend.NAMESPACES, Backend.CONTAINER);
      case CONTAINER -> List.of(Backend.CONTAINER);
      case NAMESPACES -> List.of(Backend.NAMESPACES);
      case MICROVM -> List.of(Backend.MICROVM);
      case PROCESS ->
          throw new Refusal(
              ExitCode.USAGE,
              "the backend process has no wall to probe; choose container, namespaces or microvm");
    };
  }

  /** Where machines can be made at all; whether they run is for the probe to find out. */
  private Optional<Installation.Machines> machines() {
    Path images = DataDirectory.of(terminal, data).path().resolve("agent").resolve("microvm");
    if (!Files.isDirectory(images)) {
      if (backend == BackendChoice.MICROVM) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "there are no images of machines in "
                + Plain.of(images.toString())
                + "; make one by holdfast image build, or name the agent's folder by --data");
      }
      return Optional.empty();
    }
    return Optional.of(new Installation.Machines(images, policy.settings(terminal)));
  }

  private List<Result> results(Probe probe, Probe.Order order) throws InterruptedException {
    try {
      return probe.run(order, r -> terminal.err().println(Plain.of(ProbeTables.progress(r))));
    } catch (Probe.NotUsable e) {
      String why = Plain.of(String.valueOf(e.getMessage()));
      if (backend != BackendChoice.AUTO) {
        throw new Refusal(ExitCode.INTERNAL, why, e);
      }
      terminal.err().println(terminal.errStyle().weak(why + "; it is not attacked"));
      return List.of();
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "the probe broke: " + Plain.of(String.valueOf(e.getMessage())) + "; see: holdfast doctor",
          e);
    }
  }

  private static boolean hasTerminal() {
    try (var tty = Files.newInputStream(Path.of("/dev/tty"))) {
      return tty != null;
    } catch (IOException e) {
      return false;
    }
  }

  private String verdict(Report report) {
    var style = terminal.style();
    if (report.without().isEmpty()) {
      return report.held()
          ? style.good("Everything that was run held: ") + report.summary() + "."
          : style.bad("Not everything held: ") + report.summary() + ".";
    }
    int red = report.mustBeRed().size();
    return report.canFail()
        ? "Red, as it must be: " + red + " attacks that nothing else stops got through."
        : style.bad("Not red where it must be: ")
            + "of "
            + red
            + " attacks that nothing else stops, some did not get through.";
  }

  /** For whom to leave what comes of it, which is looked at before anything is attacked. */
  private Optional<LastProbe> agent(Set<Protection> missing) {
    if (agentData == null) {
      return Optional.empty();
    }
    if (!missing.isEmpty()) {
      throw new Refusal(
          ExitCode.USAGE,
          "what --without finds says nothing of the agent; leave out --agent-data or --without");
    }
    Path folder = terminal.resolve(agentData).resolve("agent");
    if (!Files.isDirectory(folder)) {
      throw new Refusal(
          ExitCode.NOT_FOUND,
          "there is no folder of an agent at "
              + folder
              + "; give --agent-data what the agent has as --data, once it was started");
    }
    return Optional.of(new LastProbe(folder));
  }

  private void leave(LastProbe agent, Report report) {
    if (report.results().isEmpty()) {
      terminal.err().println("Nothing was attacked, so that nothing is left for the agent");
      return;
    }
    try {
      Path left =
          agent.leave(
              ForAgent.of(report, terminal.clock().instant(), Version.number(), only.isEmpty()));
      terminal.err().println("Wrote " + left);
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "what came of it cannot be left for the agent: "
              + e.getMessage()
              + "; run the probe as the agent's user, or as root",
          e);
    }
  }

  private void write(Report report) {
    write(json, () -> JsonText.compact(ReportJson.of(report)) + "\n");
    write(
        html,
        () ->
            ReportHtml.of(
                report,
                Version.line(),
                terminal.variable("HOSTNAME").orElse("this host"),
                terminal.clock().instant()));
  }

  private void write(@Nullable Path file, java.util.function.Supplier<String> text) {
    if (file == null) {
      return;
    }
    Path to = terminal.resolve(file);
    try {
      Files.writeString(to, text.get());
      terminal.err().println("Wrote " + to);
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "the report cannot be written to " + to + ": " + e.getMessage() + "; name another file",
          e);
    }
  }
}
