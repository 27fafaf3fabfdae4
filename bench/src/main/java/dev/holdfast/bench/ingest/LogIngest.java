package dev.holdfast.bench.ingest;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.BareLog;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.AgentHost;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Megabytes per second from a step that prints as fast as it can, through runner, agent and
 * orchestrator, to the disk. From the start of the step until the orchestrator knows the end of the
 * attempt, before which all of the log is durable. What the API gives back is compared to what was
 * printed.
 */
public final class LogIngest implements Measurement {
  private static final double TARGET_MEGABYTES = 50;
  private static final int TEXT = 1_000_000;
  private static final int REPEATS = 500;
  private static final int ROUNDS = 3;
  private static final String REPOSITORY = "bench";

  @Override
  public String name() {
    return "log-ingest";
  }

  private record Rates(
      List<Double> ingest, List<Double> read, List<Double> pipe, List<Double> zstd) {}

  @Override
  public void measure(Setting setting) throws Exception {
    var text = BuildText.of(TEXT);
    int repeats = setting.times(REPEATS, 8);
    for (Backend backend : setting.backends()) {
      setting.part(name() + ", " + backend.label(), () -> measure(setting, backend, text, repeats));
    }
  }

  private static String script(int repeats) {
    return "i=0; while [ $i -lt " + repeats + " ]; do cat build.txt; i=$((i+1)); done";
  }

  private void measure(Setting setting, Backend backend, byte[] text, int repeats)
      throws Exception {
    int rounds = setting.times(ROUNDS, 1);
    long bytes = (long) text.length * repeats;
    setting.say(
        "logs, " + backend.label() + ": " + rounds + " x " + bytes / 1_000_000 + " MB from a step");
    Path folder = setting.scratch().folder("ingest");
    SourceRepository repository =
        SourceRepository.create(folder, "app")
            .write("build.txt", text)
            .write(".holdfast/bench.yaml", workflow(repeats));
    StoredLog expected = StoredLog.expected(text, repeats);
    var rates =
        new Rates(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (Server server = Server.start(setting.dist(), folder);
        AgentHost agent = AgentHost.start(server, "printer", backend, setting.image(), 1);
        Api api = server.connect()) {
      server.add(REPOSITORY, repository);
      for (int i = 0; i < rounds; i++) {
        once(api, repository, expected, rates);
        List<String> bare = List.of("/bin/sh", "-e", "-c", script(repeats));
        rates.pipe.add(BareLog.pipe(bare, repository.work(), folder.resolve("floor.log"), bytes));
        rates.zstd.add(BareLog.compress(text, bytes));
      }
      setting.remember("server, after logs (" + backend.label() + ")", server.process());
      setting.remember("agent, after logs (" + backend.label() + ")", agent.process());
    }
    double pipe = new Samples(rates.pipe).median();
    setting
        .report()
        .add(
            rate(backend.label(), rates.ingest)
                .over("plain pipe to a file", pipe)
                .within(TARGET_MEGABYTES));
    setting.report().add(rate(backend.label() + ": read back by the API", rates.read));
    setting.report().add(rate(backend.label() + ": floor: plain pipe to a file", rates.pipe));
    setting.report().add(rate(backend.label() + ": floor: zstd alone", rates.zstd));
  }

  private static byte[] workflow(int repeats) {
    return """
    name: bench
    on: push
    jobs:
      print:
        steps: [{name: print, run: '%s'}]
    """
        .formatted(script(repeats))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void once(Api api, SourceRepository repository, StoredLog expected, Rates rates)
      throws IOException, InterruptedException {
    String commit = repository.commit("Change nothing");
    Programs.must(repository.pushTo("origin"), repository.environment(), repository.work());
    Doc run = api.awaitSuccess(api.awaitRun(commit).text("id"));
    Doc attempt = run.list("jobs").getFirst().list("attempts").getFirst();
    Duration took =
        Duration.between(
            attempt.list("steps").getFirst().instant("started"), attempt.instant("finished"));
    long began = System.nanoTime();
    StoredLog stored = StoredLog.read(api, attempt.text("id"));
    rates.read.add(stored.length() / ((System.nanoTime() - began) / 1e9) / 1e6);
    if (!stored.equals(expected)) {
      throw new IOException("the log came back as " + stored + " instead of " + expected);
    }
    rates.ingest.add(stored.length() / (took.toNanos() / 1e9) / 1e6);
  }

  private Figure rate(String what, List<Double> values) {
    return Figure.of(name(), what, Unit.MEGABYTES_PER_SECOND, new Samples(values));
  }
}
