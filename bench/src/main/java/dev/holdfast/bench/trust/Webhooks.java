package dev.holdfast.bench.trust;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.SqliteLoops;
import dev.holdfast.bench.http.Answer;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.Delivery;
import dev.holdfast.forgedouble.ForgeDouble;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Webhooks, from the first byte sent to the whole answer, which comes once the signature was
 * checked and the event is durable. What came is decided meanwhile, on the same machine: pushes of
 * somebody known to a branch whose workflow waits for something else.
 */
public final class Webhooks implements Measurement {
  private static final int WARM_UP = 3000;
  private static final int ONE_BY_ONE = 2000;
  private static final int AT_ONCE = 5000;
  private static final int ROUNDS = 3;
  private static final int SENDERS = 8;
  private static final int FLOOR = 2000;

  @Override
  public String name() {
    return "webhooks";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    setting.part(name(), () -> measured(setting));
  }

  private void measured(Setting setting) throws Exception {
    Path folder = setting.scratch().folder("webhooks");
    try (ForgeDouble forge = ForgeDouble.start(Kind.GITHUB, folder.resolve("forge"));
        Server server = Server.start(setting.dist(), folder);
        SqliteLoops loops = SqliteLoops.in(folder)) {
      Hook hook = hook(forge, server);
      setting.say("webhooks, " + setting.times(WARM_UP, 20) + " to warm up");
      atOnce(server, hook, 0, setting.times(WARM_UP, 20));
      int sent = setting.times(WARM_UP, 20);

      int alone = setting.times(ONE_BY_ONE, 20);
      setting.say("webhooks, " + alone + " one by one");
      List<Double> millis = oneByOne(server, hook, sent, alone);
      sent += alone;
      var latency = new Samples(millis);
      add(setting, "one after the other, until answered", Unit.MILLISECONDS, latency);
      add(setting, "the same, p99", Unit.MILLISECONDS, Samples.of(latency.percentile(99)));

      int round = setting.times(AT_ONCE, 40);
      var rates = new ArrayList<Double>();
      var floors = new ArrayList<Double>();
      for (int i = 0; i < setting.times(ROUNDS, 1); i++) {
        setting.say("webhooks, " + round + " by " + SENDERS + " senders");
        rates.add(atOnce(server, hook, sent, round));
        sent += round;
        floors.add(loops.inserts(setting.times(FLOOR, 50)));
      }
      setting
          .report()
          .add(
              Figure.of(
                      name(),
                      SENDERS + " senders at once, answered",
                      Unit.OPERATIONS_PER_SECOND,
                      new Samples(rates))
                  .over("SQLite inserts", new Samples(floors).median()));
      setting.remember("server, after webhooks", server.process());
    }
  }

  private void add(Setting setting, String what, Unit unit, Samples samples) {
    setting.report().add(Figure.of(name(), what, unit, samples));
  }

  /** Where webhooks go, and one that is always welcome. */
  private record Hook(String path, String secret, Delivery example) {
    /** As if the forge sent it for the {@code number}th time with something else in it. */
    Delivery sent(int number) {
      String body = "{\"number\":" + number + "," + example.body().substring(1);
      return new Delivery(example.kind(), example.url(), example.event(), "d" + number, body, "")
          .signed(secret);
    }
  }

  private static Hook hook(ForgeDouble forge, Server server) throws IOException {
    Account owner = forge.account("owner");
    Account developer = forge.account("developer");
    Repo repo = forge.repository(owner, "app", false);
    forge.permit(repo, developer, "write");
    forge.push(
        repo,
        "main",
        owner,
        Map.of(
            ".holdfast/bench.yaml",
            """
            name: bench
            on: manual
            jobs:
              job: {steps: [{name: nothing, run: 'true'}]}
            """));
    try (Api api = server.connect()) {
      var fields = new LinkedHashMap<String, Json>();
      fields.put("name", new Json.Str("app"));
      fields.put("kind", new Json.Str("github"));
      fields.put("api", new Json.Str(forge.api()));
      fields.put("repository", new Json.Str(repo.fullName()));
      fields.put("token", new Json.Str(owner.token()));
      Doc added = api.post("/api/v1/forge-repositories", JsonText.utf8(new Json.Obj(fields)));
      String secret = added.text("secret");
      forge.holdBack(true);
      forge.webhook(repo, server.url() + added.text("hook"), secret);
      forge.push(repo, "topic", developer, Map.of("file", "x\n"));
      return new Hook(added.text("hook"), secret, forge.newest());
    }
  }

  private static List<Double> oneByOne(Server server, Hook hook, int from, int count)
      throws IOException {
    var millis = new ArrayList<Double>();
    try (Connection connection = Connection.open(server.address(), "")) {
      for (int i = 0; i < count; i++) {
        Delivery delivery = hook.sent(from + i);
        long begun = System.nanoTime();
        send(connection, hook, delivery);
        millis.add((System.nanoTime() - begun) / 1e6);
      }
    }
    return millis;
  }

  /** Answers how many in a second. */
  private static double atOnce(Server server, Hook hook, int from, int count) throws Exception {
    try (var senders = Executors.newFixedThreadPool(SENDERS)) {
      var all = new ArrayList<Callable<Integer>>();
      for (int sender = 0; sender < SENDERS; sender++) {
        int first = from + sender;
        all.add(() -> {
          int done = 0;
          try (Connection connection = Connection.open(server.address(), "")) {
            for (int i = first; i < from + count; i += SENDERS) {
              send(connection, hook, hook.sent(i));
              done++;
            }
          }
          return done;
        });
      }
      long begun = System.nanoTime();
      int done = 0;
      for (Future<Integer> sender : senders.invokeAll(all)) {
        done += sender.get();
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (done != count) {
        throw new IOException(done + " of " + count + " webhooks were answered");
      }
      return done / seconds;
    }
  }

  private static void send(Connection connection, Hook hook, Delivery delivery) throws IOException {
    Answer answer =
        connection
            .call(
                "POST",
                hook.path(),
                Map.of(
                    "X-GitHub-Event",
                    delivery.event(),
                    "X-Hub-Signature-256",
                    delivery.signature()),
                delivery.body().getBytes(StandardCharsets.UTF_8))
            .orThrow("a webhook");
    if (!Doc.of(answer.body()).text("state").equals("accepted")) {
      throw new IOException(
          "a webhook was not accepted: " + new String(answer.body(), StandardCharsets.UTF_8));
    }
  }
}
