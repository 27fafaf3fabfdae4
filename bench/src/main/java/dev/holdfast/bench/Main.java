package dev.holdfast.bench;

import dev.holdfast.bench.figure.Report;
import dev.holdfast.bench.floor.BareContainer;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Machine;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.host.Scratch;
import dev.holdfast.bench.ingest.LogIngest;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.push.PushToOutput;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.bench.start.Footprint;
import dev.holdfast.bench.start.RunnerStart;
import dev.holdfast.bench.throughput.Throughput;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** Measures the installed distribution. {@code docs/benchmarks.md} says how to read it. */
public final class Main {
  private static final String IMAGE = "holdfast/demo-debian:1";

  /** Footprint comes last: it also shows what the others' loads left behind. */
  private static final List<Measurement> ALL =
      List.of(
          new PushToOutput(),
          new Throughput(),
          new LogIngest(),
          new RunnerStart(),
          new Footprint());

  private Main() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Options options;
    Dist dist;
    try {
      options = Options.of(args, ALL.stream().map(Measurement::name).toList());
      dist = new Dist(Path.of(Optional.ofNullable(System.getenv("HOLDFAST_DIST")).orElse("dist")));
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    Scratch scratch = Scratch.in(Path.of(System.getProperty("java.io.tmpdir")));
    var cleaning = new Thread(() -> clean(scratch), "clean");
    Runtime.getRuntime().addShutdownHook(cleaning);
    Report report = new Report(Instant.now(), options.quick(), Machine.facts(dist, scratch.path()));
    run(options, dist, scratch, report);
    report.fact("load after", Machine.load());
    System.out.print(report.text());
    System.out.println();
    System.out.print(report.lines());
    if (options.json().isPresent()) {
      Files.writeString(options.json().get(), JsonText.compact(report.json()) + "\n");
    }
    System.exit(report.complete() ? 0 : 1);
  }

  private static void run(Options options, Dist dist, Scratch scratch, Report report)
      throws InterruptedException {
    String engine =
        Optional.ofNullable(System.getenv("HOLDFAST_TEST_ENGINE"))
            .or(() -> Optional.ofNullable(System.getenv("DOCKER_HOST")))
            .orElse("unix:///var/run/docker.sock");
    var backends = new ArrayList<>(List.of(Backend.NAMESPACES));
    String hindrance = new BareContainer(engine, IMAGE).hindrance();
    if (hindrance.isEmpty()) {
      backends.add(Backend.CONTAINER);
    } else {
      report.skipped("container figures", hindrance);
    }
    report.fact("backends", String.join(", ", backends.stream().map(Backend::label).toList()));
    var memories = new LinkedHashMap<String, Memory>();
    var setting =
        new Setting(options.quick(), dist, scratch, backends, IMAGE, engine, report, memories);
    for (Measurement measurement : ALL) {
      if (options.takes(measurement.name())) {
        try {
          measurement.measure(setting);
        } catch (InterruptedException e) {
          throw e;
        } catch (Exception e) {
          report.failed(measurement.name(), String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private static void clean(Scratch scratch) {
    Child.killAll();
    try {
      scratch.remove();
    } catch (IOException e) {
      System.err.println("bench: cannot remove " + scratch.path() + ": " + e.getMessage());
    }
  }
}
