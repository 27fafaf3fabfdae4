package dev.holdfast.probe.lab;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressRecord;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An agent's egress as a process in a lab's host, told what to do line by line; words by tabs. */
public final class EgressDriver {
  private static final Map<String, EgressSession> SESSIONS = new ConcurrentHashMap<>();
  private static @Nullable Egress egress;

  private EgressDriver() {}

  public static void main(String[] arguments) throws Exception {
    // What is logged must not come between the answers.
    PrintStream answers = System.out;
    System.setOut(System.err);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = obey(line.split("\t", -1));
      } catch (EgressUnavailable e) {
        answer = "failed\t" + e.getMessage();
      }
      answers.println(answer.replace('\n', ' '));
    }
  }

  private static String obey(String[] words) throws Exception {
    return switch (words[0]) {
      case "start" -> start(words);
      case "open" -> open(words[1], Long.parseLong(words[2]));
      case "close" -> close(words[1]);
      case "verify" -> "ok\t" + running().verify();
      case "remarks" -> String.join(" | ", running().remarks());
      case "stop" -> {
        running().close();
        yield "ok";
      }
      case "many" -> many(Arrays.copyOfRange(words, 1, words.length));
      default -> "?";
    };
  }

  private static Egress running() {
    Egress now = egress;
    if (now == null) {
      throw new IllegalStateException("start was not said");
    }
    return now;
  }

  /** {@code start AGENT MISSING,... MODE ZONE,... RULE...}. */
  private static String start(String[] words) throws EgressUnavailable {
    Set<Protection> missing =
        Arrays.stream(words[2].split(","))
            .filter(w -> !w.isEmpty())
            .map(Protection::valueOf)
            .collect(Collectors.toSet());
    List<String> rules = List.of(words).subList(5, words.length);
    var policy =
        new EgressPolicy(
            List.of(EgressPolicy.Part.parse(Scope.everyJob(), Optional.of(words[3]), rules)),
            Arrays.stream(words[4].split(",")).filter(w -> !w.isEmpty()).toList());
    egress =
        Egress.start(
            new EgressSettings(
                words[1],
                policy,
                EgressSettings.JOBS4,
                List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
                missing.isEmpty() ? Wall.whole() : Wall.without(missing),
                true));
    return "ok\t" + egress.resolver();
  }

  private static JobRules rules() {
    return running().rulesFor(new Scope.JobScope("pool", "shop", "release"));
  }

  private static String open(String attempt, long pid) throws EgressUnavailable {
    EgressSession session = running().open(attempt, pid, rules());
    SESSIONS.put(attempt, session);
    return "ok\t"
        + session.link().orElse("-")
        + "\t"
        + session.address4().map(Object::toString).orElse("-")
        + "\t"
        + session.address6().map(Object::toString).orElse("-");
  }

  private static EgressSession ended(String attempt) {
    EgressSession session = SESSIONS.remove(attempt);
    if (session == null) {
      throw new IllegalStateException(attempt + " was not opened");
    }
    return session;
  }

  private static String close(String attempt) throws EgressUnavailable {
    EgressRecord record = ended(attempt).close();
    var said = new ArrayList<String>();
    record
        .contacts()
        .forEach(c ->
            said.add(
                "%s %s %s %d %s %d"
                    .formatted(
                        c.allowed() ? "allowed" : "refused",
                        c.address(),
                        c.protocol(),
                        c.port(),
                        c.name().orElse("-"),
                        c.packets())));
    record.names().forEach(n -> said.add((n.allowed() ? "name " : "noname ") + n.name()));
    said.add("unlisted " + record.unlistedPackets());
    return String.join("\t", said);
  }

  /** Opens a session for each pid at once, closes them all, and says how long each took. */
  private static String many(String[] pids) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long before = System.nanoTime();
      var opening = new ArrayList<Future<Long>>();
      for (String pid : pids) {
        opening.add(
            threads.submit(() -> {
              long start = System.nanoTime();
              SESSIONS.put(pid, running().open(pid, Long.parseLong(pid), rules()));
              return System.nanoTime() - start;
            }));
      }
      var took = new ArrayList<Long>();
      for (Future<Long> one : opening) {
        took.add(one.get());
      }
      long opened = System.nanoTime();
      var closing = new ArrayList<Future<EgressRecord>>();
      for (String pid : pids) {
        closing.add(threads.submit(() -> ended(pid).close()));
      }
      for (Future<EgressRecord> one : closing) {
        one.get();
      }
      took.sort(null);
      return "ok\topened %d in %d ms, each %d ms (median), %d ms (most); closed in %d ms"
          .formatted(
              pids.length,
              (opened - before) / 1_000_000,
              took.get(took.size() / 2) / 1_000_000,
              took.getLast() / 1_000_000,
              (System.nanoTime() - opened) / 1_000_000);
    }
  }
}
