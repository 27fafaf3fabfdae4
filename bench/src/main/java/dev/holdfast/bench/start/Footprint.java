package dev.holdfast.bench.start;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.AgentHost;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long server, agent and commands take to start, and what they take of memory: idle, and after
 * the loads of the measurements before this one.
 */
public final class Footprint implements Measurement {
  private static final double START_MILLIS = 1000;
  private static final double SERVER_MB = 200;
  private static final double AGENT_MB = 120;
  private static final int STARTS = 5;
  private static final int CALLS = 10;

  @Override
  public String name() {
    return "footprint";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    int starts = setting.times(STARTS, 1);
    int calls = setting.times(CALLS, 2);
    setting.say("starting server and agent " + starts + " times, commands " + calls + " times");
    var server = new ArrayList<Double>();
    var agent = new ArrayList<Double>();
    var java = new ArrayList<Double>();
    var version = new ArrayList<Double>();
    var runs = new ArrayList<Double>();
    var serverIdle = new ArrayList<Double>();
    var agentIdle = new ArrayList<Double>();
    for (int i = 0; i < starts; i++) {
      Path folder = setting.scratch().folder("start");
      java.add(java(setting, folder));
      try (Server one = Server.start(setting.dist(), folder);
          AgentHost other =
              AgentHost.start(one, "starter", Backend.NAMESPACES, setting.image(), 2)) {
        server.add(one.startMillis());
        agent.add(other.startMillis());
        serverIdle.add(Memory.of(one.process().pid()).resident());
        agentIdle.add(Memory.of(other.process().pid()).resident());
        for (int j = 0; i == starts - 1 && j < calls; j++) {
          Map<String, String> client = one.client();
          version.add(call(setting, client, folder, "version"));
          runs.add(call(setting, client, folder, "runs"));
          java.add(java(setting, folder));
        }
      }
    }
    double floor = new Samples(java).median();
    setting.report().add(time("server: spawn to ready", server, floor).within(START_MILLIS));
    setting.report().add(time("agent: spawn to registered", agent, floor));
    setting.report().add(time("holdfast version", version, floor));
    setting.report().add(time("holdfast runs", runs, floor));
    setting
        .report()
        .add(Figure.of(name(), "floor: bare java -version", Unit.MILLISECONDS, new Samples(java)));
    setting.report().add(memory("server, idle: resident", serverIdle).within(SERVER_MB));
    setting.report().add(memory("agent, idle: resident", agentIdle).within(AGENT_MB));
    setting
        .memories()
        .forEach((what, memory) -> {
          double bound = what.startsWith("server") ? SERVER_MB : AGENT_MB;
          setting
              .report()
              .add(memory(what + ": resident", List.of(memory.resident())).within(bound));
          setting.report().add(memory(what + ": peak", List.of(memory.peak())));
        });
  }

  private Figure time(String what, List<Double> values, double floor) {
    return Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values))
        .over("bare java -version", floor);
  }

  private Figure memory(String what, List<Double> values) {
    return Figure.of(name(), what, Unit.MEGABYTES, new Samples(values));
  }

  private static double java(Setting setting, Path folder)
      throws IOException, InterruptedException {
    return Programs.must(
            List.of(setting.dist().java().toString(), "-version"),
            Programs.environment(folder),
            folder)
        .millis();
  }

  private static double call(
      Setting setting, Map<String, String> client, Path folder, String command)
      throws IOException, InterruptedException {
    return Programs.must(setting.dist().command(command), client, folder).millis();
  }
}
