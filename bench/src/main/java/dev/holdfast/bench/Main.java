package dev.holdfast.bench;

import dev.holdfast.bench.figure.Report;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Machine;
import dev.holdfast.bench.host.Scratch;
import dev.holdfast.bench.ingest.LogIngest;
import dev.holdfast.bench.ingest.Masking;
import dev.holdfast.bench.page.PageCost;
import dev.holdfast.bench.push.PushToOutput;
import dev.holdfast.bench.relay.RelayLoad;
import dev.holdfast.bench.secret.Resolves;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.bench.start.Footprint;
import dev.holdfast.bench.start.RunnerStart;
import dev.holdfast.bench.throughput.Throughput;
import dev.holdfast.bench.trust.DecisionTime;
import dev.holdfast.bench.trust.Webhooks;
import dev.holdfast.bench.wall.EgressCost;
import dev.holdfast.bench.wall.Hardening;
import dev.holdfast.bench.wall.MachineStarts;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** The benchmarks: measures the installed distribution and the floors beside it. */
public final class Main {
  private static final int NOT_GOOD = 1;
  private static final int USAGE = 2;

  private Main() {}

  /** In the order in which they are made: the last one shows what the others left in memory. */
  private static List<Measurement> measurements() {
    return List.of(
        new RunnerStart(),
        new Hardening(),
        new EgressCost(),
        new MachineStarts(),
        new DecisionTime(),
        new Masking(),
        new Webhooks(),
        new Resolves(),
        new RelayLoad(),
        new PushToOutput(),
        new Throughput(),
        new LogIngest(),
        new PageCost(),
        new Footprint());
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String... args) {
    List<String> names = measurements().stream().map(Measurement::name).toList();
    try {
      Options options = Options.parse(names, args);
      if (options.help()) {
        System.out.printf(Options.HELP, String.join(", ", names));
        return 0;
      }
      return measure(options) ? 0 : NOT_GOOD;
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      return USAGE;
    } catch (IOException e) {
      System.err.println("bench: " + e);
      return NOT_GOOD;
    }
  }

  private static boolean measure(Options options) throws IOException {
    var dist = new Dist(Path.of(variable("HOLDFAST_DIST", "dist")));
    Scratch scratch = Scratch.in(Path.of(variable("HOLDFAST_BENCH_DIR", "/var/tmp")));
    var cleaning = new Cleaning(scratch);
    Runtime.getRuntime().addShutdownHook(new Thread(cleaning::run, "cleaning"));
    var machine = Machine.facts(dist, scratch.path());
    var report = new Report(Instant.now(), options.quick(), machine);
    String engine = variable("DOCKER_HOST", "unix:///var/run/docker.sock");
    String image = variable("HOLDFAST_BENCH_IMAGE", "holdfast/demo-debian:1");
    var setting =
        new Setting(
            options.quick(),
            dist,
            scratch,
            Backends.of(dist, scratch, engine, image, report),
            image,
            engine,
            report,
            new LinkedHashMap<>());
    for (Measurement measurement : measurements()) {
      if (options.wants(measurement.name()) && !cleaning.begun()) {
        Bounded.measure(measurement, setting);
      }
    }
    if (cleaning.begun()) {
      return false;
    }
    report.fact("load after", Machine.load());
    System.out.print(report.text());
    System.out.print("\n" + report.targets());
    if (options.json().isPresent()) {
      Files.writeString(options.json().get(), JsonText.pretty(report.json()));
    }
    return report.good();
  }

  /** Ends what was started and removes what was written, however this program ends. */
  private static final class Cleaning {
    private static final int REMOVALS = 20;
    private static final long PAUSE_NANOS = 50_000_000;

    private final Scratch scratch;
    private volatile boolean begun;

    Cleaning(Scratch scratch) {
      this.scratch = scratch;
    }

    /** Whether this program was told to stop: what is measured from then on is nothing. */
    boolean begun() {
      return begun;
    }

    void run() {
      begun = true;
      Child.endAll();
      // A git or bwrap that was cut off may write for a moment yet.
      for (int left = REMOVALS; ; left--) {
        try {
          scratch.remove();
          return;
        } catch (IOException e) {
          if (left == 0) {
            System.err.println("bench: " + scratch.path() + " could not be removed: " + e);
            return;
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  private static String variable(String name, String otherwise) {
    return Objects.requireNonNullElse(System.getenv(name), otherwise);
  }
}
