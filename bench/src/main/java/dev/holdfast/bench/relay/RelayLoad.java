package dev.holdfast.bench.relay;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.SqliteLoops;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.model.wire.relay.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The relay over SQLite: posts of 8 KiB, the size of a push, until they are answered, which is when
 * they are sealed and on disk; how soon a puller that waits has one; what 2,000 tenants that wait
 * cost; a gigabyte after an outage; and one tenant's time while another posts as fast as it can.
 * Posts, pulls and the relay share the machine.
 */
public final class RelayLoad implements Measurement {
  private static final int BODY = 8 * 1024;
  private static final int SENDERS = 8;
  private static final int AT_ONCE = 4000;
  private static final int ROUNDS = 3;
  private static final int ONE_BY_ONE = 1000;
  private static final int FLOOR = 2000;
  private static final int TENANTS = 2000;
  private static final int LARGE = 1024 * 1024;
  private static final int BACKLOG = 1024;
  private static final int ABUSERS = 4;

  /** Alone and beside in turn, so that what else the machine does is felt by both. */
  private static final int TURNS = 5;

  private static final int QUIET_POSTS = 200;

  /** Below 50 a second, which is what a source may. */
  private static final long QUIET = 25;

  /** Less than a pull waits. */
  private static final long ALL_WAIT_SECONDS = 50;

  private static final long ONE_SECONDS = 60;

  /** Our own addresses count as a proxy's, and no source is too fast: load, not limits. */
  private static final String[] UNLIMITED = {
    "--proxy",
    "127.0.0.0/8",
    "--source-rate",
    "100000",
    "--address-rate",
    "1000000",
    "--keep-count",
    "1000000",
    "--keep-mib",
    "4096"
  };

  @Override
  public String name() {
    return "relay";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    Path folder = setting.scratch().folder("relay");
    setting.part(name() + " load", () -> load(setting, folder.resolve("load")));
    setting.part(name() + " inbox", () -> inbox(setting, folder.resolve("inbox")));
    setting.part(name() + " tenants", () -> tenants(setting, folder.resolve("tenants")));
    setting.part(name() + " backlog", () -> backlog(setting, folder.resolve("backlog")));
    setting.part(name() + " abuse", () -> abuse(setting, folder.resolve("abuse")));
  }

  private void add(Setting setting, String what, Unit unit, Samples samples) {
    setting.report().add(Figure.of(name(), what, unit, samples));
  }

  private static byte[] body(int size, int number) {
    byte[] body = new byte[size];
    java.util.Arrays.fill(body, (byte) 'x');
    body[0] = (byte) number;
    return body;
  }

  /** Each post has a connection of its own, as the relay wants it. */
  private static void kept(RelayHost relay, RelayHost.Tenant tenant, byte[] body)
      throws IOException {
    try (Connection connection = relay.ingress()) {
      int status =
          connection
              .call(
                  "POST",
                  tenant.path(),
                  Map.of(
                      "X-GitHub-Event", "push", "X-Hub-Signature-256", "sha256=" + "0".repeat(64)),
                  body)
              .status();
      if (status != 202) {
        throw new IOException("a post was answered with " + status);
      }
    }
  }

  private void load(Setting setting, Path folder) throws Exception {
    try (RelayHost relay = RelayHost.start(setting.dist(), folder, UNLIMITED);
        SqliteLoops loops = SqliteLoops.in(folder)) {
      List<RelayHost.Tenant> tenants = relay.tenants(SENDERS);
      int round = setting.times(AT_ONCE, 80);
      setting.say("relay, " + round + " posts to warm up");
      double _ = atOnce(relay, tenants, round, BODY);
      var rates = new ArrayList<Double>();
      var floors = new ArrayList<Double>();
      for (int i = 0; i < setting.times(ROUNDS, 1); i++) {
        setting.say("relay, " + round + " posts by " + SENDERS + " senders");
        rates.add(atOnce(relay, tenants, round, BODY));
        floors.add(loops.inserts(setting.times(FLOOR, 50)));
      }
      setting
          .report()
          .add(
              Figure.of(
                      name(),
                      SENDERS + " senders at once, sealed and on disk",
                      Unit.OPERATIONS_PER_SECOND,
                      new Samples(rates))
                  .over("SQLite inserts", new Samples(floors).median()));
      int alone = setting.times(ONE_BY_ONE, 20);
      setting.say("relay, " + alone + " from post to puller");
      RelayHost.Tenant fresh = relay.tenants(1).getFirst();
      var latency = new Samples(toPuller(relay, fresh, alone, 2));
      add(setting, "from post to a puller that waits", Unit.MILLISECONDS, latency);
      add(setting, "the same, p99", Unit.MILLISECONDS, Samples.of(latency.percentile(99)));
      setting.remember("relay, after posts", relay.process());
    }
  }

