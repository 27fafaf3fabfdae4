package dev.holdfast.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is on the host's disk after a step was given a secret, and server and agent were killed so
 * that the kernel would write their memory down.
 */
class NothingLeftOfSecretsTest {
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        deploy:
          steps:
            - run: 'echo "it is $TOKEN."; printf %s "$TOKEN" | base64 -w0; echo; echo held; sleep 120'
              secrets: TOKEN
      """;

  /** Private and shared memory that is no file's. */
  private static final int OWN_MEMORY = 0b11;

  @TempDir Path folder;

  private final String value = "c4n4ry-" + UUID.randomUUID();

  @BeforeEach
  void letCoresBeWritten() throws Exception {
    assumeTrue(
        ProcessHandle.current().info().user().filter("root"::equals).isPresent(),
        "only root may look into the agent's memory, and raise limits");
    Cores.assumeTheyAreWrittenBesides();
    Cores.limit("unlimited:unlimited");
  }

  @AfterEach
  void asBefore() throws Exception {
    Cores.limit("0:unlimited");
  }

  @Test
  void serverAndAgentThatAreKilledWhileAStepHoldsASecret_leaveNothingOfItOnTheDisk()
      throws Exception {
    Backend.NAMESPACES.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      Running agent = holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      Path file = Files.writeString(folder.resolve("value"), value);
      holdfast
          .cli("secret", "set", "TOKEN", "--repository", "app", "--from-file", file.toString())
          .ok();
      Files.delete(file);
      repository.write(".holdfast/ci.yaml", WORKFLOW).commit("the first");
      repository.push("main");

      String attempt = awaitAttempt(holdfast);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> new String(holdfast.log(attempt), UTF_8).contains("held\n"));
      assertThat(new String(holdfast.log(attempt), UTF_8))
          .contains("it is ***.")
          .doesNotContain(value)
          .doesNotContain(Base64.getEncoder().encodeToString(value.getBytes(UTF_8)));
      // The control: what a core of the agent would have shown.
      assertThat(Memory.of(agent.pid(), new Hunt(Map.of("secret", value)))).contains("secret");

      // A host that hands cores to a program gets files that are mapped, and no other memory.
      assertThat(dumped(agent.pid()) & OWN_MEMORY).isZero();
      assertThat(dumped(holdfast.server().pid()) & OWN_MEMORY).isZero();
      assertThat(dumped(ProcessHandle.current().pid()) & OWN_MEMORY).isEqualTo(OWN_MEMORY);

      String token = Files.readString(folder.resolve("one.token")).strip();
      Files.delete(folder.resolve("one.token"));
      agent.signal("ABRT");
      holdfast.server().signal("ABRT");
      await().atMost(Duration.ofSeconds(30)).until(() -> !agent.alive());
      await().atMost(Duration.ofSeconds(30)).until(() -> !holdfast.server().alive());

      assertThat(Cores.in(folder)).isEmpty();
      var hunt = new Hunt(Map.of("secret", value, "agent's token", token));
      assertThat(hunt.in(holdfast.data())).isEmpty();
      assertThat(inAgentsFolder(hunt, holdfast.agentData("one").resolve("agent"))).isEmpty();
      for (Path area : Cores.swap()) {
        assertThat(hunt.inFile(area)).isEmpty();
      }
      // The control: the hunt finds what is there, as base64 as well.
      Files.writeString(
          holdfast.data().resolve("planted"),
          Base64.getEncoder().encodeToString(("a" + value).getBytes(UTF_8)));
      assertThat(hunt.in(holdfast.data()))
          .hasSize(1)
          .allMatch(found -> found.endsWith("in planted"));
      removeTheJobsPlaces(holdfast);
    }
  }

  /** An agent that starts where one was killed removes what its jobs left. */
  private static void removeTheJobsPlaces(Installation holdfast) throws Exception {
    holdfast.restartServer();
    holdfast.cli("cancel", "app#1").ok();
    holdfast.startAgent("one", Backend.NAMESPACES, 1);
    assertThat(Host.traces(holdfast.agentData("one"))).isEmpty();
  }

  @Test
  void positiveControl_aProcessThatHoldsASecretAndIsKilledSo_leavesIt() throws Exception {
    var builder =
        new ProcessBuilder("sh", "-c", "kill -ABRT $$").directory(folder.toFile()).inheritIO();
    builder.environment().put("TOKEN", value);
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Cores.in(folder)).isNotEmpty();
    assertThat(new Hunt(Map.of("secret", value)).in(folder)).isNotEmpty();
  }

  /** Which kinds of a process's memory are in its core: bits, as core(5) has them. */
  private static int dumped(long pid) throws IOException {
    return Integer.parseInt(
        Files.readString(Path.of("/proc/" + pid + "/coredump_filter")).strip(), 16);
  }

  private static String awaitAttempt(Installation holdfast) throws Exception {
    List<Json> runs = holdfast.awaitQueued("app", 1);
    String id = Api.string(runs.getFirst(), "id");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !new Run(holdfast.run(id)).attempts("deploy").isEmpty());
    return new Run(holdfast.run(id)).lastAttempt("deploy");
  }

  /**
   * All but the job's own places, which are on a disk of gigabytes that the agent removes when it
   * starts the next time: what a step writes there is up to it.
   */
  static List<String> inAgentsFolder(Hunt hunt, Path place) throws IOException {
    var found = new ArrayList<String>();
    try (var entries = Files.list(place)) {
      for (Path entry : entries.filter(one -> !one.endsWith("job")).toList()) {
        found.addAll(hunt.in(entry));
      }
    }
    return found;
  }
}
