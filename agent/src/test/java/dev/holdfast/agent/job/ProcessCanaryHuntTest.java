package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.process.ProcessBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Without a wall. What a job is kept from there, it is by being a user of its own: the agent, its
 * files and the jobs of other users. Not kept from it is what runs as the same user: its own later
 * steps.
 */
@Timeout(300)
class ProcessCanaryHuntTest extends CanaryHunt {
  @Override
  SandboxBackend backend(Path data) throws Exception {
    return new ProcessBackend(data, true);
  }

  @Override
  String policy() {
    return "process: allow\naccept:\n  trust: [unknown]\n";
  }

  /** All processes of the host, and where on it values could have been left. */
  private String hunt() {
    return "perl hunt.pl " + data + " /var/tmp /dev/shm /home /root /etc\n";
  }

  @Test
  void theHunterFindsTheOneThatItsStepWasGiven_andNothingBeforeOrAfterOrOfTheAgent()
      throws Exception {
    run(
        TestWorkshop.built(),
        step("before", "echo == before\n" + hunt()),
        given("during", "echo == during\n" + hunt()),
        step("after", "echo == after\n" + hunt() + "echo == end\n"));

    assertThat(found("== before", "== during")).isEmpty();
    Map<Integer, Set<String>> during = found("== during", "== after");
    assertThat(during.keySet()).containsExactly(GIVEN);
    assertThat(during.get(GIVEN))
        .contains("environ of sh", "environ of perl")
        // The runner is started by the loader there, which everybody may read, and so is the
        // runner.
        .allMatch(place -> place.matches("(environ|memory) of (sh|dash|perl|bash|ld-linux.*)"));
    assertThat(found("== after", "== end")).isEmpty();
    assertThat(filesWithMark()).containsExactly(data.resolve("agent.token"));
  }

  /** That the hunt above would find the agent's own. */
  @Test
  void positiveControl_theAgentsTokenInAFolderThatEverybodyMayRead_isFound() throws Exception {
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        data.resolve("agent.token"), PosixFilePermissions.fromString("rw-r--r--"));
    run(TestWorkshop.built(), step("look", "echo == look\n" + hunt() + "echo == end\n"));
    assertThat(found("== look", "== end").get(99)).contains("file");
  }

  /** What is not promised here, and is with a wall. */
  @Test
  void withoutAWall_whatAStepLeftBehindReadsTheVariablesOfLaterSteps() throws Exception {
    run(
        TestWorkshop.built(),
        step(
            "before",
            "(setsid sh -c 'while :; do perl hunt.pl /dev/null >>$HOME/lurked 2>&1; sleep 0.2; done'"
                + " >/dev/null 2>&1 &)\n"),
        given(
            "during",
            "n=0; until grep -q environ.of.sh $HOME/lurked || [ $n = 600 ]; do n=$((n+1)); sleep"
                + " 0.1; done\n"),
        step("after", "echo == lurked\ncat $HOME/lurked\necho == end\n"));
    assertThat(found("== lurked", "== end").get(GIVEN)).contains("environ of sh");
  }
}
