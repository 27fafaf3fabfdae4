package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Quote;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast logs}. */
@CommandLine.Command(
    name = "logs",
    description = {
      "Prints what the jobs of a run print. Where there are several, each line is led by its job.",
      "Escape sequences and control characters are taken out, but colours stay on a terminal;"
          + " --raw prints the bytes as they are."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast logs last",
      "  holdfast logs -f last --exit-code     follow, and end as the run ends",
      "  git push && holdfast logs -f --commit \"$$(git rev-parse HEAD)\"",
      "  holdfast logs app#7 --job test --raw > test.log"
    })
final class LogsCommand extends ClientCommand {
  /** A polled repository may take longer; then one asks again. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(50);

  @Parameters(paramLabel = "RUN", arity = "0..1", description = RunView.NAMING)
  @Nullable String run;

  @Option(
      names = "--commit",
      paramLabel = "HASH",
      description = "In place of RUN: the newest run at this commit; waits for it to appear.")
  @Nullable String commit;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the run is over, also over new attempts and a restarted server.")
  boolean follow;

  @Option(names = "--job", paramLabel = "KEY", description = "Only this job's log.")
  @Nullable String job;

  @Option(
      names = "--attempt",
      paramLabel = "N",
      description = "The job's N-th attempt; else its last. Wants --job.")
  @Nullable Integer attempt;

  @Option(names = "--raw", description = "The bytes as the job printed them. One job's only.")
  boolean raw;

  @Option(names = "--exit-code", description = "End with 1 if the run failed or was cancelled.")
  boolean exitCode;

  LogsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    if (attempt != null && job == null) {
      throw new Refusal(ExitCode.USAGE, "--attempt wants --job: say of which job");
    }
    if (json) {
      throw new Refusal(
          ExitCode.USAGE,
          "a log is not JSON; --raw prints its bytes, `holdfast show --json` its run");
    }
    Api api = api();
    RunView found = find(api);
    List<String> keys = keys(found);
    if (raw && keys.size() > 1) {
      throw new Refusal(
          ExitCode.USAGE,
          "--raw prints one job's log; choose one by --job: " + String.join(", ", keys));
    }
    found.reason().lines().forEach(line -> terminal.err().println(Plain.of(line)));
    var logs = new LogFollower(api, terminal, new LogPrinter(terminal, keys, raw));
    RunView end = follow ? logs.follow(found, keys) : logs.print(found, keys, attempt);
    if (follow) {
      terminal
          .err()
          .println(Plain.of(end.title()) + " " + terminal.errStyle().state(Plain.of(end.state())));
    }
    return exitCode && end.over() ? end.result() : ExitCode.OK;
  }

  private RunView find(Api api) throws InterruptedException {
    if (commit == null && run != null) {
      return RunView.find(api, run);
    }
    if (commit == null || run != null) {
      throw new Refusal(ExitCode.USAGE, "say which run: RUN or --commit HASH, one of them");
    }
    if (!commit.matches("[0-9a-f]{40}|[0-9a-f]{64}")) {
      throw new Refusal(
          ExitCode.USAGE,
          Quote.of(commit) + " is not a whole commit hash; git rev-parse prints it");
    }
    try (var _ = Progress.of(terminal, "waiting for a run at " + commit.substring(0, 7))) {
      return awaitCommit(api, commit);
    }
  }

  /** The server may not have heard of the push yet. */
  private RunView awaitCommit(Api api, String hash) throws InterruptedException {
    Instant end = terminal.clock().instant().plus(PATIENCE);
    var query = new LinkedHashMap<String, Optional<String>>();
    query.put("commit", Optional.of(hash));
    query.put("limit", Optional.of("1"));
    while (true) {
      List<RunView> found = RunView.page(api, query);
      if (!found.isEmpty()) {
        return RunView.load(api, found.getFirst().id());
      }
      if (terminal.clock().instant().isAfter(end)) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "no run at "
                + hash
                + " within "
                + PATIENCE.toSeconds()
                + " s; `holdfast events REPOSITORY` shows what the server saw and why nothing started");
      }
      Thread.sleep(PAUSE);
    }
  }

  private List<String> keys(RunView found) {
    List<String> all = found.jobs().stream().map(RunView.JobView::key).toList();
    if (job == null) {
      return all;
    }
    List<String> chosen =
        all.stream().filter(k -> k.equals(job) || k.startsWith(job + "[")).toList();
    if (chosen.isEmpty()) {
      throw new Refusal(
          ExitCode.NOT_FOUND,
          Plain.of(found.title())
              + " has no job "
              + Plain.of(job)
              + "; it has "
              + all.stream().map(Plain::of).collect(Collectors.joining(", ")));
    }
    return chosen;
  }
}
