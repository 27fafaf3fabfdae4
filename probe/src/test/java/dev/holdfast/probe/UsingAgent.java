package dev.holdfast.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.HttpsReach;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.JobNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An agent in a lab's host whose jobs use a secret that they are not given. Told word by word what
 * to run, it answers how that ended, what was printed and what went on record, by tabs.
 */
public final class UsingAgent {
  static final String PUBLIC = LabAddresses.PUBLIC.getFirst();
  static final String INSIDE = "10.9.9.9";
  private static final SecretName API = new SecretName("API");

  /** URL METHOD REST [TARGET]: what is answered to a request, or that nobody listens. */
  private static final String ASK =
      """
      a=${1#http://}; h=${a%%/*}; p=/${a#*/}
      if ! timeout 5 bash -c "exec 3<>/dev/tcp/${h%:*}/${h#*:}" 2>/dev/null; then
        echo unreachable; exit 0
      fi
      exec 3<>/dev/tcp/${h%:*}/${h#*:}
      printf '%s %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' "$2" "${4:-$p$3}" "$h" >&3
      timeout 10 cat <&3 | tr -d '\\r'
      """;

  private final Workshop filtered;
  private final Workshop without;
  private final String value;

  private UsingAgent(Workshop filtered, Workshop without, String value) {
    this.filtered = filtered;
    this.without = without;
    this.value = value;
  }

