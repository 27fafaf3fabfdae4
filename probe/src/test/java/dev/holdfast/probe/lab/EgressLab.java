package dev.holdfast.probe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.Protection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A lab with an agent's egress in its host, and jobs that are empty network namespaces. */
final class EgressLab implements AutoCloseable {
  final Lab lab = Lab.open();
  final LabProcess agent;
  String resolver = "";
  private final List<Process> jobs = new ArrayList<>();
  private final List<LabProcess> listeners = new ArrayList<>();
  private int attempts;

  EgressLab() throws IOException {
    agent = lab.startInHost(EgressDriver.class, List.of());
  }

  /** With {@code missing} left out of the wall. */
  static EgressLab started(Set<Protection> missing, String mode, String... rules)
      throws IOException {
    var lab = new EgressLab();
    try {
      lab.start(lab.agent, "agent", missing, mode, rules);
      return lab;
    } catch (RuntimeException | Error e) {
      lab.lab.close();
      throw e;
    }
  }

  void start(LabProcess process, String id, Set<Protection> missing, String mode, String... rules) {
    var words = new ArrayList<>(List.of("start", id));
    words.add(missing.stream().map(Protection::name).collect(Collectors.joining(",")));
    words.addAll(List.of(mode, "corp.example.org,corp"));
    words.addAll(Arrays.asList(rules));
    String answer = process.ask(String.join("\t", words));
    assertThat(answer).startsWith("ok\t");
    resolver = answer.substring(3);
  }

  /** A namespace with nothing but loopback, as a sandbox has before its egress is opened. */
  long namespace() throws IOException {
    Process job =
        new ProcessBuilder("unshare", "-n", "sh", "-c", "ip link set lo up; echo; exec sleep 600")
            .start();
    jobs.add(job);
    // The line says that it is in its own namespace.
    job.inputReader().readLine();
    return job.pid();
  }

  /** A job and what the agent knows of it. */
  record Job(String attempt, long pid, String link, String address4, String address6) {}

  Job open() throws IOException {
    return open(namespace());
  }

  Job open(long pid) {
    String attempt = "attempt-" + attempts++;
    String[] words = agent.ask("open\t" + attempt + "\t" + pid).split("\t");
    assertThat(words[0]).as(String.join(" ", words)).isEqualTo("ok");
    return new Job(attempt, pid, words[1], words[2], words[3]);
  }

  /** What the job contacted. */
  List<String> close(Job job) {
    String answer = agent.ask("close\t" + job.attempt());
    assertThat(answer).doesNotStartWith("failed");
    return List.of(answer.split("\t"));
  }

  /** Something that answers {@code peer} in the job's namespace. */
  void listenIn(Job job) throws IOException {
    var line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + job.pid() + "/ns/net"));
    line.addAll(LabProcess.java(LabListener.class, List.of("peer")));
    var process = LabProcess.start(line);
    listeners.add(process);
    // It answers when it listens.
    assertThat(process.ask("seen nothing")).isEqualTo("no");
  }

  /** Does {@code command} as root in the job's namespace, which a job is not. */
  void inJob(Job job, String... command) {
    var line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + job.pid() + "/ns/net"));
    line.addAll(List.of(command));
    Lab.run(line, "");
  }

  /** What answers at each of the host's addresses, and over which protocol. */
  List<Map.Entry<String, String>> hostAnswers(LabCaller caller) {
    List<String> own = List.of(LabAddresses.HOST4, LabAddresses.HOST6);
    var all = new ArrayList<>(own);
    all.addAll(List.of(resolver, "10.77.0.1", "203.0.113.77"));
    return Stream.of(caller.callAll("tcp", all), caller.callAll("udp", own))
        .flatMap(answers -> answers.entrySet().stream())
        .toList();
  }

  void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition);
  }

  /** The whole table with its elements. */
  String table() {
    return lab.runInHost("nft", "list", "table", "inet", "holdfast");
  }

  String links() {
    return lab.runInHost("ip", "-br", "link");
  }

  @Override
  public void close() {
    for (Process job : jobs) {
      job.destroyForcibly();
      job.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
    listeners.forEach(LabProcess::close);
    lab.close();
  }
}
