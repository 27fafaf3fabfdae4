package dev.holdfast.bench.start;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.BareSandbox;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** From the spawn of bubblewrap with the runner in it to the runner's Hello on the channel. */
public final class RunnerStart implements Measurement {
  private static final int TIMES = 20;
  private static final int WARM_UP = 2;
  private static final long PATIENCE_SECONDS = 30;

  @Override
  public String name() {
    return "runner-start";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    int times = setting.times(TIMES, 2);
    setting.say("the runner in bare bubblewrap, " + times + " times with and without its cache");
    Path folder = setting.scratch().folder("runner");
    var sandbox = new BareSandbox(folder, setting.dist().runner()).prepare();
    boolean cached = Files.exists(setting.dist().runner().resolve("runner.aot"));
    if (!cached) {
      setting.report().skipped("runner-start with its cache", "this distribution has no cache");
    }
    var with = new ArrayList<Double>();
    var without = new ArrayList<Double>();
    var floor = new ArrayList<Double>();
    for (int i = -WARM_UP; i < times; i++) {
      double fast = cached ? hello(sandbox, folder, true) : 0;
      double slow = hello(sandbox, folder, false);
      double bare = sandbox.once();
      if (i >= 0) {
        with.add(fast);
        without.add(slow);
        floor.add(bare);
      }
    }
    double bare = new Samples(floor).median();
    if (cached) {
      add(setting, "to Hello, with cache", with, bare);
    }
    add(setting, "to Hello, without cache", without, bare);
    setting
        .report()
        .add(Figure.of(name(), "floor: bare bwrap true", Unit.MILLISECONDS, new Samples(floor)));
  }

  private void add(Setting setting, String what, List<Double> values, double floor) {
    setting
        .report()
        .add(
            Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values))
                .over("bare bwrap", floor));
  }

  // The timer closes what the main path waits on; that is how a wait on a channel ends early.
  @SuppressWarnings("try")
  private static double hello(BareSandbox sandbox, Path folder, boolean cached)
      throws IOException, InterruptedException {
    Path socket = sandbox.channel().resolve("channel.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      server.bind(UnixDomainSocketAddress.of(socket), 1);
      var _ =
          timer.schedule(
              () -> {
                server.close();
                return null;
              },
              PATIENCE_SECONDS,
              TimeUnit.SECONDS);
      try (Child runner =
          Child.start(
              "the runner",
              sandbox.command(command(cached)),
              Programs.environment(folder),
              folder.resolve("runner.log"))) {
        try (SocketChannel channel = server.accept();
            var in = new DataInputStream(Channels.newInputStream(channel))) {
          Frame frame = Frame.read(in);
          double millis = Programs.millisSince(runner.startedNanos());
          if (frame.kind() != FrameKind.CONTROL
              || !(Records.read(FromRunner.class, frame.payload()) instanceof FromRunner.Hello)) {
            throw new IOException("the runner's first frame is no Hello");
          }
          return millis;
        } catch (java.nio.channels.ClosedChannelException e) {
          throw new IOException("no runner in 30 s; it said: " + runner.lastWords(), e);
        }
      } finally {
        timer.shutdownNow();
      }
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  /** As docs/architecture.md has it. */
  private static String[] command(boolean cached) {
    var all = new ArrayList<String>();
    all.add("/opt/holdfast/java/bin/java");
    if (cached) {
      all.add("-XX:AOTCache=/opt/holdfast/runner.aot");
    }
    all.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
    all.addAll(List.of("-cp", "/opt/holdfast/runner.jar", "dev.holdfast.runner.Main", "run"));
    all.add("/run/holdfast/channel.sock");
    return all.toArray(String[]::new);
  }
}
