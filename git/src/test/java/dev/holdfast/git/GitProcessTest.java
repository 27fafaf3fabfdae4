package dev.holdfast.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.event.CommitId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program in the place of git, which does what git does on a bad day. */
@Timeout(60)
class GitProcessTest {
  private static final Duration SHORT = Duration.ofMillis(700);

  @TempDir Path folder;

  private GitProcess program(Duration timeout, String script) throws Exception {
    Path program = folder.resolve("program");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new GitProcess(program.toString(), folder, timeout);
  }

  private GitProcess.Result run(GitProcess process, int most) throws GitFailed {
    return process.run("try it", folder, "", new byte[0], most, List.of(), List.of("x"));
  }

  @Test
  void aChildThatStaysBehindWithOpenOutputHoldsNothingUp() throws Exception {
    var process = program(Duration.ofSeconds(30), "echo out; sleep 20 & echo $! > pid");
    try {
      assertThat(run(process, 100).text()).isEqualTo("out\n");
    } finally {
      ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("pid")).strip()))
          .ifPresent(ProcessHandle::destroy);
    }
  }

  @Test
  void oneThatTakesTooLongIsAskedToEndAndMayTidyUp() throws Exception {
    var process =
        program(SHORT, "touch lock; trap 'rm lock; exit 1' TERM; while :; do sleep 0.05; done");
    assertThatThrownBy(() -> run(process, 100))
        .isInstanceOf(GitFailed.class)
        .hasMessage("cannot try it: git gave no answer within 0 s");
    assertThat(folder.resolve("lock")).doesNotExist();
  }

  @Test
  void oneThatDoesNotWantToEndIsEndedWithAllThatItStarted() throws Exception {
    var process =
        program(SHORT, "trap '' TERM; sleep 50 & echo $! > pid; while :; do sleep 0.05; done");
    assertThatThrownBy(() -> run(process, 100)).isInstanceOf(GitFailed.class);
    long child = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    ProcessHandle.of(child).ifPresent(handle -> handle.onExit().join());
  }

  @Test
  void oneThatPrintsWithoutEndIsStopped() throws Exception {
    assertThatThrownBy(() -> run(program(Duration.ofSeconds(50), "yes"), 1000))
        .isInstanceOf(GitTooLarge.class)
        .hasMessage("cannot try it: it is larger than 1000 bytes");
    assertThat(run(program(SHORT.multipliedBy(20), "printf 0123456789"), 10).text()).hasSize(10);
  }

  @Test
  void whatItSaysIsOneHarmlessLine() throws Exception {
    var process =
        program(
            Duration.ofSeconds(20), "printf 'hint: x\\nfatal: \\033[31m%0400d\\n' 1 >&2; exit 3");
    assertThatThrownBy(() -> run(process, 10))
        .message()
        .startsWith("cannot try it: fatal: ?[31m000")
        .hasLineCount(1)
        .hasSizeLessThan(330);
  }

  @Test
  void anInterruptEndsIt() throws Exception {
    var process = program(Duration.ofSeconds(50), "touch begun; exec sleep 50");
    var outcome = new java.util.concurrent.CompletableFuture<Throwable>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                run(process, 10);
              } catch (GitFailed e) {
                outcome.complete(e);
              }
            });
    while (!Files.exists(folder.resolve("begun"))) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(outcome.get()).hasMessage("cannot try it: interrupted");
  }

  @Test
  void aConversationThatIsNotAnsweredIsGivenUp() throws Exception {
    var git = new Git(program(SHORT, "exec sleep 30"));
    Files.writeString(folder.resolve("HEAD"), "");
    var commit = new CommitId("a".repeat(40));
    assertThatThrownBy(() -> git.readFolder(folder, commit, "f", 10))
        .isInstanceOf(GitFailed.class)
        .hasMessageContaining("git gave no answer within");
    var deaf = new Git(program(Duration.ofSeconds(20), "echo fatal: no >&2; exit 1"));
    assertThatThrownBy(() -> deaf.readFolder(folder, commit, "f", 10))
        .isInstanceOf(GitFailed.class)
        .hasMessageEndingWith("fatal: no");
    var absent = new Git(new GitProcess(folder + "/none", folder, SHORT));
    assertThatThrownBy(() -> absent.readFolder(folder, commit, "f", 10))
        .hasMessageContaining("git does not start");
  }
}
