package dev.holdfast.bench.wall;

import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.microvm.MachineStart;
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.Warm;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Machines of the agent's own code, with a card and without a job's network: booted, restored from
 * a snapshot, and taken from those that wait. From nothing until the first byte that their first
 * program prints, by phases.
 */
public final class MachineStarts implements Measurement {
  private static final long MIB = 1024 * 1024;
  private static final int TIMES = 10;

  /** What the host may take for a machine, whatever the guest takes, in milliseconds. */
  private static final double HOST_TARGET = 60;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** In no image is anything newer: the same as in those of the tests. */
  private static final long EPOCH = 1_767_225_600;

  @Override
  public String name() {
    return "microvm";
  }

  /** One machine: how it started, and milliseconds until its first output and until it was gone. */
  private record Took(MachineStart start, double output, double gone) {}

  @Override
  public void measure(Setting setting) throws Exception {
    String kernel = System.getenv("HOLDFAST_TEST_KERNEL");
    String system = System.getenv("HOLDFAST_TEST_ROOTFS");
    if (kernel == null || system == null) {
      setting
          .report()
          .skipped(
              name(),
              "no HOLDFAST_TEST_KERNEL and HOLDFAST_TEST_ROOTFS; script/bench sets them for root");
      return;
    }
    Path data = setting.scratch().folder("machines");
    setting.say("an image for machines");
    new MachineImages(data)
        .build(
            MicrovmSettings.USUAL_IMAGE,
            new MachineImages.Ingredients(
                Path.of(system),
                "the benchmark's system",
                Path.of(kernel),
                Optional.empty(),
                setting.dist().home().resolve("guest/holdfast-guest"),
                setting.dist().runner(),
                EPOCH),
            Instant.now());
    int times = setting.times(TIMES, 1);
    var all = new Machines(data, setting.dist().runner());
    try (MicrovmBackend cold = all.backend(Warm.none())) {
      if (cold.check() instanceof Readiness.Unusable(String why, String mend)) {
        setting.report().skipped(name(), why + "; " + mend);
        return;
      } else if (cold.check() instanceof Readiness.Usable(String what)) {
        setting.report().fact("machines", what.replaceFirst(", image .*", ""));
      }
      setting.say("machines: " + times + " booted");
      add(setting, "booted", all.rounds(cold, times, MachineStart.How.BOOTED));
    }
    try (MicrovmBackend restoring = all.backend(new Warm(true, 0, 0))) {
      setting.say("machines: " + times + " restored");
      all.settled(restoring, 0);
      add(setting, "restored", all.rounds(restoring, times, MachineStart.How.RESTORED));
    }
    try (MicrovmBackend waiting = all.backend(new Warm(true, 1, 1024 * MIB))) {
      setting.say("machines: " + times + " that waited");
      all.settled(waiting, 1);
      setting
          .report()
          .add(
              Figure.of(
                  name(), "memory of one that waits", Unit.MEGABYTES, Samples.of(all.monitor())));
      add(setting, "waited", all.rounds(waiting, times, MachineStart.How.WAITED));
    }
  }

  private void add(Setting setting, String how, List<Took> took) {
    if (took.getFirst().start().how() != MachineStart.How.WAITED) {
      figure(setting, how + ": own disk", took, t -> millis(t.start().disk()));
      figure(setting, how + ": namespace and tap", took, t -> millis(t.start().network()));
      figure(setting, how + ": monitor", took, t -> millis(t.start().monitor()));
      figure(setting, how + ": guest, to the handshake", took, t -> millis(t.start().guest()));
    }
    if (took.getFirst().start().how() == MachineStart.How.BOOTED) {
      setting
          .report()
          .add(
              Figure.of(
                      name(),
                      how + ": all that is the host's",
                      Unit.MILLISECONDS,
                      samples(took, t -> millis(t.start().host())))
                  .within(HOST_TARGET));
    }
    figure(setting, how + ": to its first output", took, Took::output);
    figure(setting, how + ": its end, until nothing is left", took, Took::gone);
  }