  /** FOLDER, RUNNER, KEYSTORE, HUNTER, VALUE. */
  public static void main(String[] given) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    var installation =
        new Installation(
            Path.of(given[0]),
            RunnerDistribution.of(Path.of(given[1])),
            Optional.empty(),
            Optional.empty(),
            false);
    byte[] hunter = Files.readAllBytes(Path.of(given[3]));
    var policy =
        new EgressPolicy(
            List.of(
                EgressPolicy.Part.parse(
                    new Scope(Optional.empty(), Optional.of("probe"), Optional.of("opened")),
                    Optional.of("public"),
                    List.of("open " + INSIDE + " " + UsedHost.PORT)),
                EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of())),
            List.of());
    var settings =
        new EgressSettings(
            "using",
            policy,
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            Wall.whole(),
            true);
    try (var bench = new Bench(Backend.NAMESPACES, installation)) {
      bench.reconcile(Set.of());
      try (Egress egress = Egress.start(settings)) {
        var agent =
            new UsingAgent(
                workshop(bench, new FilteredNetworks(egress, "probe", reach(given[2])), hunter),
                workshop(bench, JobNetworks.none(), hunter),
                given[4]);
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          answers.println(String.join("\t", agent.run(line)));
        }
      }
    }
  }

  private static Workshop workshop(Bench bench, JobNetworks networks, byte[] hunter)
      throws Exception {
    return bench.workshop(
        bench.backend(Set.of()),
        networks,
        (_, workspace) -> {
          try {
            Files.writeString(workspace.resolve("ask.sh"), ASK);
            Files.write(workspace.resolve("hunt.pl"), hunter);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        Attacks.SMALL,
        Bench.BOUNDS);
  }

  /** With the lab's names, of which one changes each time that it is asked for. */
  private static HttpsReach reach(String keystore) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(Path.of(keystore))) {
      store.load(in, UsedHost.PASSWORD.toCharArray());
    }
    KeyStore open = KeyStore.getInstance("PKCS12");
    open.load(null, null);
    open.setCertificateEntry("a", store.getCertificate("a"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(open);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    var asked = new AtomicInteger();
    return new HttpsReach(
        name ->
            List.of(
                InetAddress.ofLiteral(
                    switch (name) {
                      case "api.example.net", "wrong.example.net" -> PUBLIC;
                      case "inside.example.net" -> INSIDE;
                      case "host.example.net" -> LabAddresses.HOST4;
                      case "rebinding.example.net" ->
                          asked.getAndIncrement() == 0 ? PUBLIC : INSIDE;
                      default -> throw new java.net.UnknownHostException(name);
                    })),
        context.getSocketFactory());
  }

  private List<String> run(String how) throws Exception {
    return switch (how) {
      case "uses" -> one("api", using("bash ask.sh $API GET hello?q=1 | rev"));
      case "reflected" -> one("api", using("bash ask.sh $API GET x | rev"));
      case "elsewhere" ->
          one(
              "api",
              using(
                  """
                  for r in ../v2/x a/../../v2 %2e%2e/v2 ..%2fv2 %252e%252e%252fv2 '..;/v2' '..\\v2' /x; do
                    bash ask.sh $API GET "$r" | head -n 1
                  done
                  bash ask.sh $API DELETE x | head -n 1
                  bash ask.sh $API GET '' https://api.example.net/v2/ | head -n 1
                  bash ask.sh $API GET '' https://other.example.net/ | head -n 1
                  bash ask.sh $API GET '' /v1/x | head -n 1
                  bash ask.sh $API GET within | head -n 1
                  """));
      case "redirected" ->
          one("api", using("bash ask.sh $API GET away; bash ask.sh $API GET x | head -n 1"));
      case "inside" -> one("inside", using("bash ask.sh $API GET x"));
      case "inside, opened" ->
          ran(
              filtered,
              named(using("bash ask.sh $API GET x | head -n 1"), "opened"),
              "inside",
              true);
      case "host" -> one("host", using("bash ask.sh $API GET x"));
      case "wrong" -> one("wrong", using("bash ask.sh $API GET x"));
      case "rebinding" ->
          one("rebinding", using("for i in 1 2; do bash ask.sh $API GET $i | head -n 1; done"));
      case "searches" -> ran(filtered, of(searching()), "api", true);
      case "searches, given" -> ran(filtered, of(searching()), "api", false);
      case "leaves a process" -> ran(filtered, of(lingering()), "api", true);
      case "no network" -> ran(without, of(using("echo started")), "api", true);
      case "another job" -> anotherJob();
      default -> throw new IllegalArgumentException(how);
    };
  }

  private static Step[] searching() {
    return new Step[] {
      step("before", "echo == before; perl hunt.pl", false),
      step("during", "echo == during; bash ask.sh $API GET x >answer; perl hunt.pl", true),
      step("after", "echo == after; perl hunt.pl", false)
    };
  }

  /**
   * It asks on and on, without the mark by which the runner knows what a step left; the second step
   * looks whether it is still there, and asks by itself.
   */
  private static Step[] lingering() {
    return new Step[] {
      step(
          "use",
          """
          echo $API >address
          (env -i API=$API PATH=$PATH setsid bash -c 'while :; do bash ask.sh $API GET linger | head -n 1 >>got; done' </dev/null >/dev/null 2>&1 &)
          until grep -qs 'HTTP/1.1 200' got; do sleep 0.1; done
          echo while it runs: 200
          """,
          true),
      step(
          "later",
          """
          cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '[l]inger' || true
          sleep 1
          bash ask.sh $(cat address) GET later
          """,
          false)
    };
  }

  private List<String> anotherJob() throws Exception {
    var hearing = new Hearing();
    Lease owner =
        of(using("bash ask.sh $API GET own | head -n 1; echo \"ADDRESS $API\"; sleep 40"));
    var execution = new JobExecution(owner, filtered, hearing, new Masker(), source("api", true));
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                execution.run();
                execution.awaitGone();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    hearing.await("ADDRESS http", 40_000);
    var found = Pattern.compile("ADDRESS (\\S+)").matcher(hearing.log());
    String address = found.find() ? found.group(1) : "http://127.0.0.1:1/";
    var all = new ArrayList<String>();
    all.add("own " + hearing.log().lines().filter(l -> l.startsWith("HTTP")).toList());
    all.addAll(
        ran(
            filtered,
            of(step("steal", "bash ask.sh " + address + " GET stolen | head -n 1", false)),
            "api",
            true));
    all.add("from the host: " + fromHost(URI.create(address)));
    execution.cancel();
    thread.join();
    return all;
  }

  private static String fromHost(URI address) {
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET "
                      + address.getPath()
                      + "host HTTP/1.1\r\nHost: "
                      + address.getAuthority()
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      return answer.length == 0
          ? "nothing"
          : new String(answer, UTF_8).lines().findFirst().orElse("");
    } catch (IOException e) {
      // Closed before it was asked anything, which some kernels tell by a reset.
      return "nothing";
    }
  }

  private List<String> one(String host, Step step) throws Exception {
    return ran(filtered, of(step), host, true);
  }

  private List<String> ran(Workshop workshop, Lease lease, String host, boolean forUse)
      throws Exception {
    var hearing = new Hearing();
    var execution = new JobExecution(lease, workshop, hearing, new Masker(), source(host, forUse));
    execution.run();
    execution.awaitGone();
    var all = new ArrayList<String>();
    all.add(hearing.outcome().toString());
    hearing
        .log()
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("holdfast: the secret "))
        .forEach(all::add);
    for (AttemptEvent event : hearing.events()) {
      if (event instanceof AttemptEvent.SecretUsed used) {
        all.add(
            "USED "
                + used.name()
                + " "
                + used.method()
                + " "
                + used.host()
                + used.path()
                + " "
                + used.status());
      }
    }
    return all;
  }

  private SecretSource source(String host, boolean forUse) {
    String base64 = Base64.getEncoder().encodeToString(value.getBytes(UTF_8));
    SecretUse use =
        SecretUse.parse(
            "https://" + host + ".example.net:" + UsedHost.PORT + "/v1/",
            "Authorization: Bearer {}",
            SecretUse.READING,
            List.of());
    return lease ->
        lease.job().job().secretNames().isEmpty()
            ? new AgentApi.Secrets(List.of(), List.of())
            : forUse
                ? new AgentApi.Secrets(
                    List.of(), List.of(), List.of(new AgentApi.UsableSecret(API, base64, use)))
                : new AgentApi.Secrets(List.of(new AgentApi.GivenSecret(API, base64)), List.of());
  }

  private static Step using(String script) {
    return step("use", script, true);
  }

  private static Step step(String name, String script, boolean secret) {
    return new Step.Command(
        name,
        script,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        secret ? Map.of("API", API) : Map.of(),
        Optional.empty());
  }

  private static Lease of(Step... steps) {
    return SteppedLease.of("probe", steps);
  }

  private static Lease named(Step step, String workflow) {
    return SteppedLease.of(workflow, step);
  }
}
