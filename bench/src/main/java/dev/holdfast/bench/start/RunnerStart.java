package dev.holdfast.bench.start;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.BareSandbox;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.Backend;
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

/**
 * From the spawn of bubblewrap until the runner in it has said hello over its channel, with the
 * distribution's start-up cache and without.
 */
public final class RunnerStart implements Measurement {
  private static final int TIMES = 20;
  private static final String AOT = "-XX:AOTCache=/opt/holdfast/runner.aot";

  @Override
  public String name() {
    return "runner-start";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    if (!setting.backends().contains(Backend.NAMESPACES)) {
      setting.report().skipped(name(), "it is measured in namespaces, which this machine has not");
      return;
    }
    int times = setting.times(TIMES, 2);
    setting.say("starting the runner, " + times + " times with its cache and without");
    Path folder = setting.scratch().folder("runner");
    var sandbox = new BareSandbox(folder, setting.dist().runner()).prepare();
    boolean cache = Files.exists(setting.dist().runner().resolve("runner.aot"));
    var with = new ArrayList<Double>();
    var without = new ArrayList<Double>();
    var floor = new ArrayList<Double>();
    once(sandbox, cache);
    for (int i = 0; i < times; i++) {
      if (cache) {
        with.add(once(sandbox, true));
      }
      without.add(once(sandbox, false));
      floor.add(sandbox.once());
    }
    double bare = new Samples(floor).median();
    if (cache) {
      add(setting, "spawn to hello", with, bare);
    } else {
      setting.report().skipped(name() + " with its cache", "the distribution has none");
    }
    add(setting, "spawn to hello, without start-up cache", without, bare);
    setting
        .report()
        .add(Figure.of(name(), "floor: bare bwrap true", Unit.MILLISECONDS, new Samples(floor)));
  }

  private void add(Setting setting, String what, List<Double> values, double floor) {
    setting
        .report()
        .add(
            Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values))
                .over("bare bwrap true", floor));
  }

  private static double once(BareSandbox sandbox, boolean cache)
      throws IOException, InterruptedException {
    Path socket = sandbox.channel().resolve("channel.sock");
    Files.deleteIfExists(socket);
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket), 1);
      Child runner =
          Child.start(
              "the runner",
              sandbox.command(command(cache)),
              Programs.environment(sandbox.folder()),
              sandbox.folder().resolve("runner.log"));
      try {
        // Without it, nobody would come, and the wait for it would never end.
        runner.onExit(listener::close);
        try (SocketChannel channel = listener.accept()) {
          hello(channel);
          return Programs.millisSince(runner.startedNanos());
        }
      } catch (IOException e) {
        runner.mustLive();
        throw e;
      } finally {
        runner.close();
      }
    }
  }

  private static void hello(SocketChannel channel) throws IOException {
    Frame frame = Frame.read(new DataInputStream(Channels.newInputStream(channel)));
    if (frame.kind() != FrameKind.CONTROL
        || !(Records.read(FromRunner.class, frame.payload()) instanceof FromRunner.Hello)) {
      throw new IOException("the runner's first word is not hello");
    }
  }

  /** As the agent starts it. */
  private static String[] command(boolean cache) {
    var all = new ArrayList<String>();
    all.add("/opt/holdfast/java/bin/java");
    if (cache) {
      all.add(AOT);
    }
    all.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
    all.addAll(List.of("-Xlog:disable", "-cp", "/opt/holdfast/runner.jar"));
    all.addAll(List.of("dev.holdfast.runner.Main", "run", "/run/holdfast/channel.sock"));
    return all.toArray(String[]::new);
  }
}
