package dev.holdfast.bench.wall;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An agent's egress in a lab's host, told what to do line by line, words by tabs; answers with the
 * nanoseconds that it took.
 */
public final class EgressAgent {
  private static final int DNS_PORT = 53;
  private static final Scope.JobScope JOB = new Scope.JobScope("bench", "bench", "bench");

  private final Map<String, EgressSession> sessions = new HashMap<>();
  private @Nullable Egress egress;

  private EgressAgent() {}

  public static void main(String[] arguments) throws IOException {
    // What is logged must not come between the answers.
    PrintStream answers = System.out;
    System.setOut(System.err);
    var agent = new EgressAgent();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      long began = System.nanoTime();
      String said;
      try {
        agent.obey(line.split("\t", -1));
        said = "ok\t" + (System.nanoTime() - began);
      } catch (EgressUnavailable e) {
        said = "failed\t" + e.getMessage();
      }
      answers.println(said.replace('\n', ' '));
    }
  }

  private void obey(String[] words) throws EgressUnavailable {
    switch (words[0]) {
      case "start" -> egress = Egress.start(settings(words[1]));
      case "open" ->
          sessions.put(
              words[1],
              running().open(words[1], Long.parseLong(words[2]), running().rulesFor(JOB)));
      case "verify" -> running().verify();
      case "close" -> {
        EgressSession session = sessions.remove(words[1]);
        if (session == null) {
          throw new IllegalStateException(words[1] + " was not opened");
        }
        session.close();
      }
      case "stop" -> running().close();
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private Egress running() {
    Egress now = egress;
    if (now == null) {
      throw new IllegalStateException("start was not said");
    }
    return now;
  }

  private static EgressSettings settings(String missing) {
    var everyJob = EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of());
    return new EgressSettings(
        "bench",
        new EgressPolicy(List.of(everyJob), List.of()),
        EgressSettings.JOBS4,
        List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), DNS_PORT)),
        missing.isEmpty() ? Wall.whole() : Wall.without(Set.of(Protection.valueOf(missing))),
        true);
  }
}
