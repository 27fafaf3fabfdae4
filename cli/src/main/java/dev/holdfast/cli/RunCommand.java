package dev.holdfast.cli;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.cli.local.JobListener;
import dev.holdfast.cli.local.JobResult;
import dev.holdfast.cli.local.LocalBackend;
import dev.holdfast.cli.local.LocalPlan;
import dev.holdfast.cli.local.LocalRun;
import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.local.Snapshot;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.WorkTree;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.JobState;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast run}. */
@CommandLine.Command(
    name = "run",
    description = {
      "Runs workflows of this working tree here, in the sandboxes that an agent would make and by"
          + " the same runner, without a server.",
      "Jobs get a copy of the files that git sees: tracked ones, and untracked ones that are not"
          + " ignored. Without WORKFLOW, what a push of this branch would start; with it, that one,"
          + " as if started by hand."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast run",
      "  holdfast run release --input version=1.4.0",
      "  holdfast run --event push --branch main",
      "  holdfast run ci --job test             only this job, without those that it needs",
      "  holdfast run --jobs 1 --json 2>run.log one after the other; results as JSON lines"
    })
final class RunCommand extends Command {
  private static final Duration GIT = Duration.ofMinutes(2);

  /** For ending the sandboxes at Ctrl-C. */
  private static final Duration CLEANING = Duration.ofSeconds(10);

  @Parameters(
      paramLabel = "WORKFLOW",
      arity = "0..1",
      description = "The workflow to run, whatever its triggers are.")
  @Nullable String workflow;

  @Option(
      names = "--event",
      paramLabel = "EVENT",
      description = "Run what this event would start: push, tag or pull-request.")
  @Nullable String event;

  @Option(
      names = "--branch",
      paramLabel = "NAME",
      description = "The event's branch; else the one checked out.")
  @Nullable String branch;

  @Option(names = "--tag", paramLabel = "NAME", description = "The event's tag.")
  @Nullable String tag;

  @Option(
      names = "--input",
      paramLabel = "NAME=VALUE",
      description = "An input of WORKFLOW; repeat for more.")
  Map<String, String> inputs = new LinkedHashMap<>();

