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

/**
 * How long server, agent and command line take to start, and the memory that server and agent are
 * in: idle, and after what other measurements did to theirs.
 */
public final class Footprint implements Measurement {
  private static final double SERVER_MILLIS = 1000;
  private static final double SERVER_MEGABYTES = 200;
  private static final double AGENT_MEGABYTES = 120;
  private static final int STARTS = 7;
  private static final int CALLS = 15;

  @Override
  public String name() {
    return "footprint";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    int starts = setting.times(STARTS, 1);
    setting.say("starting server and agent, " + starts + " times");
    var server = new ArrayList<Double>();
    var agent = new ArrayList<Double>();
    var serverMemory = new ArrayList<Double>();
    var agentMemory = new ArrayList<Double>();
    var hello = new ArrayList<Double>();
    var helloMemory = new ArrayList<Double>();
    var version = new ArrayList<Double>();
    var runs = new ArrayList<Double>();
    for (int i = 0; i < starts; i++) {
      Path folder = setting.scratch().folder("footprint");
      hello.add(bareJvm(setting, folder).millis());
      try (Server made = Server.start(setting.dist(), folder)) {
        server.add(made.startMillis());
        if (setting.backends().isEmpty()) {
          serverMemory.add(Memory.of(made.process().pid()).resident());
          continue;
        }
        Backend backend = setting.backends().getFirst();
        try (AgentHost joined = AgentHost.start(made, "idle", backend, setting.image(), 2)) {
          agent.add(joined.startMillis());
          serverMemory.add(Memory.of(made.process().pid()).resident());
          agentMemory.add(Memory.of(joined.process().pid()).resident());
          if (i == starts - 1) {
            calls(setting, made, version, runs, hello);
          }
        }
      }
      helloMemory.add(BareJvm.memory(setting.dist(), folder).resident());
    }
    report(setting, server, agent, serverMemory, agentMemory, hello, helloMemory, version, runs);
  }

  private static Programs.Finished bareJvm(Setting setting, Path folder)
      throws IOException, InterruptedException {
    return BareJvm.hello(setting.dist(), folder);
  }

  private static void calls(
      Setting setting, Server server, List<Double> version, List<Double> runs, List<Double> hello)
      throws IOException, InterruptedException {
    int calls = setting.times(CALLS, 2);
    setting.say("calling the command line, " + calls + " times");
    for (int i = 0; i < calls; i++) {
      hello.add(bareJvm(setting, server.folder()).millis());
      version.add(call(server, "version"));
      runs.add(call(server, "runs"));
    }
  }

  private static double call(Server server, String command)
      throws IOException, InterruptedException {
    return Programs.must(server.dist().command(command), server.client(), server.folder()).millis();
  }

  private void report(
      Setting setting,
      List<Double> server,
      List<Double> agent,
      List<Double> serverMemory,
      List<Double> agentMemory,
      List<Double> hello,
      List<Double> helloMemory,
      List<Double> version,
      List<Double> runs) {
    double bare = new Samples(hello).median();
    double bareMemory = new Samples(helloMemory).median();
    add(setting, time("server: spawn to ready", server, bare).within(SERVER_MILLIS));
    if (!agent.isEmpty()) {
      add(setting, time("agent: spawn to registered", agent, bare));
    } else {
      setting.report().skipped("the agent's start", "this machine has no backend for it");
    }
    if (!version.isEmpty()) {
      add(setting, time("holdfast version", version, bare));
      add(setting, time("holdfast runs", runs, bare));
    }
    add(setting, time("floor: bare JVM hello", hello, bare));
    add(setting, memory("memory: server, idle", serverMemory, bareMemory).within(SERVER_MEGABYTES));
    if (!agentMemory.isEmpty()) {
      add(setting, memory("memory: agent, idle", agentMemory, bareMemory).within(AGENT_MEGABYTES));
    }
    setting
        .memories()
        .forEach((what, memory) -> {
          double most = what.startsWith("server") ? SERVER_MEGABYTES : AGENT_MEGABYTES;
          add(
              setting,
              memory("memory: " + what, List.of(memory.resident()), bareMemory).within(most));
          add(setting, memory("memory: " + what + ", peak", List.of(memory.peak()), bareMemory));
        });
    add(setting, memory("floor: bare JVM, waiting", helloMemory, bareMemory));
  }

  private static void add(Setting setting, Figure figure) {
    setting.report().add(figure);
  }

  private Figure time(String what, List<Double> values, double floor) {
    Figure figure = Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values));
    return what.startsWith("floor") ? figure : figure.over("bare JVM hello", floor);
  }

  private Figure memory(String what, List<Double> values, double floor) {
    Figure figure = Figure.of(name(), what, Unit.MEGABYTES, new Samples(values));
    return what.startsWith("floor") ? figure : figure.over("bare JVM", floor);
  }
}
