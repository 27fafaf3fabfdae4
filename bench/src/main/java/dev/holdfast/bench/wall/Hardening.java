package dev.holdfast.bench.wall;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.container.ContainerBackend;
import dev.holdfast.agent.sandbox.container.ImageRules;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * From nothing until {@code true} has ended in a sandbox of the agent's, and until nothing of that
 * is left: with the whole wall, and with the bare namespaces of the same backend. In turns, so that
 * what else the machine does meets both alike.
 */
public final class Hardening implements Measurement {
  private static final int TIMES = 30;
  private static final int PATIENCE_SECONDS = 60;

  /** All that can be left out of namespaces that stay namespaces. */
  private static final Set<Protection> HARDENING =
      EnumSet.of(
          Protection.READ_ONLY_SYSTEM,
          Protection.MASKED_KERNEL_FILES,
          Protection.SYSTEM_CALLS,
          Protection.LIMIT_PROCESSES,
          Protection.LIMIT_MEMORY,
          Protection.LIMIT_CPU,
          Protection.LIMIT_DISK,
          Protection.LIMIT_SCRATCH,
          Protection.LIMIT_OPEN_FILES);

  @Override
  public String name() {
    return "hardening";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    for (Backend backend : setting.backends()) {
      String what = name() + " on " + backend.label();
      setting.part(what, () -> on(backend, setting));
    }
  }

  private void on(Backend kind, Setting setting) throws Exception {
    int times = setting.times(TIMES, 2);
    setting.say("sandboxes of " + kind.label() + ", " + times + " hardened and as many bare");
    Path data = setting.scratch().folder("wall");
    var directories = new JobDirectories(data);
    try (SandboxBackend whole = backend(kind, setting, data, Wall.whole());
        SandboxBackend bare = backend(kind, setting, data, Wall.without(HARDENING))) {
      if (whole.check() instanceof Readiness.Unusable(String why, String mend)) {
        setting.report().skipped(name() + " on " + kind.label(), why + "; " + mend);
        return;
      }
      var one = new Rounds(directories, setting.dist().runner());
      one.round(whole);
      one.round(bare);
      var hardened = new ArrayList<Took>();
      var plain = new ArrayList<Took>();
      for (int i = 0; i < times; i++) {
        hardened.add(one.round(whole));
        plain.add(one.round(bare));
      }
      add(setting, kind.label() + ", until true has ended", hardened, plain, Took::start);
      add(setting, kind.label() + ", until nothing is left", hardened, plain, Took::gone);
    }
  }

  private void add(
      Setting setting,
      String what,
      List<Took> hardened,
      List<Took> plain,
      java.util.function.ToDoubleFunction<Took> part) {
    var with = new Samples(hardened.stream().map(part::applyAsDouble).toList());
    var without = new Samples(plain.stream().map(part::applyAsDouble).toList());
    setting
        .report()
        .add(
            Figure.of(name(), what, Unit.MILLISECONDS, with)
                .over("the same without hardening", without.median()));
  }

  private static SandboxBackend backend(Backend kind, Setting setting, Path data, Wall wall)
      throws IOException {
    return switch (kind) {
      case NAMESPACES -> new NamespacesBackend(data, true, Limiting.ENFORCED, wall);
      case CONTAINER ->
          new ContainerBackend(
              Optional.of(setting.engine()),
              "bench",
              Optional.empty(),
              new ImageRules(
                  Optional.of(setting.image()), Optional.empty(), data.resolve("images")),
              wall);
    };
  }

  /**
   * Milliseconds.
   *
   * @param start until the program had ended
   * @param gone until nothing of the sandbox was left
   */
  private record Took(double start, double gone) {}

  private static final class Rounds {
    private final JobDirectories directories;
    private final Path runner;
    private int made;

    Rounds(JobDirectories directories, Path runner) {
      this.directories = directories;
      this.runner = runner;
    }

    Took round(SandboxBackend backend)
        throws IOException, InterruptedException, ExecutionException, TimeoutException {
      String attempt = "att_bench" + made++;
      Limits limits = Limits.standard();
      long began = System.nanoTime();
      Path directory = directories.create(attempt, backend.workspaceDisk(limits));
      try {
        var spec =
            new SandboxSpec(
                attempt,
                directory,
                runner,
                Optional.empty(),
                limits,
                Optional.empty(),
                List.of("/bin/true"),
                Map.of("PATH", "/usr/bin:/bin"));
        double ended;
        try (Sandbox sandbox = backend.create(spec)) {
          sandbox.start();
          sandbox.handOver();
          int status = sandbox.exited().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          ended = Programs.millisSince(began);
          if (status != 0) {
            throw new IOException("true ended with " + status + ": " + sandbox.diagnostics());
          }
        }
        directories.remove(directory);
        return new Took(ended, Programs.millisSince(began));
      } finally {
        directories.remove(directory);
      }
    }
  }
}
