package dev.holdfast.cli.doctor;

import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.cli.terminal.Times;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The distribution that this program was started from. */
final class Installed {
  private Installed() {}

  static Finding distribution(Optional<Path> home) {
    if (home.isEmpty()) {
      return Finding.missing(
          "distribution",
          "not started from a distribution, so there is no runner to put into sandboxes",
          "build it with script/build and start dist/bin/holdfast");
    }
    List<String> lacks =
        List.of("runner/java/bin/java", "runner/runner.jar", "lib").stream()
            .filter(part -> !Files.exists(home.get().resolve(part)))
            .toList();
    if (!lacks.isEmpty()) {
      return Finding.missing(
          "distribution",
          home.get() + " lacks " + String.join(", ", lacks),
          "build it again: script/build --clean");
    }
    return Finding.ok("distribution", home.get().toString());
  }

  /** Starts the runner's Java as jobs do, and has it refuse to start without its cache. */
  static Finding startupCache(Path runner) throws InterruptedException {
    String subject = "start-up cache";
    String mend = "build it again: script/build --clean; until then each job starts later";
    if (!Files.exists(runner.resolve("runner.aot"))) {
      return Finding.weak(subject, runner.resolve("runner.aot") + " is not there", mend);
    }
    var command = new ArrayList<String>();
    command.addAll(
        List.of("bwrap", "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"));
    command.addAll(List.of("--tmpfs", "/tmp", "--cap-drop", "ALL", "--clearenv"));
    command.addAll(List.of("--ro-bind", runner.toString(), "/opt/holdfast"));
    List<String> start = RunnerDistribution.command();
    command.add(start.getFirst());
    command.add("-XX:AOTMode=on");
    command.addAll(start.subList(1, start.indexOf("-cp") + 2));
    command.add("-version");
    return Tried.run(command)
        .map(t ->
            t.worked()
                ? Finding.ok(subject, "used; the runner's Java starts in " + Times.length(t.took()))
                : Finding.weak(subject, "not usable: " + t.said(), mend))
        .orElseGet(() -> Finding.weak(subject, "cannot be tried without bwrap", mend));
  }
}
