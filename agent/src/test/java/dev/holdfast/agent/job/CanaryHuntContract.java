package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Twenty canary secrets of many shapes, a job that declares one, and a hunter in each of its steps
 * that searches every environment, command line, memory, descriptor, file and socket it can reach.
 * The hunter prints numbers of canaries and where it found them, never what they are.
 */
@Timeout(300)
abstract class CanaryHuntContract {
  private static final int GIVEN = 7;
  private static final String HUNT = "perl hunt.pl\n";
  private static final Pattern FOUND = Pattern.compile("FOUND (\\d\\d) (.*)");

  private Path data = Path.of("/nowhere");
  private final Heard heard = new Heard();
  private final List<String> canaries = canaries();

  /** One that the agent's own process holds, and its data folder, as it does its token. */
  private final String agents = mark(99) + UUID.randomUUID();

  abstract SandboxBackend backend(Path data) throws Exception;

  private static String mark(int number) {
    return String.join("", "k4n", "4ry", "-") + String.format("%02d", number);
  }

  private static List<String> canaries() {
    var all = new ArrayList<String>();
    for (int i = 0; i < 20; i++) {
      String core = mark(i) + "-" + UUID.randomUUID();
      all.add(
          switch (i % 10) {
            case 0 -> core;
            case 1 -> "{\"token\": \"" + core + "\"}";
            case 2 ->
                "-----BEGIN KEY-----\n" + core + "\n" + "QUJD\n".repeat(40) + "-----END KEY-----\n";
            case 3 -> "postgres://user:" + core + "@db:5432/x?a=b&c=%20";
            case 4 -> "'" + core + "\"$(id)`\\";
            case 5 -> core + "x".repeat(30_000);
            case 6 -> "é漢 " + core + " \t ";
            case 7 -> "AKIA/" + core + "+/==";
            case 8 -> "\n\n" + core + "\n";
            default -> core.substring(0, 12) + "-".repeat(3000) + core;
          });
    }
    return all;
  }

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "only root can look into the runner from outside");
    data = TestWorkshop.data();
    Files.writeString(data.resolve("agent.token"), agents);
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private SecretSource source() {
    return lease ->
        new AgentApi.Secrets(
            List.of(
                new AgentApi.GivenSecret(
                    name(GIVEN),
                    Base64.getEncoder().encodeToString(canaries.get(GIVEN).getBytes(UTF_8)))),
            List.of());
  }

  private static SecretName name(int number) {
    return new SecretName("CANARY_" + number);
  }

  private static Step step(String name, String script) {
    return new Step.Command(
        name, script, Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Step given(String name, String script) {
    return new Step.Command(
        name,
        script,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("CANARY", name(GIVEN)),
        Optional.empty());
  }

  private Workshop workshop(SandboxBackend backend, RunnerDistribution distribution)
      throws Exception {
    byte[] hunt;
    try (var in = CanaryHuntContract.class.getResourceAsStream("hunt.pl")) {
      hunt = java.util.Objects.requireNonNull(in).readAllBytes();
    }
    return TestWorkshop.of(
        data,
        backend,
        (from, workspace) -> {
          try {
            Files.write(workspace.resolve("hunt.pl"), hunt);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        distribution);
  }

  private void run(RunnerDistribution distribution, Step... steps) throws Exception {
    Lease lease = Jobs.lease(Optional.empty(), List.of(steps), Optional.empty());
    try (SandboxBackend backend = backend(data)) {
      new JobExecution(lease, workshop(backend, distribution), heard, new Masker(), source()).run();
    }
    assertThat(heard.outcome()).as(heard.log()).isEqualTo(new Outcome.Succeeded());
  }

  /** What was found between two lines of the log, by canary. */
  private Map<Integer, Set<String>> found(String from, String to) {
    String log = heard.log();
    int start = log.indexOf(from + "\n");
    int end = log.indexOf(to + "\n");
    assertThat(start).as(log).isNotNegative();
    assertThat(end).as(log).isGreaterThan(start);
    String part = log.substring(start, end);
    assertThat(part).contains("LOOKED ");
    var all = new LinkedHashMap<Integer, Set<String>>();
    Matcher matcher = FOUND.matcher(part);
    while (matcher.find()) {
      all.computeIfAbsent(Integer.parseInt(matcher.group(1)), key -> new LinkedHashSet<>())
          .add(matcher.group(2));
    }
    return all;
  }

  @Test
  void theHunterFindsTheOneThatItsStepWasGiven_andNothingBeforeOrAfter() throws Exception {
    run(
        TestWorkshop.built(),
        step("before", "echo == before\n" + HUNT + "echo == lurker\n" + lurker() + "sleep 1\n"),
        given("during", "echo == during\n" + HUNT + "sleep 1\n"),
        step("after", "echo == after\n" + HUNT + "echo == lurked\ncat /tmp/lurked\necho == end\n"));

    assertThat(found("== before", "== lurker")).isEmpty();
    Map<Integer, Set<String>> during = found("== during", "== after");
    assertThat(during.keySet()).containsExactly(GIVEN);
    assertThat(during.get(GIVEN))
        .contains("environ of sh", "environ of perl", "memory of sh")
        .allMatch(place -> place.matches("(environ|memory) of (sh|dash|perl|bash|busybox)"));
    assertThat(found("== after", "== lurked")).isEmpty();
    assertThat(found("== lurked", "== end")).isEmpty();
    // What stays on the host: the agent's folder, where it says its own.
    assertThat(filesWithMark()).containsExactly(data.resolve("agent.token"));
  }

  /** As a poisoned dependency would: left behind by a step, it waits for what later ones hold. */
  private static String lurker() {
    return "(setsid sh -c 'while :; do perl hunt.pl >>/tmp/lurked 2>&1; sleep 0.2; done' >/dev/null"
        + " 2>&1 &)\n";
  }

  @Test
  void positiveControl_whatAStepLeftBehind_readsTheVariablesOfLaterSteps() throws Exception {
    run(
        TestWorkshop.built(),
        step("before", lurker()),
        step(
            "during",
            "P=$(printf '%s%s' k4n 4ry-)10 sh -c 'n=0; until grep -q environ.of.sh /tmp/lurked || [ $n ="
                + " 600 ]; do n=$((n+1)); sleep 0.1; done; :'\n"),
        step("after", "echo == lurked\ncat /tmp/lurked\necho == end\n"));
    assertThat(found("== lurked", "== end").get(10)).contains("environ of sh");
  }

  @Test
  void positiveControl_theHunterFindsWhatIsPlanted_inEveryPlace() throws Exception {
    String m = "$(printf '%s%s' k4n 4ry-)";
    run(
        TestWorkshop.built(),
        step(
            "plant",
            "P="
                + m
                + "10 sleep 60 &\n"
                + "sh -c 'sleep 60; :' x "
                + m
                + "11 &\n"
                + "perl -e '$v = join(\"\", \"k4n\", \"4ry-\", 12); sleep 60' &\n"
                + "echo "
                + m
                + "13 >/tmp/planted\n"
                + "(exec 9<>/tmp/open; echo "
                + m
                + "14 >&9; rm /tmp/open; exec sleep 60) &\n"
                + "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S,"
                + " sockaddr_un(\"/tmp/s\")); listen(S, 5); while (accept(C, S)) { syswrite(C,"
                + " join(\"\", \"k4n\", \"4ry-\", 15)); close(C) }' &\n"
                + ": >/tmp/"
                + m
                + "16\nsleep 1\n"
                + "echo == planted\n"
                + HUNT
                + "echo == end\n"));

    Map<Integer, Set<String>> all = found("== planted", "== end");
    assertThat(all.keySet()).contains(10, 11, 12, 13, 14, 15, 16);
    assertThat(all.get(10)).contains("environ of sleep");
    assertThat(all.get(11)).contains("cmdline of sh");
    assertThat(all.get(12)).contains("memory of perl");
    assertThat(all.get(13)).contains("file");
    assertThat(all.get(14)).contains("descriptor of sleep");
    assertThat(all.get(15)).contains("socket");
    assertThat(all.get(16)).contains("name of a file");
  }

  @Test
  void positiveControl_whereTheRunnersProgramIsReadable_itsMemoryIsTheStepsToRead()
      throws Exception {
    Path copy = Files.createTempDirectory("hf-readable");
    try {
      var built = TestWorkshop.built();
      assertThat(
              new ProcessBuilder("cp", "-a", built.directory() + "/.", copy.toString())
                  .inheritIO()
                  .start()
                  .waitFor())
          .isZero();
      new ProcessBuilder("chmod", "0755", copy.toString(), copy + "/java/bin/java")
          .start()
          .waitFor();
      run(
          new RunnerDistribution(copy, built.version()),
          given("during", "echo == during\n" + HUNT + "echo == end\n"));
      assertThat(found("== during", "== end").get(GIVEN)).contains("memory of java");
    } finally {
      new ProcessBuilder("rm", "-rf", copy.toString()).start().waitFor();
    }
  }

  /** From outside, as root: the runner has the value while the step runs, and not after. */
  @Test
  void afterTheStep_theRunnersMemoryHoldsNothingOfIt() throws Exception {
    var counts = new LinkedHashMap<String, Integer>();
    var looker =
        new Thread(() -> {
          try {
            count(counts, "during");
            count(counts, "after");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    looker.start();
    run(
        TestWorkshop.built(),
        given(
            "during", "touch /workspace/during\nwhile [ ! -e during.seen ]; do sleep 0.1; done\n"),
        step("after", "touch /workspace/after\nwhile [ ! -e after.seen ]; do sleep 0.1; done\n"));
    looker.join();
    assertThat(counts.get("during")).isPositive();
    assertThat(counts.get("after")).isZero();
  }

  private void count(Map<String, Integer> counts, String when) throws IOException {
    String inside = "/root/workspace/" + when;
    while (true) {
      for (Path process : runners()) {
        Path marker = Path.of(process + inside);
        if (Files.exists(marker)) {
          counts.put(when, occurrences(process, canaries.get(GIVEN)));
          Files.createFile(Path.of(marker + ".seen"));
          return;
        }
      }
      Thread.onSpinWait();
    }
  }

  private static List<Path> runners() throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        try {
          if (Files.readString(process.resolve("cmdline"), ISO_8859_1)
              .startsWith("/opt/holdfast/java/bin/java\0")) {
            found.add(process);
          }
        } catch (IOException e) {
          // It has ended.
        }
      }
    }
    return found;
  }

  private static int occurrences(Path process, String value) throws IOException {
    int found = 0;
    String wanted = new String(value.getBytes(UTF_8), ISO_8859_1);
    try (var memory = new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
      for (String line : Files.readAllLines(process.resolve("maps"), ISO_8859_1)) {
        Matcher range = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r.*").matcher(line);
        if (!range.matches() || line.contains("[v")) {
          continue;
        }
        long at = Long.parseLong(range.group(1), 16);
        long end = Long.parseLong(range.group(2), 16);
        byte[] piece = new byte[1 << 20];
        while (at < end) {
          int n;
          try {
            memory.seek(at);
            n = memory.read(piece, 0, (int) Math.min(piece.length, end - at));
          } catch (IOException e) {
            // Nothing is behind this part of the range.
            n = 0;
          }
          String text = new String(piece, 0, Math.max(0, n), ISO_8859_1);
          for (int i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + 1)) {
            found++;
          }
          at += piece.length;
        }
      }
    }
    return found;
  }

  private Set<Path> filesWithMark() throws IOException {
    String wanted = mark(0).substring(0, mark(0).length() - 2);
    var found = new TreeSet<Path>();
    try (var all = Files.walk(data)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, ISO_8859_1).contains(wanted)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
