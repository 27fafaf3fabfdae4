package dev.holdfast.bench.ingest;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.BareLog;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.AgentHost;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Backend;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One step that prints much, through runner, agent and store. The time is from the start of the
 * step, a little before its first byte, until the run is over, by the orchestrator's times. What
 * the API then gives back is compared by length and hash.
 */
public final class LogIngest implements Measurement {
  private static final double TARGET = 50;
  private static final int ROUNDS = 3;
  private static final int REPEATS = 100;
  private static final String REPOSITORY = "bench";
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  @Override
  public String name() {
    return "log-ingest";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    int repeats = setting.times(REPEATS, 4);
    byte[] text = BuildText.make();
    long bytes = (long) repeats * text.length;
    String loop = "i=0; while [ $i -lt " + repeats + " ]; do cat build.txt; i=$((i+1)); done";
    String workflow =
        "name: bench\non: push\njobs:\n  one:\n    steps: [{name: print, run: '" + loop + "'}]\n";
    byte[] hash = hash(text, repeats);
    setting.say(
        "a step that prints "
            + bytes / 1_000_000
            + " MB, once to warm up, then "
            + setting.times(ROUNDS, 1)
            + " times");
    Path folder = setting.scratch().folder("ingest");
    var rates = new ArrayList<Double>();
    var pipes = new ArrayList<Double>();
    var compressions = new ArrayList<Double>();
    try (Server server = Server.start(setting.dist(), folder);
        AgentHost agent =
            AgentHost.start(server, "printer", Backend.NAMESPACES, setting.image(), 1)) {
      SourceRepository repository =
          SourceRepository.create(folder, "app")
              .write("build.txt", text)
              .write(".holdfast/bench.yaml", workflow.getBytes(StandardCharsets.UTF_8));
      server.add(REPOSITORY, repository);
      for (int i = -setting.times(1, 0); i < setting.times(ROUNDS, 1); i++) {
        String commit = repository.commit("Print it");
        repository.push();
        double rate = rate(server, commit, bytes, hash);
        if (i >= 0) {
          rates.add(rate);
          pipes.add(
              BareLog.pipe(
                  List.of("/bin/sh", "-c", loop),
                  repository.work(),
                  folder.resolve("floor.log"),
                  bytes));
          compressions.add(BareLog.compress(text, bytes));
        }
      }
      setting.remember("server, after " + bytes / 1_000_000 + " MB logs", server.process());
      setting.remember("agent, after " + bytes / 1_000_000 + " MB logs", agent.process());
    }
    setting
        .report()
        .add(
            figure("namespaces, one step", rates)
                .over("bare pipe to file", new Samples(pipes).median())
                .within(TARGET));
    setting.report().add(figure("floor: bare pipe to file, fsync", pipes));
    setting.report().add(figure("floor: zstd level 1 alone", compressions));
  }

  private Figure figure(String what, List<Double> rates) {
    return Figure.of(name(), what, Unit.MEGABYTES_PER_SECOND, new Samples(rates));
  }

  private static double rate(Server server, String commit, long bytes, byte[] hash)
      throws IOException, InterruptedException {
    try (Api api = server.connect()) {
      Doc run = api.awaitSuccess(awaitRun(api, commit));
      Doc attempt = run.list("jobs").getFirst().list("attempts").getFirst();
      verify(api, attempt.text("id"), bytes, hash);
      Duration took =
          Duration.between(
              attempt.list("steps").getFirst().instant("started"), run.instant("finished"));
      return bytes / 1e6 / (took.toNanos() / 1e9);
    }
  }

  private static String awaitRun(Api api, String commit) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      List<Doc> runs = api.get("/api/v1/runs?limit=1&commit=" + commit).list("runs");
      if (!runs.isEmpty()) {
        return runs.getFirst().text("id");
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    throw new IOException("the push of " + commit + " made no run in 60 s");
  }

  private static void verify(Api api, String attempt, long bytes, byte[] hash) throws IOException {
    MessageDigest digest = sha256();
    long got = 0;
    try (Connection.Body log =
        api.connection().stream("GET", "/api/v1/attempts/" + attempt + "/log", new byte[0])) {
      if (log.status() != 200) {
        throw new IOException("the log of " + attempt + " is answered with " + log.status());
      }
      var buffer = new byte[256 * 1024];
      for (int count = log.read(buffer); count >= 0; count = log.read(buffer)) {
        digest.update(buffer, 0, count);
        got += count;
      }
    }
    if (got != bytes || !Arrays.equals(digest.digest(), hash)) {
      throw new IOException(
          "the log of " + attempt + " has " + got + " bytes and is not the " + bytes + " printed");
    }
  }

  private static byte[] hash(byte[] text, int repeats) {
    MessageDigest digest = sha256();
    for (int i = 0; i < repeats; i++) {
      digest.update(text);
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
