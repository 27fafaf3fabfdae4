package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.transfer.Shelf;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole jobs, by the real runner in real sandboxes. */
@Timeout(120)
abstract class JobExecutionContract {
  private Path data = Path.of("/nowhere");
  private final Heard heard = new Heard();

  abstract SandboxBackend backend(Path data) throws Exception;

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(data.resolve("job")).isEmptyDirectory();
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private Workshop workshop(SandboxBackend backend) throws Exception {
    return TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built());
  }

  private void run(Lease lease) throws Exception {
    try (SandboxBackend backend = backend(data)) {
      new JobExecution(lease, workshop(backend), heard).run();
    }
  }

  @Test
  void commandsRun_inOrderOverTheCheckout() throws Exception {
    run(
        Jobs.commands(
            "cat README; echo; echo a >made; id -u",
            "cat made; echo version=7 >>$HOLDFAST_OUTPUT"));
    assertThat(heard.log()).startsWith("of " + "a".repeat(40) + "\n").endsWith("\na\n");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.kinds())
        .containsExactly(
            "Started",
            "StepStarted",
            "StepFinished",
            "StepStarted",
            "Output",
            "StepFinished",
            "Finished");
    assertThat(((AttemptEvent.Finished) heard.events().getLast()).logLength())
        .isEqualTo(heard.logLength());
    // Again, warm, for the figures in the log.
    run(Jobs.commands("echo warm"));
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
  }

  @Test
  void aFailedStep_failsTheJobWithItsCode() throws Exception {
    run(Jobs.commands("exit 7", "echo never"));
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exitCode()).isEqualTo(7));
    assertThat(heard.log()).isEmpty();
  }

  @Test
  void theEnvironment_holdsNothingOfTheAgents() throws Exception {
    run(Jobs.commands("env"));
    assertThat(
            heard
                .log()
                .lines()
                .map(line -> line.substring(0, Math.max(0, line.indexOf('='))))
                .filter(n -> !n.startsWith("HOLDFAST")))
        .isSubsetOf("PATH", "HOME", "LANG", "TMPDIR", "CI", "PWD", "SHLVL", "_", "OLDPWD")
        .contains("PATH", "HOME", "LANG", "TMPDIR", "CI");
  }

  @Test
  void aMegabyteOfOutput_arrivesWhole() throws Exception {
    run(Jobs.commands("head -c 5000000 /dev/zero | tr '\\0' x"));
    assertThat(heard.logLength()).isEqualTo(5_000_000);
  }

  @Test
  void cancel_endsItAsCancelled() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      var execution =
          new JobExecution(Jobs.commands("echo up; sleep 600"), workshop(backend), heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.log().equals("up\n"));
      execution.cancel();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void cancelOfAJobThatIgnoresIt_endsAfterTheGrace() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      // Stopping the runner itself is what a hostile step would do.
      var execution =
          new JobExecution(
              Jobs.commands(
                  "echo up; for p in /proc/[0-9]*; do if grep -q [h]oldfast.runner.Main $p/cmdline; then kill -STOP ${p#/proc/}; fi; done; sleep 600"),
              workshop(backend),
              heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.kinds().contains("StepStarted"));
      execution.cancel();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void aLostLease_isSilent() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      var execution =
          new JobExecution(Jobs.commands("echo up; sleep 600"), workshop(backend), heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.log().equals("up\n"));
      execution.abandon();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.kinds()).doesNotContain("Finished", "StepFinished");
  }

  @Test
  void aKilledRunner_isTheJobsFaultOnceItsStepsRun() throws Exception {
    run(
        Jobs.commands(
            "for p in /proc/[0-9]*; do if grep -q [h]oldfast.runner.Main $p/cmdline; then kill -9 ${p#/proc/}; fi; done; sleep 600"));
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, f -> assertThat(f.reason()).contains("in step 1"));
  }

  @Test
  void aCommitThatIsGone_isRefusedAndAnAbsentRepositoryBroken() throws Exception {
    for (boolean lasting : new boolean[] {true, false}) {
      try (SandboxBackend backend = backend(data)) {
        var workshop =
            TestWorkshop.of(
                data,
                backend,
                (source, workspace) -> {
                  throw new CheckoutFailed("demo has no such commit", lasting, null);
                },
                TestWorkshop.built());
        new JobExecution(Jobs.commands("true"), workshop, heard).run();
      }
      assertThat(heard.outcome())
          .isEqualTo(
              lasting
                  ? new Outcome.Refused("demo has no such commit")
                  : new Outcome.Broken("demo has no such commit"));
    }
  }

  private static final Cache CACHE =
      new Cache(
          List.of("~/.m2/repository", "target/classes"),
          new CacheKey(List.of(new KeyPart.Text("maven"), new KeyPart.Files(List.of("README")))),
          List.of(),
          Optional.empty());

  private static final Artifacts.Upload JARS =
      new Artifacts.Upload(new Name("jars"), List.of("out/"), Optional.empty());

  private Heard keeping(Shelf shelf, Artifacts artifacts, String script) throws Exception {
    var own = new Heard();
    try (SandboxBackend backend = backend(data)) {
      Lease lease = Jobs.keeping(Jobs.commands(script), List.of(CACHE), artifacts);
      new JobExecution(lease, workshop(backend), own, shelf).run();
    }
    return own;
  }

  @Test
  void whatAJobKeeps_theNextOneFinds_asItsOwn() throws Exception {
    var shelf = new MemoryShelf();
    Heard first =
        keeping(
            shelf,
            new Artifacts(List.of(JARS), List.of()),
            "test ! -e ~/.m2; mkdir -p ~/.m2/repository/a target/classes out; echo jar >~/.m2/repository/a/b;"
                + " echo class >target/classes/c; chmod 700 target/classes/c; ln -s c target/classes/l;"
                + " echo artifact >out/x; echo not >beside");
    assertThat(first.outcome()).as(first.log()).isEqualTo(new Outcome.Succeeded());
    assertThat(first.log()).contains("holdfast: cache 1 is not restored: there is none");
    assertThat(shelf.asked).hasSize(5);
    assertThat(shelf.stored).hasSize(2);

    Heard second =
        keeping(
            shelf,
            new Artifacts(
                List.of(),
                List.of(
                    new Artifacts.Download(
                        new Name("jars"), Optional.empty(), Optional.of("got/here")))),
            "cat ~/.m2/repository/a/b target/classes/l got/here/out/x; test ! -e beside; test -x"
                + " target/classes/c; test -O target/classes/c; touch ~/.m2/repository/a/new");
    assertThat(second.outcome()).as(second.log()).isEqualTo(new Outcome.Succeeded());
    assertThat(second.log()).contains("jar\nclass\nartifact\n");
    // What was found by its very key is not offered again.
    assertThat(shelf.asked.subList(5, shelf.asked.size()))
        .hasSize(2)
        .allMatch(a -> a.startsWith("find"));
  }

  @Test
  void aJobThatFailed_keepsNoCache_andAnArtifactOnlyWhereItSaysSo() throws Exception {
    var shelf = new MemoryShelf();
    var always =
        new Artifacts.Upload(new Name("reports"), List.of("out/"), Optional.of(When.ALWAYS));
    Heard failed =
        keeping(
            shelf,
            new Artifacts(List.of(JARS, always), List.of()),
            "mkdir -p ~/.m2/repository out; echo x >out/x; exit 3");
    assertThat(failed.outcome()).isInstanceOf(Outcome.Failed.class);
    assertThat(shelf.asked)
        .extracting(asked -> asked.substring(0, asked.indexOf(' ')))
        .containsExactly("find", "offer", "keep");
    assertThat(shelf.stored).containsOnlyKeys("ARTIFACT 1 ");
  }

  @Test
  void anArtifactThatIsNotThere_failsTheJob_aCacheDoesNot() throws Exception {
    var shelf = new MemoryShelf();
    Heard missing =
        keeping(
            shelf,
            new Artifacts(
                List.of(),
                List.of(
                    new Artifacts.Download(new Name("jars"), Optional.empty(), Optional.empty()))),
            "echo never");
    assertThat(missing.outcome())
        .isEqualTo(new Outcome.Failed("the artifact jars is not there: there is none", 1));
    assertThat(missing.log()).doesNotContain("never\n");
    Heard empty =
        keeping(shelf, new Artifacts(List.of(JARS), List.of()), "mkdir -p ~/.m2/repository");
    assertThat(empty.outcome())
        .isEqualTo(
            new Outcome.Failed(
                "the artifact jars could not be kept: there is no file that its paths allow: out/",
                1));
    shelf.broken("the server is away");
    Heard away = keeping(shelf, new Artifacts(List.of(), List.of()), "echo runs");
    assertThat(away.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(away.log()).contains("cache 1 is not restored: the server is away");
  }

  private static Thread runs(JobExecution execution) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            execution.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
