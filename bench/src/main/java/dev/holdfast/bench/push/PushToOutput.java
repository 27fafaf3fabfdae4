package dev.holdfast.bench.push;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.BareContainer;
import dev.holdfast.bench.floor.BareSandbox;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.AgentHost;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * From the start of {@code git push} to the first byte of the first step's output, as a follower of
 * the log sees it over HTTP. Cold is the first push after server and agent started on empty data;
 * warm is every later one. After each push the floors are measured, so that what disturbs one
 * disturbs the other.
 */
public final class PushToOutput implements Measurement {
  private static final double TARGET_MILLIS = 400;
  private static final int COLD = 5;
  private static final int WARM = 30;

  /** Made so that compilers of the JVMs have seen what follows. Not counted as warm. */
  private static final int WARM_UP = 5;

  private static final String REPOSITORY = "bench";
  private static final String WORKFLOW =
      """
      name: bench
      on: push
      jobs:
        one:
          steps: [{name: say, run: 'echo "%s"'}]
      """
          .formatted(Follower.MARK);

  @Override
  public String name() {
    return "push-to-output";
  }

  private record Floors(List<Double> push, List<Double> started, List<Double> whole) {}

  @Override
  public void measure(Setting setting) throws Exception {
    for (Backend backend : setting.backends()) {
      setting.part(name() + ", " + backend.label(), () -> measure(setting, backend));
    }
  }

  private void measure(Setting setting, Backend backend) throws Exception {
    int colds = setting.times(COLD, 1);
    int warms = setting.times(WARM, 2);
    setting.say(
        "pushing, "
            + backend.label()
            + ": "
            + colds
            + " cold, "
            + setting.times(WARM_UP, 0)
            + " to warm up, "
            + warms
            + " warm");
    var cold = new ArrayList<Push>();
    var warm = new ArrayList<Push>();
    var floors = new Floors(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < colds; i++) {
      Path folder = setting.scratch().folder("push");
      try (Server server = Server.start(setting.dist(), folder);
          AgentHost agent = AgentHost.start(server, "pusher", backend, setting.image(), 2)) {
        SourceRepository repository = repository(folder);
        Path bare = SourceRepository.bare(folder, "floor");
        server.add(REPOSITORY, repository);
        var floor = new BareSandbox(folder.resolve("floor"), setting.dist().runner()).prepare();
        cold.add(push(server, repository));
        if (i == colds - 1) {
          for (int j = 0; j < setting.times(WARM_UP, 0); j++) {
            push(server, repository);
          }
          for (int j = 0; j < warms; j++) {
            warm.add(push(server, repository));
            floors(setting, backend, repository, bare, floor, floors);
          }
          setting.remember("server, after pushes (" + backend.label() + ")", server.process());
          setting.remember("agent, after pushes (" + backend.label() + ")", agent.process());
        }
      }
    }
    report(setting, backend, cold, warm, floors);
  }

  private static SourceRepository repository(Path folder) throws IOException, InterruptedException {
    return SourceRepository.create(folder, "app")
        .write(".holdfast/bench.yaml", WORKFLOW.getBytes(StandardCharsets.UTF_8));
  }

  private static Push push(Server server, SourceRepository repository)
      throws IOException, InterruptedException {
    String commit = repository.commit("Change nothing");
    return Push.measure(server, REPOSITORY, repository, commit);
  }

  private static void floors(
      Setting setting,
      Backend backend,
      SourceRepository repository,
      Path bare,
      BareSandbox sandbox,
      Floors floors)
      throws IOException, InterruptedException {
    floors.push.add(
        Programs.must(
                repository.pushTo(bare.toString()), repository.environment(), repository.work())
            .millis());
    switch (backend) {
      case NAMESPACES -> {
        double took = sandbox.once();
        floors.started.add(took);
        floors.whole.add(took);
      }
      case CONTAINER -> {
        BareContainer.Took took = new BareContainer(setting.engine(), setting.image()).once();
        floors.started.add(took.started());
        floors.whole.add(took.removed());
      }
    }
  }

  private void report(
      Setting setting, Backend backend, List<Push> cold, List<Push> warm, Floors floors) {
    double push = new Samples(floors.push).median();
    double started = new Samples(floors.started).median();
    String floor =
        switch (backend) {
          case NAMESPACES -> "bare push + bwrap";
          case CONTAINER -> "bare push + create, start";
        };
    double target =
        switch (backend) {
          case NAMESPACES -> TARGET_MILLIS;
          case CONTAINER -> TARGET_MILLIS + started;
        };
    String prefix = backend.label() + ", ";
    setting
        .report()
        .add(figure(prefix + "warm", warm, Push::total).over(floor, push + started).within(target));
    setting.report().add(figure(prefix + "cold", cold, Push::total).over(floor, push + started));
    for (int i = 0; i < Push.PHASES.size(); i++) {
      int phase = i;
      setting
          .report()
          .add(
              figure(prefix + "warm: " + Push.PHASES.get(i), warm, one -> one.phases().get(phase)));
    }
    setting
        .report()
        .add(figure(prefix + "warm: git push itself", warm, Push::git).over("bare push", push));
    addFloor(setting, prefix + "floor: bare git push", floors.push);
    switch (backend) {
      case NAMESPACES -> addFloor(setting, prefix + "floor: bare bwrap true", floors.whole);
      case CONTAINER -> {
        addFloor(setting, prefix + "floor: bare create, start", floors.started);
        addFloor(setting, prefix + "floor: bare create, start, wait, remove", floors.whole);
      }
    }
  }

  private void addFloor(Setting setting, String what, List<Double> values) {
    setting.report().add(Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values)));
  }

  private Figure figure(String what, List<Push> pushes, ToDoubleFunction<Push> value) {
    return Figure.of(
        name(),
        what,
        Unit.MILLISECONDS,
        new Samples(pushes.stream().mapToDouble(value).boxed().toList()));
  }
}
