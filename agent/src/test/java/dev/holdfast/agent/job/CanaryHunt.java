package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.policy.PolicyFile;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

/**
 * Twenty canary secrets of many shapes, a job that declares one, and a hunter in each of its steps
 * that searches every environment, command line, memory, descriptor, file and socket it can reach.
 * The hunter prints numbers of canaries and where it found them, never what they are.
 */
abstract class CanaryHunt {
  static final int GIVEN = 7;
  static final String HUNT = "perl hunt.pl\n";
  private static final Pattern FOUND = Pattern.compile("FOUND (\\d\\d) (.*)");

  Path data = Path.of("/nowhere");
  private final Heard heard = new Heard();
  final List<String> canaries = canaries();

  /** One that the agent's own process holds, and its data folder, as it does its token. */
  private final String agents = mark(99) + UUID.randomUUID();

  abstract SandboxBackend backend(Path data) throws Exception;

  /** {@code lease}, as jobs are on this backend. */
  Lease as(Lease lease) {
    return lease;
  }

  /** What lets such jobs run here. */
  String policy() {
    return "";
  }

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
    Path token = data.resolve("agent.token");
    Files.createFile(
        token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(token, agents);
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

  static Step step(String name, String script) {
    return new Step.Command(
        name, script, Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static Step given(String name, String script) {
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
    Workshop usual =
        TestWorkshop.of(
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
    if (policy().isEmpty()) {
      return usual;
    }
    Path file = Files.createTempFile("hf-agent", ".yaml");
    try {
      Files.writeString(file, policy());
      return TestWorkshop.under(PolicyFile.read(file), usual);
    } finally {
      Files.delete(file);
    }
  }

  void run(RunnerDistribution distribution, Step... steps) throws Exception {
    Lease lease = as(Jobs.lease(Optional.empty(), List.of(steps), Optional.empty()));
    try (SandboxBackend backend = backend(data)) {
      new JobExecution(lease, workshop(backend, distribution), heard, new Masker(), source()).run();
    }
    assertThat(heard.outcome()).as(heard.log()).isEqualTo(new Outcome.Succeeded());
  }

  /** What was found between two lines of the log, by canary. */
  Map<Integer, Set<String>> found(String from, String to) {
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

  Set<Path> filesWithMark() throws IOException {
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
