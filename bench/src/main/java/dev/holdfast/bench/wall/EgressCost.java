package dev.holdfast.bench.wall;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A job's network: how long its opening and its end take, alone and beside 199 others, and how fast
 * a download is through the filter. In a lab, whose addresses are its own and lead nowhere else.
 */
public final class EgressCost implements Measurement {
  private static final int TIMES = 20;
  private static final int AT_ONCE = 200;
  private static final int ROUNDS = 7;
  private static final int MEGABYTES = 512;
  private static final String PUBLIC = "203.0.113.10";

  @Override
  public String name() {
    return "egress";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    if (!System.getProperty("user.name").equals("root")) {
      setting.report().skipped(name(), "a lab of network namespaces is made by root");
      return;
    }
    try (var lab = Lab.open()) {
      LabProcess agent = lab.startInHost(EgressAgent.class, List.of());
      setting.part(name() + ", opening", () -> opening(setting, agent));
      setting.part(name() + ", throughput", () -> throughput(setting, lab, agent));
    }
  }

  private void opening(Setting setting, LabProcess agent) throws Exception {
    int times = setting.times(TIMES, 2);
    int others = setting.times(AT_ONCE, 10) - 1;
    setting.say("networks of jobs, alone and beside " + others + " others");
    try (var jobs = new Namespaces()) {
      ask(agent, "start\t");
      timed(setting, agent, jobs, times, "1 job");
      var open = new ArrayList<String>();
      for (int i = 0; i < others; i++) {
        String attempt = "other-" + i;
        ask(agent, "open\t" + attempt + "\t" + jobs.make());
        open.add(attempt);
      }
      timed(setting, agent, jobs, times, (others + 1) + " jobs at once");
      for (String attempt : open) {
        ask(agent, "close\t" + attempt);
      }
      ask(agent, "stop");
    }
  }

  private void timed(Setting setting, LabProcess agent, Namespaces jobs, int times, String when)
      throws IOException {
    var opening = new ArrayList<Double>();
    var verifying = new ArrayList<Double>();
    var closing = new ArrayList<Double>();
    for (int i = 0; i <= times; i++) {
      String attempt = "attempt-" + i;
      double opened = millis(ask(agent, "open\t" + attempt + "\t" + jobs.make()));
      double verified = millis(ask(agent, "verify"));
      double closed = millis(ask(agent, "close\t" + attempt));
      // The first makes what the others find.
      if (i > 0) {
        opening.add(opened);
        verifying.add(verified);
        closing.add(closed);
      }
    }
    add(setting, "opening, rules and link, " + when, opening);
    add(setting, "verifying the table, " + when, verifying);
    add(setting, "taking down, " + when, closing);
  }

  private void add(Setting setting, String what, List<Double> values) {
    setting.report().add(Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values)));
  }

  private void throughput(Setting setting, Lab lab, LabProcess agent) throws Exception {
    int rounds = setting.times(ROUNDS, 1);
    int megabytes = setting.times(MEGABYTES, 32);
    setting.say("downloads of " + megabytes + " MB, with the filter and without");
    ask(lab.startInNet(Download.class, List.of("serve", String.valueOf(megabytes))), "ready");
    var filtered = new ArrayList<Double>();
    var free = new ArrayList<Double>();
    for (int i = 0; i <= rounds; i++) {
      double with = download(lab, agent, "", megabytes);
      double without = download(lab, agent, Protection.EGRESS_FILTER.name(), megabytes);
      if (i > 0) {
        filtered.add(with);
        free.add(without);
      }
    }
    setting
        .report()
        .add(
            Figure.of(
                    name(),
                    "download through the filter",
                    Unit.MEGABYTES_PER_SECOND,
                    new Samples(filtered))
                .over("the same without filter", new Samples(free).median()));
  }

  /** MB/s. */
  private static double download(Lab lab, LabProcess agent, String missing, int megabytes)
      throws IOException, InterruptedException {
    try (var jobs = new Namespaces()) {
      ask(agent, "start\t" + missing);
      long pid = jobs.make();
      ask(agent, "open\tdownload\t" + pid);
      double millis;
      try (LabProcess job = lab.startAt(pid, Download.class, List.of("take", PUBLIC))) {
        millis = millis(job.ask("go"));
      }
      ask(agent, "close\tdownload");
      ask(agent, "stop");
      return megabytes / (millis / 1000);
    }
  }

  private static String ask(LabProcess process, String line) throws IOException {
    String answer = process.ask(line);
    if (!answer.startsWith("ok\t")) {
      throw new IOException(line.replace('\t', ' ') + ": " + answer);
    }
    return answer;
  }

  private static double millis(String answer) {
    return Long.parseLong(answer.substring("ok\t".length())) / 1e6;
  }

  /** Network namespaces with nothing but loopback, as sandboxes have before theirs is opened. */
  private static final class Namespaces implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();

    long make() throws IOException {
      Process process =
          new ProcessBuilder("unshare", "-n", "sh", "-c", "ip link set lo up; echo; exec sleep 900")
              .start();
      processes.add(process);
      // The line says that it is in its own namespace.
      process.inputReader().readLine();
      return process.pid();
    }

    @Override
    public void close() {
      processes.forEach(Process::destroyForcibly);
      processes.forEach(p -> p.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }
  }
}