  private void figure(Setting setting, String what, List<Took> took, ToDoubleFunction<Took> part) {
    setting.report().add(Figure.of(name(), what, Unit.MILLISECONDS, samples(took, part)));
  }

  private static Samples samples(List<Took> took, ToDoubleFunction<Took> part) {
    return new Samples(took.stream().map(part::applyAsDouble).toList());
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static final class Machines {
    private final Path data;
    private final Path runner;
    private final JobDirectories directories;
    private final List<MachineStart> starts = Collections.synchronizedList(new ArrayList<>());
    private int made;

    Machines(Path data, Path runner) throws IOException {
      this.data = data;
      this.runner = runner;
      this.directories = new JobDirectories(data);
    }

    MicrovmBackend backend(Warm warm) throws IOException {
      return new MicrovmBackend(
          data,
          new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ALLOW, warm),
          InstantSource.system(),
          starts::add);
    }

    List<Took> rounds(MicrovmBackend backend, int times, MachineStart.How how) throws Exception {
      var took = new ArrayList<Took>();
      for (int i = 0; i < times; i++) {
        if (how == MachineStart.How.WAITED) {
          until(() -> backend.waiting() == 1);
        }
        Took one = round(backend);
        if (one.start().how() != how) {
          throw new IOException("the machine was not " + how + ", but " + one.start());
        }
        took.add(one);
      }
      return took;
    }

    /** Returns once what is made ahead is there: a machine is made, and not started, for that. */
    void settled(MicrovmBackend backend, int waiting) throws Exception {
      backend.create(spec(directories.create("att_bench" + made++))).close();
      until(() -> {
        try (var kept = Files.newDirectoryStream(data.resolve("snapshots"), "[0-9a-f]*")) {
          return kept.iterator().hasNext() && backend.waiting() == waiting;
        } catch (java.nio.file.NoSuchFileException e) {
          return false;
        }
      });
    }

    private SandboxSpec spec(Path directory) {
      return new SandboxSpec(
          String.valueOf(directory.getFileName()),
          directory,
          runner,
          Optional.empty(),
          new Limits(256 * MIB, 1000, 128, 16 * MIB, 4096 * MIB),
          Optional.of("198.18.0.1"),
          List.of("/bin/echo", "first"),
          Map.of("PATH", "/usr/bin:/bin"));
    }

    private Took round(MicrovmBackend backend) throws Exception {
      Path directory = directories.create("att_bench" + made++);
      try {
        long began = System.nanoTime();
        double output;
        long ending;
        try (Sandbox sandbox = backend.create(spec(directory))) {
          sandbox.start();
          until(() -> !sandbox.diagnostics().isEmpty());
          output = Programs.millisSince(began);
          ending = System.nanoTime();
        }
        return new Took(starts.getLast(), output, Programs.millisSince(ending));
      } finally {
        directories.remove(directory);
      }
    }

    /** What QEMU, or whatever runs the one machine that is there, has in memory. */
    double monitor() throws IOException {
      try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
        for (Path process : processes) {
          if (said(process).startsWith("qemu-system") && ofThis(process)) {
            return Memory.of(Long.parseLong(String.valueOf(process.getFileName()))).resident();
          }
        }
      }
      throw new IOException("there is no monitor of a machine");
    }

    private static boolean ofThis(Path process) {
      // In its own process namespace, so that only its parents say whose it is.
      return ProcessHandle.of(Long.parseLong(String.valueOf(process.getFileName())))
          .map(Machines::isBelowThis)
          .orElse(false);
    }

    private static boolean isBelowThis(ProcessHandle process) {
      @Nullable ProcessHandle at = process;
      while (at != null) {
        if (at.equals(ProcessHandle.current())) {
          return true;
        }
        at = at.parent().orElse(null);
      }
      return false;
    }

    private static String said(Path process) {
      try {
        return Files.readString(process.resolve("comm"));
      } catch (IOException e) {
        // It ended while we looked.
        return "";
      }
    }

    private interface Condition {
      boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!condition.holds()) {
        if (System.nanoTime() > deadline) {
          throw new IOException("a machine is not there within " + PATIENCE);
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
  }
}