  /** Answers how many in a second; each sender is a tenant's forge. */
  private static double atOnce(RelayHost relay, List<RelayHost.Tenant> tenants, int count, int size)
      throws Exception {
    try (var senders = Executors.newFixedThreadPool(tenants.size())) {
      var all = new ArrayList<Callable<Integer>>();
      for (RelayHost.Tenant tenant : tenants) {
        all.add(() -> {
          int each = count / tenants.size();
          for (int i = 0; i < each; i++) {
            kept(relay, tenant, body(size, i));
          }
          return each;
        });
      }
      long begun = System.nanoTime();
      int done = 0;
      for (Future<Integer> sender : senders.invokeAll(all)) {
        done += sender.get();
      }
      return done / ((System.nanoTime() - begun) / 1e9);
    }
  }

  /** Milliseconds from the start of a post to the end of the pull that has it, one by one. */
  private static List<Double> toPuller(
      RelayHost relay, RelayHost.Tenant tenant, int count, long pauseMillis) throws Exception {
    var millis = new ArrayList<Double>();
    try (var pulling = Executors.newSingleThreadExecutor();
        var puller = new Puller(relay, tenant)) {
      for (int i = 0; i < count; i++) {
        Future<Long> came =
            pulling.submit(() -> {
              while (puller.pull(10, Duration.ofSeconds(30)).sealed().isEmpty()) {
                // Nothing in half a minute: ask again.
              }
              return System.nanoTime();
            });
        // The puller is on its way; that it waits by now is likely, and the other case is slower.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
        long begun = System.nanoTime();
        kept(relay, tenant, body(BODY, i));
        millis.add((came.get(ONE_SECONDS, TimeUnit.SECONDS) - begun) / 1e6);
      }
    }
    return millis;
  }

  private void inbox(Setting setting, Path folder) throws Exception {
    try (RelayHost relay = RelayHost.start(setting.dist(), folder, UNLIMITED);
        ToInbox server = ToInbox.start(setting.dist(), folder.resolve("server"), relay)) {
      int count = setting.times(ONE_BY_ONE, 20);
      setting.say("relay, " + count + " from post to a server's inbox");
      List<Double> _ = server.millis(setting.times(300, 5), QUIET);
      var latency = new Samples(server.millis(count, QUIET));
      add(setting, "from post until a server shows it in its inbox", Unit.MILLISECONDS, latency);
      add(setting, "the same, p99", Unit.MILLISECONDS, Samples.of(latency.percentile(99)));
    }
  }

  private void tenants(Setting setting, Path folder) throws Exception {
    try (RelayHost relay = RelayHost.start(setting.dist(), folder, UNLIMITED)) {
      int count = setting.times(TENANTS, 50);
      setting.say("relay, " + count + " tenants");
      List<RelayHost.Tenant> tenants = relay.tenants(count);
      double before = Memory.of(relay.process().pid()).resident();
      var pullers = new ArrayList<Puller>();
      try (var pulling = Executors.newVirtualThreadPerTaskExecutor()) {
        try {
          var all = new ArrayList<Future<Batch>>();
          for (RelayHost.Tenant tenant : tenants) {
            var puller = new Puller(relay, tenant);
            pullers.add(puller);
            all.add(pulling.submit(() -> puller.pull(10, Duration.ofSeconds(60))));
          }
          long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ALL_WAIT_SECONDS);
          while (relay.metric("pulls_waiting") < count) {
            relay.process().mustLive();
            if (System.nanoTime() > end) {
              throw new IOException(
                  "only " + relay.metric("pulls_waiting") + " of " + count + " tenants wait");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
          }
          double after = Memory.of(relay.process().pid()).resident();
          add(
              setting,
              "resident, for each of " + count + " tenants that wait",
              Unit.KILOBYTES,
              Samples.of((after - before) * 1000 / count));
          add(setting, "resident, with " + count + " tenants", Unit.MEGABYTES, Samples.of(after));
          for (int i = 0; i < all.size(); i += Math.max(1, count / 20)) {
            kept(relay, tenants.get(i), body(BODY, i));
            if (all.get(i).get(30, TimeUnit.SECONDS).sealed().size() != 1) {
              throw new IOException("a tenant that waited did not have its delivery");
            }
          }
        } finally {
          for (Puller puller : pullers) {
            puller.close();
          }
        }
      }
    }
  }