  @Option(names = "--job", paramLabel = "KEY", description = "Run only this job.")
  @Nullable String job;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "2",
      description = "At most N jobs at a time; ${DEFAULT-VALUE} where not given.")
  int jobs;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "What makes the sandboxes: auto (else), container or namespaces.")
  BackendChoice backend = BackendChoice.AUTO;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "In containers, for jobs that name none.")
  @Nullable String image;

  @Option(
      names = "--ignore-images",
      description = "In namespaces, run jobs that name an image with this host's own programs.")
  boolean ignoreImages;

  @Option(names = "--raw", description = "Print logs as the bytes that they are.")
  boolean raw;

  @Option(
      names = "--json",
      description = "Print one JSON line for each job; logs go to standard error.")
  boolean json;

  RunCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    if (jobs < 1 || jobs > 64) {
      throw new Refusal(ExitCode.USAGE, "--jobs is " + jobs + "; give 1 to 64");
    }
    WorkingTree tree = WorkingTree.of(terminal);
    var choice = new LocalBackend(backend, Optional.ofNullable(image), ignoreImages);
    try (var workshop = LocalWorkshop.open(terminal, choice)) {
      var git = new WorkTree(workshop.folder(), tree.root(), GIT);
      Snapshot snapshot = snapshot(tree, git, workshop);
      var definition = CurrentDefinition.of(terminal, tree, workshop);
      CommitId commit = git.head().orElse(snapshot.digest());
      RefName ref = branch != null ? ref(branch) : git.branch().orElse(new RefName("HEAD"));
      List<LocalPlan> plans =
          new RunSelection(workflow, event, tag, inputs, job)
              .plans(definition, ref, commit, terminal.clock().instant());
      var source =
          new Source(
              "local",
              String.valueOf(tree.root().getFileName()),
              tree.root().toString(),
              "refs/heads/" + ref,
              commit);
      return run(plans, source, workshop, snapshot);
    } catch (GitFailed e) {
      throw new Refusal(
          ExitCode.USAGE,
          Plain.of(String.valueOf(e.getMessage()))
              + "; git says which files a run gets: is this a git repository? git init makes one",
          e);
    }
  }

  private static RefName ref(String name) {
    try {
      return new RefName(name);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, "--branch: " + e.getMessage(), e);
    }
  }

  private Snapshot snapshot(WorkingTree tree, WorkTree git, LocalWorkshop workshop)
      throws GitFailed {
    try (var _ = Progress.of(terminal, "copying the working tree")) {
      return Snapshot.take(tree.root(), git.files(), workshop.folder().resolve("tree"));
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL, "the working tree cannot be copied: " + e.getMessage(), e);
    }
  }

  private ExitCode run(
      List<LocalPlan> plans, Source source, LocalWorkshop workshop, Snapshot snapshot)
      throws InterruptedException {
    var current = new AtomicReference<LocalRun>();
    Thread stop =
        CtrlC.stops(
            () -> {
              LocalRun run = current.get();
              if (run != null) {
                run.stop();
              }
            },
            CLEANING);
    var all = new ArrayList<JobResult>();
    int number = 0;
    for (LocalPlan plan : plans) {
      number++;
      terminal
          .err()
          .println(
              terminal.errStyle().bold(plan.workflow().name().value())
                  + " for "
                  + Plain.of(plan.event().happening().ref().value())
                  + " in "
                  + workshop.backend());
      var run =
          new LocalRun(
              "local-" + number, plan, source, workshop.workshop(snapshot), listener(plan));
      current.set(run);
      List<JobResult> results = run.run(jobs);
      show(plan, results);
      all.addAll(results);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // The process is ending already; the hook waits for us, and then says how.
      return ExitCode.INTERRUPTED;
    }
    boolean good =
        all.stream()
            .allMatch(r -> r.state() == JobState.SUCCEEDED || r.state() == JobState.SKIPPED);
    return good ? ExitCode.OK : ExitCode.FAILED;
  }

  private JobListener listener(LocalPlan plan) {
    // With --json, standard output is for results alone.
    Terminal shown =
        json
            ? new Terminal(
                terminal.env(),
                terminal.directory(),
                terminal.err(),
                terminal.err(),
                terminal.errIsTerminal(),
                terminal.errIsTerminal(),
                terminal.clock())
            : terminal;
    List<String> keys = plan.jobs().stream().map(PlannedJob::key).toList();
    var printer = new LogPrinter(shown, keys, raw);
    return new JobListener() {
      @Override
      public OutputStream log(PlannedJob begun) {
        return printer.job(begun.key());
      }

      @Override
      public void say(PlannedJob of, String line) {
        printer.say(of.key(), line);
      }
    };
  }

  private void show(LocalPlan plan, List<JobResult> results) {
    if (json) {
      results.forEach(r -> terminal.json(json(plan, r)));
      return;
    }
    Style style = terminal.errStyle();
    var table = new Table(style, "JOB", "STATE", "TOOK", "REASON");
    for (JobResult result : results) {
      table
          .cell(result.key())
          .state(word(result))
          .cell(result.took().isZero() ? "" : Times.length(result.took()))
          .cell(Plain.of(result.reason(), 300))
          .end();
    }
    terminal.out().flush();
    table.lines().forEach(terminal.err()::println);
  }

  private static Json json(LocalPlan plan, JobResult result) {
    var fields = new JsonFields();
    fields.text("workflow", plan.workflow().name().value());
    fields.text("job", result.key());
    fields.text("state", word(result));
    if (!result.reason().isEmpty()) {
      fields.text("reason", result.reason());
    }
    fields.number("took", result.took().toMillis());
    return fields.json();
  }

  private static String word(JobResult result) {
    return result.state().name().toLowerCase(Locale.ROOT);
  }
}