  private void backlog(Setting setting, Path folder) throws Exception {
    try (RelayHost relay = RelayHost.start(setting.dist(), folder, UNLIMITED)) {
      RelayHost.Tenant tenant = relay.tenants(1).getFirst();
      int count = setting.times(BACKLOG, 16);
      setting.say("relay, a backlog of " + count + " MiB");
      double perSecond = atOnce(relay, List.of(tenant), count, LARGE);
      add(
          setting,
          "a backlog of " + count + " MiB taken in",
          Unit.MEGABYTES_PER_SECOND,
          Samples.of(perSecond * LARGE / 1e6));
      long begun = System.nanoTime();
      int got = 0;
      try (var puller = new Puller(relay, tenant)) {
        while (got < count) {
          got += puller.pull(100, Duration.ofSeconds(5)).sealed().size();
        }
        if (puller.pull(0, Duration.ZERO).head().standing().waiting() != 0) {
          throw new IOException("something is left of the backlog");
        }
      }
      add(
          setting,
          "the same fetched and acknowledged",
          Unit.MEGABYTES_PER_SECOND,
          Samples.of(1.0 * count * LARGE / 1e6 / ((System.nanoTime() - begun) / 1e9)));
      setting.remember("relay, after a backlog", relay.process());
    }
  }

  /** With the limits that a relay has where its operator says nothing. */
  private void abuse(Setting setting, Path folder) throws Exception {
    try (RelayHost relay = RelayHost.start(setting.dist(), folder)) {
      List<RelayHost.Tenant> tenants = relay.tenants(2);
      int count = setting.times(QUIET_POSTS, 20);
      int turns = setting.times(TURNS, 1);
      setting.say("relay, a quiet tenant alone and beside one that floods, " + turns + " times");
      List<Double> _ = toPuller(relay, tenants.getFirst(), setting.times(200, 5), QUIET);
      var alone = new ArrayList<Double>();
      var beside = new ArrayList<Double>();
      var floods = new ArrayList<Double>();
      for (int i = 0; i < turns; i++) {
        alone.addAll(toPuller(relay, tenants.getFirst(), count, QUIET));
        try (var flood = new Flood(relay.ingressPort(), tenants.getLast().path(), ABUSERS)) {
          beside.addAll(toPuller(relay, tenants.getFirst(), count, QUIET));
          floods.add(flood.perSecond());
        }
      }
      add(
          setting,
          "posts of the tenant that floods",
          Unit.OPERATIONS_PER_SECOND,
          new Samples(floods));
      var quiet = new Samples(alone);
      var disturbed = new Samples(beside);
      add(setting, "a quiet tenant, post to puller", Unit.MILLISECONDS, quiet);
      add(setting, "the same beside one that floods", Unit.MILLISECONDS, disturbed);
      double p99 = quiet.percentile(99);
      add(setting, "a quiet tenant, p99", Unit.MILLISECONDS, Samples.of(p99));
      setting
          .report()
          .add(
              Figure.of(
                      name(),
                      "the same beside one that floods, p99",
                      Unit.MILLISECONDS,
                      Samples.of(disturbed.percentile(99)))
                  .over("alone", p99)
                  .within(2 * p99));
    }
  }
}
